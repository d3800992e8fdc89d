/*
 * The NIST curves (RFC 5656), by OpenSSL's groups and points. Its higher interface would draw the
 * secret from its own generator, whose first use costs a process more than the exchange itself.
 */
#include "sshd/crypto/exchange_ops.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"
#include "sshd/crypto/random.h"

enum { NISTP256, NISTP384, NISTP521, GROUP_COUNT };

static const struct {
	int nid;
	unsigned order_bits;
} facts[GROUP_COUNT] = {
    [NISTP256] = {NID_X9_62_prime256v1, 256},
    [NISTP384] = {NID_secp384r1, 384},
    [NISTP521] = {NID_secp521r1, 521},
};

/* Made once and never changed afterwards. */
static EC_GROUP *groups[GROUP_COUNT];

#define UNCOMPRESSED 4u

static void number_release(BIGNUM **number)
{
	BN_clear_free(*number);
}

static void numbers_release(BN_CTX **numbers)
{
	BN_CTX_free(*numbers);
}

static void point_release(EC_POINT **point)
{
	EC_POINT_clear_free(*point);
}

static const EC_GROUP *group_of(const struct curve *curve)
{
	EC_GROUP **group = &groups[curve->position];

	if (*group == NULL)
		*group = EC_GROUP_new_by_curve_name(facts[curve->position].nid);
	return *group;
}

/* True when the secret is in 1 .. n-1. */
static enum err is_scalar(const EC_GROUP *group, const uint8_t *secret, size_t len, bool *answer)
{
	AUTO(number_release) BIGNUM *scalar = BN_bin2bn(secret, (int)len, NULL);

	if (scalar == NULL)
		return ERR_CRYPTO;
	*answer = !BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0;
	return ERR_OK;
}

/* FIPS 186-5 appendix A.2.2: draw as many bits as the order has until it is below it. */
static enum err ecdh_draw(const struct curve *curve, uint8_t *secret)
{
	const EC_GROUP *group = group_of(curve);
	unsigned spare_bits = (unsigned)curve->secret_len * 8 - facts[curve->position].order_bits;
	bool is_found = false;

	if (group == NULL)
		return ERR_CRYPTO;
	while (!is_found) {
		TRY(random_fill((struct span){secret, curve->secret_len}));
		secret[0] &= (uint8_t)(0xff >> spare_bits);
		TRY(is_scalar(group, secret, curve->secret_len, &is_found));
	}
	return ERR_OK;
}

/* All three groups have cofactor 1: a point on the curve that is not at infinity is valid. */
static enum err point_parse(
    const EC_GROUP *group, struct slice bytes, EC_POINT *point, BN_CTX *numbers)
{
	if (bytes.ptr[0] != UNCOMPRESSED)
		return ERR_EXCHANGE;
	if (EC_POINT_oct2point(group, point, bytes.ptr, bytes.len, numbers) <= 0)
		return ERR_EXCHANGE;
	return EC_POINT_is_at_infinity(group, point) ? ERR_EXCHANGE : ERR_OK;
}

/* The x coordinate, as long as the field (SEC 1 section 2.3.5). */
static enum err share(const EC_GROUP *group, const BIGNUM *scalar, struct slice peer,
    struct span shared, BN_CTX *numbers)
{
	AUTO(point_release) EC_POINT *theirs = EC_POINT_new(group);
	AUTO(point_release) EC_POINT *product = EC_POINT_new(group);
	AUTO(number_release) BIGNUM *x = BN_secure_new();

	if (theirs == NULL || product == NULL || x == NULL)
		return ERR_NO_MEMORY;
	TRY(point_parse(group, peer, theirs, numbers));
	if (EC_POINT_mul(group, product, NULL, theirs, scalar, numbers) <= 0 ||
	    EC_POINT_is_at_infinity(group, product) ||
	    EC_POINT_get_affine_coordinates(group, product, x, NULL, numbers) <= 0)
		return ERR_CRYPTO;
	if (BN_bn2binpad(x, shared.ptr, (int)shared.len) < 0)
		return ERR_CRYPTO;
	return ERR_OK;
}

static enum err own_point(const EC_GROUP *group, const BIGNUM *scalar, struct span point,
    BN_CTX *numbers)
{
	AUTO(point_release) EC_POINT *own = EC_POINT_new(group);

	if (own == NULL)
		return ERR_NO_MEMORY;
	if (EC_POINT_mul(group, own, scalar, NULL, NULL, numbers) <= 0 ||
	    EC_POINT_point2oct(group, own, POINT_CONVERSION_UNCOMPRESSED, point.ptr, point.len,
		numbers) != point.len)
		return ERR_CRYPTO;
	return ERR_OK;
}

static enum err compute(const struct curve *curve, const uint8_t *secret, struct slice peer,
    uint8_t *point, uint8_t *shared)
{
	AUTO(numbers_release) BN_CTX *numbers = BN_CTX_new();
	AUTO(number_release) BIGNUM *scalar = BN_secure_new();
	const EC_GROUP *group = group_of(curve);
	uint8_t own[CURVE_POINT_LIMIT];

	if (group == NULL)
		return ERR_CRYPTO;
	if (numbers == NULL || scalar == NULL ||
	    BN_bin2bn(secret, (int)curve->secret_len, scalar) == NULL)
		return ERR_NO_MEMORY;
	BN_set_flags(scalar, BN_FLG_CONSTTIME);
	if (point != NULL)
		TRY(own_point(group, scalar, (struct span){own, curve->point_len}, numbers));
	if (shared != NULL)
		TRY(share(group, scalar, peer, (struct span){shared, curve->shared_len}, numbers));
	if (point != NULL)
		memcpy(point, own, curve->point_len);
	return ERR_OK;
}

static enum err ecdh_apply(const struct curve *curve, const uint8_t *secret, struct slice peer,
    uint8_t *point, uint8_t *shared)
{
	enum err err;

	if (shared != NULL && peer.len != curve->point_len)
		return ERR_EXCHANGE;
	err = compute(curve, secret, peer, point, shared);
	if (err != ERR_OK)
		library_forget();
	return err;
}

#define NIST_CURVE(group, field_len)                                                               \
	{                                                                                          \
		.secret_len = (field_len), .point_len = 1 + 2 * (field_len),                       \
		.shared_len = (field_len), .draw = ecdh_draw, .apply = ecdh_apply,                 \
		.position = (group),                                                               \
	}

const struct curve curve_nistp256 = NIST_CURVE(NISTP256, 32);
const struct curve curve_nistp384 = NIST_CURVE(NISTP384, 48);
const struct curve curve_nistp521 = NIST_CURVE(NISTP521, 66);

enum err curve_ecdh_prepare(void)
{
	static const struct curve *const curves[] = {
	    &curve_nistp256, &curve_nistp384, &curve_nistp521};

	for (size_t i = 0; i < COUNT_OF(curves); i++) {
		if (group_of(curves[i]) == NULL)
			return ERR_CRYPTO;
	}
	return ERR_OK;
}
