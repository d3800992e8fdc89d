/*
 * OpenSSL's implementations, each fetched once per process: by crypto_prepare, or else at its
 * first use. They live until the process ends and are inherited by its forks.
 */
#pragma once

#include <openssl/evp.h>

#include "sshd/crypto/hash.h"

enum library_cipher {
	LIBRARY_AES128_GCM,
	LIBRARY_AES256_GCM,
	LIBRARY_AES128_CTR,
	LIBRARY_AES192_CTR,
	LIBRARY_AES256_CTR,
	LIBRARY_AES128_ECB,
	LIBRARY_CHACHA20,
	LIBRARY_CIPHER_COUNT,
};

/*
 * Must come before anything else of OpenSSL: left to itself the library would read its
 * configuration file, which a daemon has no use for and an empty root does not have. The
 * functions below call it themselves. There is nothing to do at exit.
 */
void library_start(void);

/* The kernel says FIPS: some algorithms are missing by intent and fail where they are used. */
bool library_is_fips(void);

/* NULL: this library does not have it (a FIPS provider lacks some). */
const EVP_CIPHER *library_cipher(enum library_cipher kind);
const EVP_MD *library_hash(enum hash_kind kind);
EVP_MAC *library_poly1305(void);
EVP_MAC *library_hmac(void);

/*
 * Empties the library's error queue, where what is left would be mistaken for the cause of a
 * later failure. library_failed does the same and is ERR_CRYPTO: `return library_failed();`.
 */
void library_forget(void);
enum err library_failed(void);
