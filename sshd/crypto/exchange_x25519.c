/* X25519 (RFC 7748) as a curve, and curve25519-sha256 over it (RFC 8731). */
#include "sshd/crypto/exchange_ops.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"
#include "sshd/crypto/random.h"

#define X25519_LEN 32u

static void key_release(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void context_release(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

/* Any 32 bytes are a secret: the function itself sets and clears the bits it needs so. */
static enum err x25519_draw(const struct curve *curve, uint8_t *secret)
{
	return random_fill((struct span){secret, curve->secret_len});
}

/* ERR_EXCHANGE: all zero, which a peer's point of small order gives (RFC 8731 section 3). */
static enum err x25519_share(EVP_PKEY *own, struct slice peer, uint8_t shared[X25519_LEN])
{
	AUTO(key_release)
	EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, peer.ptr, peer.len);
	AUTO(context_release) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t len = X25519_LEN;

	if (theirs == NULL || context == NULL)
		return ERR_CRYPTO;
	if (EVP_PKEY_derive_init(context) <= 0 ||
	    EVP_PKEY_derive_set_peer_ex(context, theirs, 0) <= 0)
		return ERR_CRYPTO;
	if (EVP_PKEY_derive(context, shared, &len) <= 0)
		return ERR_EXCHANGE;
	return len == X25519_LEN ? ERR_OK : ERR_CRYPTO;
}

static enum err x25519_compute(const uint8_t *secret, struct slice peer, uint8_t *point,
    uint8_t *shared)
{
	AUTO(key_release)
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, secret, X25519_LEN);
	uint8_t own_point[X25519_LEN];
	size_t len = sizeof(own_point);

	if (own == NULL || EVP_PKEY_get_raw_public_key(own, own_point, &len) <= 0)
		return ERR_CRYPTO;
	if (shared != NULL)
		TRY(x25519_share(own, peer, shared));
	if (point != NULL)
		memcpy(point, own_point, sizeof(own_point));
	return ERR_OK;
}

static enum err x25519_apply(const struct curve *curve, const uint8_t *secret, struct slice peer,
    uint8_t *point, uint8_t *shared)
{
	enum err err;

	if (shared != NULL && peer.len != curve->point_len)
		return ERR_EXCHANGE;
	library_start();
	err = x25519_compute(secret, peer, point, shared);
	if (err != ERR_OK)
		library_forget();
	return err;
}

const struct curve curve_x25519 = {
    .secret_len = X25519_LEN,
    .point_len = X25519_LEN,
    .shared_len = X25519_LEN,
    .draw = x25519_draw,
    .apply = x25519_apply,
};

/* One exchange with constants leaves OpenSSL's tables of implementations filled. */
enum err curve_x25519_prepare(void)
{
	static const uint8_t secret[X25519_LEN] = {1}, base_point[X25519_LEN] = {9};
	uint8_t point[X25519_LEN], shared[X25519_LEN];

	return curve_x25519.apply(&curve_x25519, secret, SLICE_OF(base_point), point, shared);
}
