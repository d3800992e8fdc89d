#include "config/json.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

/* How many bytes of `text` make one well-formed character; 0: its first byte is none. */
static size_t character_len(struct slice text)
{
	for (size_t len = 1; len <= 4 && len <= text.len; len++)
		if (text_is_utf8(slice_first(text, len)))
			return len;
	return 0;
}

static enum err append_character(struct buf *out, struct slice character)
{
	uint8_t c = character.ptr[0];

	if (c == '"' || c == '\\')
		TRY(buf_append_text(out, "\\"));
	if (c < 0x20 || c == 0x7f)
		return buf_append_format(out, "\\u%04x", c);
	return buf_append(out, character);
}

enum err json_append_string(struct buf *out, struct slice text)
{
	TRY(buf_append_text(out, "\""));
	while (text.len > 0) {
		size_t len = text.ptr[0] < 0x80 ? 1 : character_len(text);

		if (len == 0)
			TRY(buf_append_text(out, "\xef\xbf\xbd"));
		else
			TRY(append_character(out, slice_first(text, len)));
		text = slice_after(text, len > 0 ? len : 1);
	}
	return buf_append_text(out, "\"");
}

enum err json_append_text(struct buf *out, const char *text)
{
	return text ? json_append_string(out, slice_text(text)) : buf_append_text(out, "null");
}

static enum err append_name(struct buf *out, bool is_first, const char *name)
{
	return buf_append_format(out, "%s\"%s\":", is_first ? "" : ",", name);
}

enum err json_append_member(struct buf *out, bool is_first, const char *name, const char *text)
{
	TRY(append_name(out, is_first, name));
	return json_append_text(out, text);
}

enum err json_append_number(struct buf *out, bool is_first, const char *name, uint64_t number)
{
	TRY(append_name(out, is_first, name));
	return buf_append_format(out, "%llu", (unsigned long long)number);
}

enum err json_append_flag(struct buf *out, bool is_first, const char *name, bool value)
{
	TRY(append_name(out, is_first, name));
	return buf_append_text(out, value ? "true" : "false");
}
