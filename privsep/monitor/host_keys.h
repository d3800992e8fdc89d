/* The signer's host keys as monitor and net know them: names and public blobs. */
#pragma once

#include "sshd/base/buf.h"

#define HOST_KEYS_LIMIT 32u

struct host_key {
	struct slice algorithms; /* name-list of what it can sign with */
	struct slice blob;
};

struct host_keys {
	struct host_key rows[HOST_KEYS_LIMIT]; /* the position is the signer's number of the key */
	unsigned count;
};

/*
 * From the encoding of SIGNER_KEYS and NET_HELLO: for each key a string of algorithms and a
 * string of the blob. The slices point into `bytes`.
 * ERR_LIMIT: too many. ERR_TRUNCATED, ERR_TOO_LONG.
 */
enum err host_keys_parse(struct slice bytes, struct host_keys *keys);

/*
 * The same encoding again, each key's algorithms cut down to those that `permitted` (a
 * name-list) holds, in its order. Every key keeps its place. ERR_NO_MEMORY, ERR_LIMIT.
 */
enum err host_keys_filter(const struct host_keys *keys, struct slice permitted, struct buf *out);

/* Of `permitted` the names that some key can sign with, appended as a name-list. */
enum err host_keys_algorithms(const struct host_keys *keys, struct slice permitted, struct buf *out);

/* The key with this blob; NULL: none. */
const struct host_key *host_key_of_blob(const struct host_keys *keys, struct slice blob);
