/* Pointer and length that travel together. A slice borrows: it never owns what it points to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *ptr;
	size_t len;
};

/* The same, for bytes that may be changed in place. */
struct span {
	uint8_t *ptr;
	size_t len;
};

/* A slice over listed byte values: BYTES(0, 0, 0, 1, 'h'); and over a string literal. */
#define BYTES(...)                                                                                 \
	((struct slice){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define LITERAL(text) ((struct slice){(const uint8_t *)(text), sizeof(text) - 1})
#define SLICE_OF(array) ((struct slice){(const uint8_t *)(array), sizeof(array)})

static inline struct slice slice_over(const void *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline struct slice slice_text(const char *text)
{
	return (struct slice){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline struct slice span_view(struct span span)
{
	return (struct slice){span.ptr, span.len};
}

/* Not for secrets: see compare.h. */
static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_text(text));
}

static inline bool slice_starts(struct slice a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.len >= len && memcmp(a.ptr, prefix, len) == 0;
}

/* The rest after `count` bytes; empty when there are fewer. */
static inline struct slice slice_after(struct slice a, size_t count)
{
	if (count >= a.len)
		return (struct slice){a.ptr ? a.ptr + a.len : a.ptr, 0};
	return (struct slice){a.ptr + count, a.len - count};
}

static inline struct slice slice_first(struct slice a, size_t count)
{
	return (struct slice){a.ptr, count < a.len ? count : a.len};
}
