/* The host keys: loaded from files, with a sentence for each that cannot be used. */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/crypto/signature.h"

#define SIGNER_KEYS_LIMIT       32u
#define SIGNER_COMPLAINTS_LIMIT 32768u
#define SIGNER_LIST_LIMIT       65536u

struct signer_keys {
	struct private_key *keys[SIGNER_KEYS_LIMIT];
	unsigned count;
	struct buf complaints; /* sentences, each ended by a newline */
};

struct signer_keys signer_keys_none(void);
void signer_keys_wipe(struct signer_keys *keys); /* for AUTO */

/*
 * Adds the key in the file at `path`, or a complaint that says why not and how to mend it. A key
 * that is there already is left out without a word.
 *
 * is_optional  no complaint when there is no such file: a default, not somebody's wish
 * ERR_NO_MEMORY, ERR_LIMIT: too many keys or complaints.
 */
enum err signer_keys_add(struct signer_keys *keys, const char *path, bool is_optional);

/* For each key a string of what it can sign with and a string of its public blob, appended. */
enum err signer_keys_encode(const struct signer_keys *keys, struct buf *out);
