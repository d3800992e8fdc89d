/*
 * Bounded reading with a sticky error (RFC 4251 section 5). After the first failure every
 * read returns zero or an empty slice, so a parser is a straight list with one check at its end.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct reader {
	struct slice left;
	enum err err;
};

struct reader reader_over(struct slice bytes);

uint8_t read_byte(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);

/* Zero is false, everything else true. */
bool read_boolean(struct reader *r);

/* `len` bytes as they stand, without a length field. */
struct slice read_bytes(struct reader *r, size_t len);

/* A string of at most `limit` bytes; the slice points into the reader's bytes. ERR_TOO_LONG. */
struct slice read_string(struct reader *r, size_t limit);

/* Everything that is left, without a length field. */
struct slice read_rest(struct reader *r);

/* Sets the sticky error unless one is set already. */
void reader_fail(struct reader *r, enum err err);

/* The sticky error; ERR_TRAILING when bytes are left over. */
enum err reader_finish(const struct reader *r);
