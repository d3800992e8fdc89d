#include "privsep/monitor/environment_file.h"

#include <string.h>

static struct slice take_line(struct slice *rest)
{
	const uint8_t *end = memchr(rest->ptr, '\n', rest->len);
	struct slice line = slice_first(*rest, end != NULL ? (size_t)(end - rest->ptr) : rest->len);

	*rest = slice_after(*rest, end != NULL ? line.len + 1 : line.len);
	return line;
}

static struct slice without_indent(struct slice line)
{
	while (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
		line = slice_after(line, 1);
	return line;
}

static bool split(struct slice line, struct slice *name, struct slice *value)
{
	const uint8_t *equals;
	size_t len;

	if (line.len == 0 || line.ptr[0] == '#' || memchr(line.ptr, 0, line.len) != NULL)
		return false;
	equals = memchr(line.ptr, '=', line.len);
	if (equals == NULL || equals == line.ptr)
		return false;
	len = (size_t)(equals - line.ptr);
	*name = slice_first(line, len);
	*value = slice_after(line, len + 1);
	return true;
}

bool environment_file_next(struct slice *rest, struct slice *name, struct slice *value)
{
	while (rest->len > 0)
		if (split(without_indent(take_line(rest)), name, value))
			return true;
	return false;
}
