#include "privsep/sandbox/sandbox.h"

#include <stdio.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define LAYER_ROW(bit, name, word) {LAYER_##name, word},
static const struct {
	uint32_t layer;
	const char *word;
} rows[] = {LAYER_TABLE(LAYER_ROW)};

enum err layers_append(struct buf *out, uint32_t mask)
{
	const char *separator = "";

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!(mask & rows[i].layer))
			continue;
		TRY(buf_append_format(out, "%s%s", separator, rows[i].word));
		separator = ", ";
	}
	return ERR_OK;
}

void layers_format(uint32_t mask, char text[static LAYERS_TEXT_SIZE])
{
	snprintf(text, LAYERS_TEXT_SIZE, "%u", mask);
}

enum err layers_parse(const char *text, uint32_t *mask)
{
	uint64_t value = 0;

	TRY(text_parse_u64(slice_text(text), LAYERS_ALL, &value));
	if ((value & LAYERS_REQUIRED) != LAYERS_REQUIRED)
		return ERR_MALFORMED;
	*mask = (uint32_t)value;
	return ERR_OK;
}
