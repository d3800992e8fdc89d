/* Growing bytes with a ceiling: appended at the end, consumed from the front. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct buf {
	uint8_t *data;
	size_t start, end; /* the content is data[start..end) */
	size_t capacity;
	size_t limit; /* the content never grows past this many bytes */
	bool is_secret; /* wiped before it is freed, moved or consumed */
};

/* An empty buffer that will hold at most `limit` bytes. Allocates nothing yet. */
struct buf buf_empty(size_t limit);
struct buf buf_empty_secret(size_t limit);

/* Frees (and wipes a secret one); the buffer is empty and usable again afterwards. AUTO-able. */
void buf_wipe(struct buf *buf);

/* The content; valid until the next call that changes the buffer. */
struct slice buf_view(const struct buf *buf);
size_t buf_len(const struct buf *buf);

/*
 * Room for at least `len` more bytes at the end, to be filled by the caller and then added
 * with buf_commit. The span may be longer than asked, but never past the limit.
 *
 * ERR_LIMIT: the content would pass the limit. ERR_NO_MEMORY.
 */
enum err buf_reserve(struct buf *buf, size_t len, struct span *room);
void buf_commit(struct buf *buf, size_t len);

enum err buf_append(struct buf *buf, struct slice bytes);
enum err buf_append_text(struct buf *buf, const char *text);
enum err buf_append_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Drops `len` bytes from the front (all of them when there are fewer). */
void buf_consume(struct buf *buf, size_t len);

/* Keeps the first `len` bytes of the content and drops what is behind. */
void buf_truncate(struct buf *buf, size_t len);

/*
 * The content as a C string that stays valid until the next change.
 *
 * ERR_MALFORMED: it holds a zero byte.
 */
enum err buf_c_string(struct buf *buf, const char **text);
