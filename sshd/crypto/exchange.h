/*
 * The arithmetic of key exchange methods. Public values and K are as the method's document
 * spells them: for K_MPINT K is a big-endian magnitude of fixed length (leading zeros stay, and
 * write_mpint drops them), for K_STRING the 32 or 64 bytes of the string. Every secret that
 * stays behind is wiped.
 */
#pragma once

#include "sshd/crypto/algorithms.h"

#define K_LIMIT 1024u /* bytes of the longest shared secret: an 8192 bit group */

struct kex_keys {
	struct buf Q_S; /* or f */
	struct buf K;   /* secret */
};

struct kex_keys kex_keys_empty(void);
void kex_keys_wipe(struct kex_keys *keys); /* for AUTO */

/*
 * The server's side in one step: own ephemeral key, public value and shared secret. What
 * `keys` held before is wiped on success and untouched on failure.
 *
 * ERR_EXCHANGE: Q_C is not a valid public value (length, not on the curve, all-zero result,
 * a coefficient out of range). ERR_UNSUPPORTED: the row needs a group, see dh_respond.
 * ERR_CRYPTO, ERR_SYSTEM, ERR_NO_MEMORY.
 */
enum err kex_respond(
    const struct kex_algorithm *algorithm, struct slice Q_C, struct kex_keys *keys);

/*
 * The client's side, for tests and the benchmark: Q_C and K are appended to. The server's value
 * is checked as kex_respond checks the client's.
 */
struct kex_client;
enum err kex_client_begin(const struct kex_algorithm *algorithm, struct kex_client **client,
    struct buf *Q_C);
enum err kex_client_finish(struct kex_client *client, struct slice Q_S, struct buf *K);
void kex_client_free(struct kex_client *client);
void kex_client_release(struct kex_client **client); /* for AUTO */

/* A finite-field group: prime and generator, big-endian magnitudes. */
struct dh_group {
	struct slice p, g;
};

/*
 * RFC 4419: the same as kex_respond over a given group; `e` is the client's magnitude.
 *
 * ERR_EXCHANGE: not 1 < e < p - 1. ERR_RANGE: the group itself is none: p even, below 1024
 * or above 8192 bits, or not 1 < g < p - 1. That p is prime is for its chooser to know.
 */
enum err dh_respond(const struct dh_group *group, struct slice e, struct kex_keys *keys);

/* The client's side over a given group; kex_client_finish ends it. */
enum err dh_client_begin(const struct dh_group *group, struct kex_client **client, struct buf *e);

/* The fixed group of a KEX_FLOW_DH row. False: the row has none. */
bool dh_group_of(const struct kex_algorithm *algorithm, struct dh_group *group);

/*
 * Sets up once what the methods need of OpenSSL, before the sandbox and the fork: no random
 * numbers are drawn. Apart from crypto_prepare, because only net exchanges keys.
 *
 * ERR_CRYPTO: something is missing that no FIPS mode takes away.
 */
enum err crypto_prepare_exchange(void);
