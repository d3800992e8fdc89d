#include "sshd/transport/stream_buffer.h"

#include <assert.h>
#include <sys/mman.h>

struct stream_buffer stream_buffer_empty(size_t capacity)
{
	return (struct stream_buffer){.capacity = capacity};
}

void stream_buffer_wipe(struct stream_buffer *buffer)
{
	if (buffer->data != NULL)
		munmap(buffer->data, buffer->capacity);
	*buffer = stream_buffer_empty(buffer->capacity);
}

static enum err map_pages(struct stream_buffer *buffer)
{
	void *data = mmap(
	    NULL, buffer->capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return ERR_NO_MEMORY;
	buffer->data = data;
	return ERR_OK;
}

enum err stream_buffer_reserve(struct stream_buffer *buffer, size_t len, struct span *room)
{
	size_t used = stream_buffer_len(buffer);

	if (len > buffer->capacity || used > buffer->capacity - len)
		return ERR_LIMIT;
	if (buffer->data == NULL) {
		enum err err = map_pages(buffer);

		if (err != ERR_OK)
			return err;
	}
	if (used == 0) {
		buffer->start = buffer->end = 0;
	} else if (buffer->capacity - buffer->end < len) {
		memmove(buffer->data, buffer->data + buffer->start, used);
		buffer->start = 0;
		buffer->end = used;
	}
	*room = (struct span){buffer->data + buffer->end, len};
	return ERR_OK;
}

void stream_buffer_commit(struct stream_buffer *buffer, size_t len)
{
	assert(len <= buffer->capacity - buffer->end);
	buffer->end += len;
	if (buffer->end > buffer->touched)
		buffer->touched = buffer->end;
}

void stream_buffer_consume(struct stream_buffer *buffer, size_t len)
{
	assert(len <= stream_buffer_len(buffer));
	buffer->start += len;
}
