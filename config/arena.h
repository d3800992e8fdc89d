/* Memory that is given back all at once. */
#pragma once

#include <stddef.h>

#include "sshd/base/slice.h"

struct arena {
	struct arena_chunk *chunks;
	size_t used, capacity; /* of the newest chunk */
	size_t next_capacity;
};

/* Zeroed, aligned for every type; NULL when memory is out. Lives until arena_wipe. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy with a zero byte behind it. */
char *arena_text(struct arena *arena, struct slice text);

char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees everything; the arena is empty and usable again. AUTO-able. */
void arena_wipe(struct arena *arena);
