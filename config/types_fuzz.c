/* The first byte chooses a keyword, the rest is its value: accepted values print and read back. */
#include <assert.h>

#include "config/resolve.h"
#include "config/types.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_LIMIT (1u << 20)

/* The value of a line and what -T prints of it. ERR_CONFIG: it is refused, and told. */
static enum err print_value(
    const struct keyword *keyword, struct slice text, struct arena *arena, struct buf *out)
{
	AUTO(line_wipe) struct line line = {0};
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	struct value_input in = {.keyword = keyword,
	    .line = &line,
	    .file = "f",
	    .origin = {1, 1, 1},
	    .arena = arena,
	    .diagnostics = &d};
	void *value = arena_alloc(arena, keyword->type->size);
	enum err err;

	if (value == NULL || line_split(text, arena, &line) != ERR_OK || line.rest.len == 0)
		return ERR_MALFORMED;
	err = keyword->type->parse(&in, keyword->type, value);
	assert(err == ERR_OK || err == ERR_CONFIG || err == ERR_NO_MEMORY);
	assert((err == ERR_CONFIG) == diagnostics_has_errors(&d));
	TRY(err);
	if (keyword->merge == MERGE_FILL) {
		struct conf_rekey rekey = {.is_bytes_set = true, .is_seconds_set = true};

		if (keyword->id != KEYWORD_RekeyLimit)
			return ERR_MALFORMED; /* prints only after its gaps are filled */
		keyword->type->fill(value, &rekey);
	}
	if (keyword->id == KEYWORD_ListenAddress)
		return ERR_MALFORMED; /* gets its port later */
	return keyword->type->print(keyword->type, "name", value, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe)
	struct buf text = buf_empty(TEXT_LIMIT),
	           first = buf_empty(TEXT_LIMIT), second = buf_empty(TEXT_LIMIT);
	AUTO(arena_wipe) struct arena arena = {0};
	const struct keyword *keyword;
	struct slice printed, line;

	if (size < 2 || memchr(data + 1, '\n', size - 1) != NULL)
		return 0;
	keyword = keyword_of(data[0] % KEYWORD_COUNT);
	if (buf_append_text(&text, "name ") != ERR_OK ||
	    buf_append(&text, slice_over(data + 1, size - 1)) != ERR_OK)
		return 0;
	if (print_value(keyword, buf_view(&text), &arena, &first) != ERR_OK)
		return 0;
	printed = buf_view(&first);
	while (text_next_line(&printed, &line)) {
		enum err err = print_value(keyword, line, &arena, &second);

		assert(err == ERR_OK || err == ERR_NO_MEMORY);
	}
	assert(slice_equal(buf_view(&first), buf_view(&second)));
	return 0;
}
