/* Bytes from hex text, for published vectors. */
#pragma once

#include <stdio.h>

#include "sshd/base/slice.h"
#include "tests/support/keep.h"

/* A writable copy of the bytes that `text` spells. */
static inline struct span hex_span(const char *text)
{
	size_t len = strlen(text) / 2;
	uint8_t *bytes = keep(len);
	unsigned value;

	for (size_t i = 0; i < len; i++) {
		ck_assert_int_eq(sscanf(text + 2 * i, "%2x", &value), 1);
		bytes[i] = (uint8_t)value;
	}
	return (struct span){bytes, len};
}

static inline struct slice hex(const char *text)
{
	struct span span = hex_span(text);

	return (struct slice){span.ptr, span.len};
}

/* Fails with both texts when the bytes are not those that `expect` spells. */
#define ck_assert_hex(bytes, expect)                                                               \
	do {                                                                                       \
		struct slice got_ = (bytes);                                                       \
		char *text_ = calloc(1, 2 * got_.len + 1);                                         \
                                                                                                   \
		for (size_t i_ = 0; i_ < got_.len; i_++)                                           \
			sprintf(text_ + 2 * i_, "%02x", got_.ptr[i_]);                             \
		ck_assert_str_eq(text_, (expect));                                                 \
		free(text_);                                                                       \
	} while (0)
