#include "sshd/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sshd/base/auto.h"

#define SMALLEST_CAPACITY 256u

struct buf buf_empty(size_t limit)
{
	return (struct buf){.limit = limit};
}

struct buf buf_empty_secret(size_t limit)
{
	return (struct buf){.limit = limit, .is_secret = true};
}

void buf_wipe(struct buf *buf)
{
	if (buf->is_secret && buf->data != NULL)
		explicit_bzero(buf->data, buf->capacity);
	free(buf->data);
	buf->data = NULL;
	buf->start = buf->end = buf->capacity = 0;
}

struct slice buf_view(const struct buf *buf)
{
	return (struct slice){buf->data + buf->start, buf->end - buf->start};
}

size_t buf_len(const struct buf *buf)
{
	return buf->end - buf->start;
}

static void move_to_front(struct buf *buf)
{
	size_t len = buf_len(buf);

	memmove(buf->data, buf->data + buf->start, len);
	if (buf->is_secret)
		explicit_bzero(buf->data + len, buf->end - len);
	buf->start = 0;
	buf->end = len;
}

/* A new home of `capacity` bytes; a plain realloc would leave a copy of secrets behind. */
static enum err move_to_larger(struct buf *buf, size_t capacity)
{
	size_t len = buf_len(buf);
	uint8_t *data = malloc(capacity);

	if (data == NULL)
		return ERR_NO_MEMORY;
	if (len > 0)
		memcpy(data, buf->data + buf->start, len);
	if (buf->is_secret && buf->data != NULL)
		explicit_bzero(buf->data, buf->capacity);
	free(buf->data);
	buf->data = data;
	buf->capacity = capacity;
	buf->start = 0;
	buf->end = len;
	return ERR_OK;
}

enum err buf_reserve(struct buf *buf, size_t len, struct span *room)
{
	size_t used = buf_len(buf);
	size_t wanted;

	if (len > buf->limit || used > buf->limit - len)
		return ERR_LIMIT;
	wanted = used + len;
	if (buf->capacity - buf->end < len) {
		if (wanted <= buf->capacity / 2) {
			move_to_front(buf);
		} else {
			size_t capacity = buf->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY
									    : buf->capacity;

			while (capacity < wanted)
				capacity *= 2;
			TRY(move_to_larger(buf, capacity));
		}
	}
	room->ptr = buf->data + buf->end;
	room->len = buf->capacity - buf->end;
	if (room->len > buf->limit - used)
		room->len = buf->limit - used;
	return ERR_OK;
}

void buf_commit(struct buf *buf, size_t len)
{
	assert(len <= buf->capacity - buf->end);
	buf->end += len;
}

enum err buf_append(struct buf *buf, struct slice bytes)
{
	struct span room;

	if (bytes.len == 0)
		return ERR_OK;
	TRY(buf_reserve(buf, bytes.len, &room));
	memcpy(room.ptr, bytes.ptr, bytes.len);
	buf_commit(buf, bytes.len);
	return ERR_OK;
}

enum err buf_append_text(struct buf *buf, const char *text)
{
	return buf_append(buf, slice_text(text));
}

enum err buf_append_format(struct buf *buf, const char *format, ...)
{
	struct span room;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return ERR_SYSTEM;
	/* One more than the text: vsnprintf ends it with a zero byte, which is not committed. */
	TRY(buf_reserve(buf, (size_t)len + 1, &room));
	va_start(args, format);
	vsnprintf((char *)room.ptr, (size_t)len + 1, format, args);
	va_end(args);
	buf_commit(buf, (size_t)len);
	return ERR_OK;
}

void buf_consume(struct buf *buf, size_t len)
{
	if (len >= buf_len(buf))
		len = buf_len(buf);
	if (buf->is_secret && len > 0)
		explicit_bzero(buf->data + buf->start, len);
	buf->start += len;
	if (buf->start == buf->end)
		buf->start = buf->end = 0;
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len >= buf_len(buf))
		return;
	if (buf->is_secret)
		explicit_bzero(buf->data + buf->start + len, buf_len(buf) - len);
	buf->end = buf->start + len;
}

enum err buf_c_string(struct buf *buf, const char **text)
{
	struct span room;

	if (buf_len(buf) > 0 && memchr(buf->data + buf->start, 0, buf_len(buf)) != NULL)
		return ERR_MALFORMED;
	TRY(buf_reserve(buf, 1, &room));
	room.ptr[0] = 0;
	*text = (const char *)buf->data + buf->start;
	return ERR_OK;
}
