/*
 * Two exchanges at once, of which one is enough: a key encapsulation mechanism and a curve
 * (draft-ietf-sshm-mlkem-hybrid-kex, draft-ietf-sshm-ntruprime-ssh). The post-quantum part
 * comes first in every concatenation:
 *
 *     Q_C = public key || point      Q_S = ciphertext || point      K = HASH(shared || shared)
 */
#include "sshd/crypto/exchange_ops.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/kem.h"
#include "sshd/crypto/random.h"

#define SHARED_LIMIT (KEM_SHARED_LIMIT + CURVE_SHARED_LIMIT)

/* The server's secrets. */
struct answer {
	uint8_t coins[KEM_COINS_LIMIT];
	uint8_t curve_secret[CURVE_SECRET_LIMIT];
	uint8_t shared[SHARED_LIMIT]; /* of the mechanism, then of the curve */
};

static void answer_wipe(struct answer *answer)
{
	explicit_bzero(answer, sizeof(*answer));
}

static void digest_wipe(struct digest *digest)
{
	explicit_bzero(digest, sizeof(*digest));
}

/* Where the two parts of a public value or secret meet. */
static struct slice classical_part(struct slice both, size_t first_len)
{
	return slice_after(both, first_len);
}

static enum err combine(const struct kex_algorithm *algorithm, const uint8_t *shared, struct buf *K)
{
	const struct kem *kem = algorithm->ops->kem;
	const struct slice both =
	    slice_over(shared, kem->shared_len + algorithm->ops->curve->shared_len);
	AUTO(digest_wipe) struct digest digest;

	TRY(hash_parts(algorithm->hash, &both, 1, &digest));
	return buf_append(K, digest_view(&digest));
}

static enum err hybrid_respond(const struct kex_algorithm *algorithm, struct slice Q_C,
    struct kex_keys *keys)
{
	const struct kem *kem = algorithm->ops->kem;
	const struct curve *curve = algorithm->ops->curve;
	const size_t Q_S_len = kem->ciphertext_len + curve->point_len;
	AUTO(answer_wipe) struct answer answer;
	struct span Q_S;

	if (Q_C.len != kem->public_len + curve->point_len)
		return ERR_EXCHANGE;
	TRY(buf_reserve(&keys->Q_S, Q_S_len, &Q_S));
	TRY(random_fill((struct span){answer.coins, kem->coins_len}));
	TRY(curve->draw(curve, answer.curve_secret));
	TRY(kem->encapsulate(Q_C.ptr, answer.coins, Q_S.ptr, answer.shared));
	TRY(curve->apply(curve, answer.curve_secret, classical_part(Q_C, kem->public_len),
	    Q_S.ptr + kem->ciphertext_len, answer.shared + kem->shared_len));
	buf_commit(&keys->Q_S, Q_S_len);
	return combine(algorithm, answer.shared, &keys->K);
}

static void seed_wipe(uint8_t (*seed)[KEM_SEED_LIMIT])
{
	explicit_bzero(*seed, sizeof(*seed));
}

/* Some mechanisms find that a seed makes no key, and ask for another. */
static enum err draw_key(const struct kem *kem, uint8_t *public_key, uint8_t *private_key)
{
	AUTO(seed_wipe) uint8_t seed[KEM_SEED_LIMIT];
	enum err err;

	do {
		TRY(random_fill((struct span){seed, kem->seed_len}));
		err = kem->generate(seed, public_key, private_key);
	} while (err == ERR_AGAIN);
	return err;
}

/* The client keeps the private key and, behind it, the secret of the curve. */
static enum err hybrid_begin(struct kex_client *client, struct buf *Q_C)
{
	const struct kem *kem = client->algorithm->ops->kem;
	const struct curve *curve = client->algorithm->ops->curve;
	struct span secret, value;

	TRY(buf_reserve(&client->secret, kem->private_len + curve->secret_len, &secret));
	TRY(buf_reserve(Q_C, kem->public_len + curve->point_len, &value));
	TRY(draw_key(kem, value.ptr, secret.ptr));
	TRY(curve->draw(curve, secret.ptr + kem->private_len));
	TRY(curve->apply(curve, secret.ptr + kem->private_len, (struct slice){0},
	    value.ptr + kem->public_len, NULL));
	buf_commit(&client->secret, kem->private_len + curve->secret_len);
	buf_commit(Q_C, kem->public_len + curve->point_len);
	return ERR_OK;
}

static enum err hybrid_finish(const struct kex_client *client, struct slice Q_S, struct buf *K)
{
	const struct kem *kem = client->algorithm->ops->kem;
	const struct curve *curve = client->algorithm->ops->curve;
	const uint8_t *secret = buf_view(&client->secret).ptr;
	AUTO(answer_wipe) struct answer answer;

	if (Q_S.len != kem->ciphertext_len + curve->point_len)
		return ERR_EXCHANGE;
	TRY(kem->decapsulate(secret, Q_S.ptr, answer.shared));
	TRY(curve->apply(curve, secret + kem->private_len, classical_part(Q_S, kem->ciphertext_len),
	    NULL, answer.shared + kem->shared_len));
	return combine(client->algorithm, answer.shared, K);
}

#define HYBRID_OPS(mechanism, which)                                                               \
	{                                                                                          \
		.respond = hybrid_respond, .begin = hybrid_begin, .finish = hybrid_finish,         \
		.kem = &(mechanism), .curve = &(which),                                            \
	}

const struct kex_ops kex_mlkem768x25519 = HYBRID_OPS(kem_mlkem768, curve_x25519);
const struct kex_ops kex_mlkem768nistp256 = HYBRID_OPS(kem_mlkem768, curve_nistp256);
const struct kex_ops kex_sntrup761x25519 = HYBRID_OPS(kem_sntrup761, curve_x25519);
