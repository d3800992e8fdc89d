/* The one awkward integer: RFC 4251 section 5, mpint. Non-negative numbers only. */
#pragma once

#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

/*
 * Reads a non-negative mpint in its shortest form; the slice holds the magnitude without
 * leading zeros (empty for zero).
 *
 * Sticky: ERR_MALFORMED for a negative number or needless leading zero bytes; ERR_TOO_LONG
 * when the magnitude has more than `limit` bytes.
 */
struct slice read_mpint(struct reader *r, size_t limit);

/* Writes a big-endian magnitude, leading zeros dropped and a sign byte added as needed. */
void write_mpint(struct writer *w, struct slice magnitude);

/* The bytes write_mpint will need at most, its length field included. */
static inline size_t mpint_room(size_t magnitude_len)
{
	return magnitude_len + 5;
}
