/*
 * The bytes of one direction of a connection, worked on in place: filled at the end, used up from
 * the front. It lies on pages of its own, mapped at the first use: only touched pages cost
 * memory, nothing moves when it grows, and an idle connection gives all of it back.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct stream_buffer {
	uint8_t *data;     /* NULL until the first use */
	size_t start, end; /* the content is data[start..end) */
	size_t capacity;
	size_t touched; /* how far it was ever filled since it was mapped */
};

/* Maps nothing yet. */
struct stream_buffer stream_buffer_empty(size_t capacity);
/* Unmaps; usable again afterwards. What was in it is not readable any more. */
void stream_buffer_wipe(struct stream_buffer *buffer);

static inline size_t stream_buffer_len(const struct stream_buffer *buffer)
{
	return buffer->end - buffer->start;
}

static inline struct span stream_buffer_content(const struct stream_buffer *buffer)
{
	if (buffer->data == NULL)
		return (struct span){0};
	return (struct span){buffer->data + buffer->start, buffer->end - buffer->start};
}

/*
 * Room for `len` bytes behind the content, which moves to the front when they do not fit
 * otherwise. ERR_LIMIT: there is not that much room. ERR_NO_MEMORY.
 */
enum err stream_buffer_reserve(struct stream_buffer *buffer, size_t len, struct span *room);
void stream_buffer_commit(struct stream_buffer *buffer, size_t len);
void stream_buffer_consume(struct stream_buffer *buffer, size_t len);
