/* The functions of FIPS 202, for ML-KEM, through OpenSSL. Errors stick, as in a writer. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

enum keccak_kind { SHA3_256, SHA3_512, SHAKE128, SHAKE256 };

struct keccak {
	struct evp_md_ctx_st *context;
	enum err err; /* the first failure: ERR_CRYPTO or ERR_NO_MEMORY */
};

struct keccak keccak_new(void);
void keccak_wipe(struct keccak *keccak); /* for AUTO */

/*
 * Fills `out` from `count` parts one behind the other. Its length is the function's own for
 * SHA3 and any for SHAKE. All zero after a failure.
 */
void keccak_hash(struct keccak *keccak, enum keccak_kind kind, const struct slice *parts,
    size_t count, struct span out);

/* Fetches the functions; draws nothing. ERR_CRYPTO: this library has not got them. */
enum err keccak_prepare(void);
