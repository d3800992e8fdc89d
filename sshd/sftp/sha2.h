/*
 * The SHA-2 hashes (FIPS 180-4), for checking files. Here so that a file server links no
 * cryptographic library, whose start alone costs more than most sessions; nothing secret is hashed.
 */
#pragma once

#include "sshd/base/slice.h"

#define SHA2_DIGEST_LIMIT 64u

/* What the draft calls them, best first. */
#define SHA2_NAMES "sha256,sha512,sha384,sha224"

struct sha2_kind {
	const char *name;
	size_t digest_len, block_len;
	uint64_t initial[8];
};

struct sha2 {
	const struct sha2_kind *kind;
	uint64_t state[8];
	uint64_t total; /* bytes so far */
	uint8_t block[128];
};

/* NULL: none of that name. */
const struct sha2_kind *sha2_named(struct slice name);

struct sha2 sha2_begin(const struct sha2_kind *kind);
void sha2_add(struct sha2 *sha2, struct slice bytes);

/* The digest, in `digest`. Nothing can be added afterwards. */
struct slice sha2_end(struct sha2 *sha2, uint8_t digest[SHA2_DIGEST_LIMIT]);
