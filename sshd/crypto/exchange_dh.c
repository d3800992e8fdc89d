/* Diffie-Hellman in the integers modulo a prime: RFC 4253 section 8, RFC 4419, RFC 8268. */
#include "sshd/crypto/exchange_ops.h"

#include <openssl/bn.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"
#include "sshd/crypto/random.h"

#define PRIME_BITS_MIN 1024
#define PRIME_BITS_MAX (8 * (int)K_LIMIT)

/*
 * Bits of the secret exponent: more than twice what the prime resists (RFC 4419 section 6.2;
 * the estimates are those of NIST SP 800-57 and RFC 7919, the steps are whole words). A longer
 * one would cost time, most of all ours, and add nothing.
 */
static const struct {
	int prime_bits;
	size_t exponent_bits;
} exponents[] = {
    {2048, 256},
    {3072, 320},
    {4096, 384},
    {6144, 448},
    {PRIME_BITS_MAX, 512},
};

#define EXPONENT_LIMIT 64u /* bytes */

/* One exchange's numbers. The exponent is the only secret; results are copied out and wiped. */
struct modular {
	BIGNUM *p, *p_less_1, *g;
	BN_MONT_CTX *montgomery;
	BN_CTX *numbers;
	size_t p_len, exponent_len;
};

static void number_release(BIGNUM **number)
{
	BN_clear_free(*number);
}

static void modular_wipe(struct modular *m)
{
	BN_free(m->p);
	BN_free(m->p_less_1);
	BN_free(m->g);
	BN_MONT_CTX_free(m->montgomery);
	BN_CTX_free(m->numbers);
	*m = (struct modular){0};
}

static BIGNUM *number_from(struct slice magnitude)
{
	/* Too long is refused by whoever compares it with p; an int must hold the length here. */
	return magnitude.len > 2 * K_LIMIT ? NULL
	                                   : BN_bin2bn(magnitude.ptr, (int)magnitude.len, NULL);
}

/* 1 < value < p - 1: what lies outside has order 1 or 2 and no secret comes of it. */
static bool is_in_group(const struct modular *m, const BIGNUM *value)
{
	return BN_cmp(value, BN_value_one()) > 0 && BN_cmp(value, m->p_less_1) < 0;
}

static size_t exponent_len_for(int prime_bits)
{
	size_t i = 0;

	while (i + 1 < COUNT_OF(exponents) && exponents[i].prime_bits < prime_bits)
		i++;
	return exponents[i].exponent_bits / 8;
}

static enum err modular_set(struct modular *m, const struct dh_group *group)
{
	int bits;

	if (group->p.len > K_LIMIT || group->g.len > K_LIMIT)
		return ERR_RANGE;
	m->p = number_from(group->p);
	m->p_less_1 = number_from(group->p);
	m->g = number_from(group->g);
	m->montgomery = BN_MONT_CTX_new();
	m->numbers = BN_CTX_secure_new();
	if (m->p == NULL || m->p_less_1 == NULL || m->g == NULL || m->montgomery == NULL ||
	    m->numbers == NULL)
		return ERR_NO_MEMORY;
	bits = BN_num_bits(m->p);
	if (bits < PRIME_BITS_MIN || bits > PRIME_BITS_MAX || !BN_is_odd(m->p))
		return ERR_RANGE;
	if (BN_sub_word(m->p_less_1, 1) <= 0 ||
	    BN_MONT_CTX_set(m->montgomery, m->p, m->numbers) <= 0)
		return library_failed();
	m->p_len = (size_t)BN_num_bytes(m->p);
	m->exponent_len = exponent_len_for(bits);
	return is_in_group(m, m->g) ? ERR_OK : ERR_RANGE;
}

/* The highest bit is always set, so that the time of raising to it says nothing of its length. */
static enum err exponent_draw(const struct modular *m, uint8_t exponent[static EXPONENT_LIMIT])
{
	TRY(random_fill((struct span){exponent, m->exponent_len}));
	exponent[0] |= 0x80;
	return ERR_OK;
}

/* base ^ exponent mod p as p_len bytes, appended. */
static enum err raise(const struct modular *m, const BIGNUM *base, struct slice exponent,
    struct buf *out)
{
	AUTO(number_release) BIGNUM *power = BN_secure_new();
	AUTO(number_release) BIGNUM *result = BN_secure_new();
	struct span room;

	if (power == NULL || result == NULL ||
	    BN_bin2bn(exponent.ptr, (int)exponent.len, power) == NULL)
		return ERR_NO_MEMORY;
	TRY(buf_reserve(out, m->p_len, &room));
	if (BN_mod_exp_mont_consttime(result, base, power, m->p, m->numbers, m->montgomery) <= 0)
		return library_failed();
	if (BN_bn2binpad(result, room.ptr, (int)m->p_len) < 0)
		return library_failed();
	buf_commit(out, m->p_len);
	return ERR_OK;
}

/* Our own public value: in the group for every prime worth the name, but p is not our choice. */
static enum err publish(const struct modular *m, struct slice exponent, struct buf *out)
{
	size_t before = buf_len(out);
	AUTO(number_release) BIGNUM *value = NULL;

	TRY(raise(m, m->g, exponent, out));
	value = number_from(slice_after(buf_view(out), before));
	if (value != NULL && is_in_group(m, value))
		return ERR_OK;
	buf_truncate(out, before);
	return value == NULL ? ERR_NO_MEMORY : ERR_RANGE;
}

static enum err share(const struct modular *m, struct slice peer, struct slice exponent,
    struct buf *K)
{
	AUTO(number_release) BIGNUM *theirs = NULL;

	while (peer.len > 0 && peer.ptr[0] == 0)
		peer = slice_after(peer, 1);
	if (peer.len > m->p_len)
		return ERR_EXCHANGE;
	theirs = number_from(peer);
	if (theirs == NULL)
		return ERR_NO_MEMORY;
	return is_in_group(m, theirs) ? raise(m, theirs, exponent, K) : ERR_EXCHANGE;
}

static void exponent_wipe(uint8_t (*exponent)[EXPONENT_LIMIT])
{
	explicit_bzero(*exponent, sizeof(*exponent));
}

enum err dh_respond(const struct dh_group *group, struct slice e, struct kex_keys *keys)
{
	AUTO(modular_wipe) struct modular m = {0};
	AUTO(exponent_wipe) uint8_t exponent[EXPONENT_LIMIT];
	AUTO(kex_keys_wipe) struct kex_keys made = kex_keys_empty();
	struct slice y;

	TRY(modular_set(&m, group));
	TRY(exponent_draw(&m, exponent));
	y = slice_over(exponent, m.exponent_len);
	/* K first: a value outside the group costs us nothing. */
	TRY(share(&m, e, y, &made.K));
	TRY(publish(&m, y, &made.Q_S));
	kex_keys_replace(keys, &made);
	return ERR_OK;
}

static enum err group_respond(const struct kex_algorithm *algorithm, struct slice e,
    struct kex_keys *keys)
{
	return dh_respond(algorithm->ops->group, e, keys);
}

static enum err client_start(struct kex_client *client, const struct dh_group *group, struct buf *e)
{
	AUTO(modular_wipe) struct modular m = {0};
	struct span exponent;

	TRY(modular_set(&m, group));
	TRY(buf_append(&client->p, group->p));
	TRY(buf_reserve(&client->secret, EXPONENT_LIMIT, &exponent));
	TRY(exponent_draw(&m, exponent.ptr));
	buf_commit(&client->secret, m.exponent_len);
	return publish(&m, buf_view(&client->secret), e);
}

static enum err group_begin(struct kex_client *client, struct buf *e)
{
	return client_start(client, client->algorithm->ops->group, e);
}

static enum err group_finish(const struct kex_client *client, struct slice f, struct buf *K)
{
	/* The generator has done its work; any does for the checks. */
	const struct dh_group group = {buf_view(&client->p), BYTES(2)};
	AUTO(modular_wipe) struct modular m = {0};

	TRY(modular_set(&m, &group));
	return share(&m, f, buf_view(&client->secret), K);
}

enum err dh_client_begin(const struct dh_group *group, struct kex_client **client, struct buf *e)
{
	AUTO(kex_client_release) struct kex_client *made = NULL;

	TRY(kex_client_new(NULL, &made));
	made->finish = group_finish;
	TRY(client_start(made, group, e));
	*client = TAKE(made);
	return ERR_OK;
}

bool dh_group_of(const struct kex_algorithm *algorithm, struct dh_group *group)
{
	if (algorithm->ops->group == NULL)
		return false;
	*group = *algorithm->ops->group;
	return true;
}

#define FIXED_GROUP(which)                                                                         \
	{                                                                                          \
		.respond = group_respond, .begin = group_begin, .finish = group_finish,            \
		.group = &(which),                                                                 \
	}

const struct kex_ops kex_dh_group14_sha256 = FIXED_GROUP(dh_group14);
const struct kex_ops kex_dh_group16 = FIXED_GROUP(dh_group16);
const struct kex_ops kex_dh_group18 = FIXED_GROUP(dh_group18);

/* The group comes with the request: dh_respond, dh_client_begin. */
const struct kex_ops kex_dh_gex = {0};
