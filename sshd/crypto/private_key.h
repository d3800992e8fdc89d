/* Private keys as key_file.c and the generator make them. Inside this room only. */
#pragma once

#include "sshd/crypto/key_blob.h"
#include "sshd/crypto/signature_ops.h"

struct private_key {
	EVP_PKEY *pkey;
	enum key_kind kind;
	struct buf blob;
};

/*
 * Takes `pkey` in any case. Works out the public blob, checks type and size, and proves by one
 * signature that both halves belong together.
 *
 * ERR_KEY: not a type or size we sign with, or halves that do not fit. ERR_CRYPTO, ERR_NO_MEMORY.
 */
enum err private_key_new(EVP_PKEY *pkey, struct private_key **out);

/* Appends the public blob of a key. */
enum err pkey_blob(EVP_PKEY *pkey, struct buf *blob);

/* ERR_ENCRYPTED, ERR_MALFORMED, ERR_KEY: the decoded bytes of an OPENSSH PRIVATE KEY. */
enum err openssh_key_parse(struct slice bytes, struct private_key **out);
