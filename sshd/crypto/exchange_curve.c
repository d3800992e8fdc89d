/* Methods that are one curve and nothing else: RFC 5656 section 4, RFC 8731. */
#include "sshd/crypto/exchange_ops.h"

#include "sshd/base/auto.h"

static void secret_bytes_wipe(uint8_t (*bytes)[CURVE_SECRET_LIMIT])
{
	explicit_bzero(*bytes, sizeof(*bytes));
}

static enum err curve_respond(const struct kex_algorithm *algorithm, struct slice Q_C,
    struct kex_keys *keys)
{
	const struct curve *curve = algorithm->ops->curve;
	AUTO(secret_bytes_wipe) uint8_t secret[CURVE_SECRET_LIMIT];
	struct span Q_S, K;

	TRY(buf_reserve(&keys->Q_S, curve->point_len, &Q_S));
	TRY(buf_reserve(&keys->K, curve->shared_len, &K));
	TRY(curve->draw(curve, secret));
	TRY(curve->apply(curve, secret, Q_C, Q_S.ptr, K.ptr));
	buf_commit(&keys->Q_S, curve->point_len);
	buf_commit(&keys->K, curve->shared_len);
	return ERR_OK;
}

static enum err curve_begin(struct kex_client *client, struct buf *Q_C)
{
	const struct curve *curve = client->algorithm->ops->curve;
	struct span secret, point;

	TRY(buf_reserve(&client->secret, curve->secret_len, &secret));
	TRY(buf_reserve(Q_C, curve->point_len, &point));
	TRY(curve->draw(curve, secret.ptr));
	TRY(curve->apply(curve, secret.ptr, (struct slice){0}, point.ptr, NULL));
	buf_commit(&client->secret, curve->secret_len);
	buf_commit(Q_C, curve->point_len);
	return ERR_OK;
}

static enum err curve_finish(const struct kex_client *client, struct slice Q_S, struct buf *K)
{
	const struct curve *curve = client->algorithm->ops->curve;
	struct span shared;

	TRY(buf_reserve(K, curve->shared_len, &shared));
	TRY(curve->apply(curve, buf_view(&client->secret).ptr, Q_S, NULL, shared.ptr));
	buf_commit(K, curve->shared_len);
	return ERR_OK;
}

#define CURVE_OPS(which)                                                                           \
	{                                                                                          \
		.respond = curve_respond, .begin = curve_begin, .finish = curve_finish,            \
		.curve = &(which),                                                                 \
	}

const struct kex_ops kex_x25519 = CURVE_OPS(curve_x25519);
const struct kex_ops kex_ecdh_nistp256 = CURVE_OPS(curve_nistp256);
const struct kex_ops kex_ecdh_nistp384 = CURVE_OPS(curve_nistp384);
const struct kex_ops kex_ecdh_nistp521 = CURVE_OPS(curve_nistp521);
