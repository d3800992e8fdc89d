/*
 * What the exchange methods are made of, inside this folder: curves, key encapsulation
 * mechanisms and the functions that combine them into rows of algorithms.def.
 */
#pragma once

#include "sshd/crypto/exchange.h"

/*
 * A Diffie-Hellman function on a curve, alone or as the classical half of a hybrid. Secrets,
 * points and shared secrets are byte strings of fixed lengths.
 */
struct curve {
	size_t secret_len, point_len, shared_len;

	/* Draws an own secret. ERR_SYSTEM, ERR_CRYPTO. */
	enum err (*draw)(const struct curve *curve, uint8_t *secret);

	/*
	 * Computes the own point of a secret (unless `point` is NULL) and what it shares with
	 * the owner of `peer` (unless `shared` is NULL). On failure nothing is written.
	 *
	 * ERR_EXCHANGE: the peer's point is not on the curve, or nothing secret comes of it.
	 * ERR_CRYPTO, ERR_NO_MEMORY.
	 */
	enum err (*apply)(const struct curve *curve, const uint8_t *secret, struct slice peer,
	    uint8_t *point, uint8_t *shared);

	unsigned position; /* for `apply`: which of its family */
};

#define CURVE_SECRET_LIMIT 66u
#define CURVE_POINT_LIMIT  133u
#define CURVE_SHARED_LIMIT 66u

extern const struct curve curve_x25519;
extern const struct curve curve_nistp256, curve_nistp384, curve_nistp521;

/* Fetches and sets up what the curves need; draws nothing. ERR_CRYPTO. */
enum err curve_x25519_prepare(void);
enum err curve_ecdh_prepare(void);

/* RFC 3526, by their numbers there. */
extern const struct dh_group dh_group14, dh_group16, dh_group18;

struct kem; /* kem.h */

/* A client between its two steps. */
struct kex_client {
	const struct kex_algorithm *algorithm; /* NULL: a given group */
	enum err (*finish)(const struct kex_client *client, struct slice Q_S, struct buf *K);
	struct buf secret; /* as the method's functions lay it out */
	struct buf p;      /* the prime in use, DH flows only */
};

#define KEX_CLIENT_SECRET_LIMIT 4096u

enum err kex_client_new(const struct kex_algorithm *algorithm, struct kex_client **client);

/* Wipes what `keys` holds and moves `made` there. */
void kex_keys_replace(struct kex_keys *keys, struct kex_keys *made);

struct kex_ops {
	/* Appends to empty keys; what stands there after a failure is thrown away. */
	enum err (*respond)(const struct kex_algorithm *algorithm, struct slice Q_C,
	    struct kex_keys *keys);
	/* Fills a fresh client and appends its public value, the latter on success only. */
	enum err (*begin)(struct kex_client *client, struct buf *Q_C);
	/* Appends on success only. */
	enum err (*finish)(const struct kex_client *client, struct slice Q_S, struct buf *K);
	const struct curve *curve;    /* alone or the classical half of a hybrid */
	const struct kem *kem;        /* the post-quantum half of a hybrid */
	const struct dh_group *group; /* fixed groups only */
};

extern const struct kex_ops kex_x25519, kex_ecdh_nistp256, kex_ecdh_nistp384, kex_ecdh_nistp521;
extern const struct kex_ops kex_mlkem768x25519, kex_mlkem768nistp256, kex_sntrup761x25519;
extern const struct kex_ops kex_dh_group14_sha256, kex_dh_group16, kex_dh_group18, kex_dh_gex;
