/*
 * The arithmetic of key exchange methods. Public values and K are as the method's document
 * spells them: for K_MPINT K is a big-endian magnitude, for K_STRING the 32 or 64 bytes of the
 * string. Every secret that stays behind is wiped.
 */
#pragma once

#include "sshd/crypto/algorithms.h"

#define K_LIMIT 1024u /* bytes of the longest shared secret: an 8192 bit group */

struct kex_keys {
	struct buf Q_S; /* or f */
	struct buf K;   /* secret */
};

void kex_keys_wipe(struct kex_keys *keys); /* for AUTO */
struct kex_keys kex_keys_empty(void);

/*
 * The server's side in one step: own ephemeral key, public value and shared secret.
 *
 * ERR_EXCHANGE: Q_C is not a valid public value (length, not on the curve, all-zero result,
 * a coefficient out of range). ERR_CRYPTO, ERR_SYSTEM.
 */
enum err kex_respond(const struct kex_algorithm *algorithm, struct slice Q_C, struct kex_keys *keys);

/* The client's side, for tests and the benchmark. */
struct kex_client;
enum err kex_client_begin(const struct kex_algorithm *algorithm, struct kex_client **client, struct buf *Q_C);
enum err kex_client_finish(struct kex_client *client, struct slice Q_S, struct buf *K);
void kex_client_free(struct kex_client *client);

/* A finite-field group: prime and generator, big-endian magnitudes. */
struct dh_group {
	struct slice p, g;
};

/* RFC 4419: the same as kex_respond over a given group; `e` is the client's magnitude. */
enum err dh_respond(const struct dh_group *group, struct slice e, struct kex_keys *keys);

/* The fixed group of a KEX_FLOW_DH row. False: the row has none. */
bool dh_group_of(const struct kex_algorithm *algorithm, struct dh_group *group);
