/* Groups for diffie-hellman-group-exchange (RFC 4419) from a moduli(5) file. */
#pragma once

#include "sshd/base/buf.h"

#define GROUP_BITS_LEAST 2048u
#define GROUP_BITS_MOST  8192u

struct modulus {
	unsigned bits;     /* of p */
	struct slice g, p; /* hex digits within the line */
};

/* The next usable line (safe prime, tested, within the sizes above). False: no more. */
bool moduli_next(struct slice *file, struct modulus *modulus);

/*
 * The size to answer with, of those in the file: the smallest of at least `n` bits within min
 * and max, else the largest within them. 0: none; `count` is how many lines have it.
 */
unsigned moduli_best_size(struct slice file, unsigned min, unsigned n, unsigned max, unsigned *count);

/*
 * The line number `index` (below count) of that size, as magnitudes. ERR_NOT_FOUND,
 * ERR_MALFORMED, ERR_NO_MEMORY.
 */
enum err moduli_pick(struct slice file, unsigned bits, unsigned index, struct buf *p, struct buf *g);
