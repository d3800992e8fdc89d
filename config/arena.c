#include "config/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define SMALLEST_CHUNK 4096u
#define LARGEST_CHUNK  (256u * 1024u)

struct arena_chunk {
	struct arena_chunk *older;
	max_align_t bytes[];
};

static bool add_chunk(struct arena *arena, size_t size)
{
	size_t capacity =
	    arena->next_capacity < SMALLEST_CHUNK ? SMALLEST_CHUNK : arena->next_capacity;
	struct arena_chunk *chunk;

	if (size > capacity)
		capacity = size;
	chunk = calloc(1, sizeof(*chunk) + capacity);
	if (chunk == NULL)
		return false;
	chunk->older = arena->chunks;
	arena->chunks = chunk;
	arena->used = 0;
	arena->capacity = capacity;
	arena->next_capacity = capacity < LARGEST_CHUNK ? 2 * capacity : LARGEST_CHUNK;
	return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	void *place;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + align - 1) / align * align;
	if (arena->chunks == NULL || arena->capacity - arena->used < size) {
		if (!add_chunk(arena, size))
			return NULL;
	}
	place = (char *)arena->chunks->bytes + arena->used;
	arena->used += size;
	return place;
}

char *arena_text(struct arena *arena, struct slice text)
{
	char *copy = text.len < SIZE_MAX ? arena_alloc(arena, text.len + 1) : NULL;

	if (copy != NULL && text.len > 0)
		memcpy(copy, text.ptr, text.len);
	return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)len + 1);
	if (text == NULL)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}

void arena_wipe(struct arena *arena)
{
	while (arena->chunks != NULL) {
		struct arena_chunk *chunk = arena->chunks;

		arena->chunks = chunk->older;
		free(chunk);
	}
	*arena = (struct arena){0};
}
