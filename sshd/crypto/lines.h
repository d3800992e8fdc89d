/* Lines of a text, one after the other. Inside this room only. */
#pragma once

#include "sshd/base/slice.h"

/* Takes the next line off the text, without its end (LF or CR LF). False at the end of the text. */
static inline bool line_next(struct slice *text, struct slice *line)
{
	const uint8_t *newline;

	if (text->len == 0)
		return false;
	newline = memchr(text->ptr, '\n', text->len);
	*line = newline != NULL ? slice_first(*text, (size_t)(newline - text->ptr)) : *text;
	*text = slice_after(*text, line->len + 1);
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}
