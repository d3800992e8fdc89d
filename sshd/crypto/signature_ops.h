/* What one kind of signature does; the rows of algorithms.def name these. Inside this room only. */
#pragma once

#include "sshd/crypto/library.h"
#include "sshd/crypto/signature.h"
#include "sshd/wire/reader.h"

struct private_key;

struct signature_ops {
	enum key_kind kind;
	/*
	 * Verifies what follows the name in a signature blob: `r` stands behind it, and has to be
	 * read to its end. `facts` is zeroed, for security keys to fill.
	 */
	enum err (*verify)(const struct signature_algorithm *algorithm, const struct key_blob *key,
	    struct reader *r, struct slice data, struct signature_facts *facts);
	/* Appends what follows the name. NULL: the private half is never ours (security keys). */
	enum err (*sign)(EVP_PKEY *pkey, const struct signature_algorithm *algorithm,
	    struct slice data, struct buf *signature);
};

extern const struct signature_ops signature_ed25519, signature_ecdsa, signature_rsa,
    signature_sk_ed25519, signature_sk_ecdsa, signature_sk_webauthn;

void pkey_release(EVP_PKEY **pkey); /* for AUTO */

/*
 * One shot by OpenSSL's own rules for the key; HASH_NONE where the scheme brings its hash.
 * ERR_SIGNATURE, ERR_CRYPTO. Signing sets *len from room to use.
 */
enum err pkey_verify(EVP_PKEY *pkey, enum hash_kind hash, struct slice signature,
    struct slice data);
enum err pkey_sign(EVP_PKEY *pkey, enum hash_kind hash, struct slice data, uint8_t *signature,
    size_t *len);

/* An Ed25519 signature of 64 bytes; other lengths are ERR_SIGNATURE. */
enum err ed25519_verify(struct slice public_key, struct slice signature, struct slice data);

/* An ECDSA signature blob: mpint r, mpint s. */
enum err ecdsa_verify(const struct key_blob *key, enum hash_kind hash, struct slice signature,
    struct slice data);
/* The name OpenSSL has for the curve of an ECDSA key; NULL: not one of ours. */
const char *ecdsa_group_name(struct slice curve);
