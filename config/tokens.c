#include "config/tokens.h"

#include "sshd/base/auto.h"

static const char *value_of(char letter, const struct token *tokens, size_t count)
{
	if (letter == '%')
		return "%";
	for (size_t i = 0; i < count; i++)
		if (tokens[i].letter == letter)
			return tokens[i].value;
	return NULL;
}

enum err tokens_expand(const char *text, const struct token *tokens, size_t count, struct buf *out)
{
	while (*text != 0) {
		size_t plain = strcspn(text, "%");
		const char *value;

		TRY(buf_append(out, slice_over(text, plain)));
		text += plain;
		if (*text == 0)
			break;
		value = text[1] != 0 ? value_of(text[1], tokens, count) : NULL;
		if (value == NULL)
			return ERR_MALFORMED;
		TRY(buf_append_text(out, value));
		text += 2;
	}
	return ERR_OK;
}
