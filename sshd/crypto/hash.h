/* SHA-1 (for HMAC and old lists only), SHA-256, SHA-384, SHA-512, MD5 (fingerprints only). */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

enum hash_kind { HASH_NONE, HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512 };

#define HASH_LIMIT 64u /* bytes of the longest digest */

struct digest {
	uint8_t bytes[HASH_LIMIT];
	size_t len;
};

size_t hash_len(enum hash_kind kind);

/* The digest of `count` parts one behind the other. ERR_CRYPTO. */
enum err hash_parts(enum hash_kind kind, const struct slice *parts, size_t count,
    struct digest *out);

static inline struct slice digest_view(const struct digest *digest)
{
	return (struct slice){digest->bytes, digest->len};
}

/*
 * Fetches the implementations once, without drawing random numbers and without reading
 * OpenSSL's configuration file (unless the kernel says FIPS), so that a process can do it
 * before its sandbox and before it forks.
 */
enum err crypto_prepare(void);
