#include <openssl/bn.h>

#include "sshd/crypto/exchange_ops.h"
#include "tests/support/hex.h"
#include "tests/support/suite.h"

static const struct {
	const struct dh_group *group;
	BIGNUM *(*reference)(BIGNUM *);
} fixed[] = {
    {&dh_group14, BN_get_rfc3526_prime_2048},
    {&dh_group16, BN_get_rfc3526_prime_4096},
    {&dh_group18, BN_get_rfc3526_prime_8192},
};

static BIGNUM *number(struct slice magnitude)
{
	BIGNUM *n = BN_bin2bn(magnitude.ptr, (int)magnitude.len, NULL);

	ck_assert_ptr_nonnull(n);
	return n;
}

/* n + difference, as long as a prime can be and a byte more, zeros in front. */
#define PADDED_LEN (K_LIMIT + 1)

static void padded(const BIGNUM *n, int difference, uint8_t out[static PADDED_LEN])
{
	BIGNUM *changed = BN_dup(n);

	if (difference >= 0)
		ck_assert(BN_add_word(changed, (BN_ULONG)difference));
	else
		ck_assert(BN_sub_word(changed, (BN_ULONG)-difference));
	ck_assert_int_eq(BN_bn2binpad(changed, out, PADDED_LEN), PADDED_LEN);
	BN_free(changed);
}

static void canary(struct kex_keys *keys)
{
	*keys = kex_keys_empty();
	ck_assert_int_eq(buf_append_text(&keys->Q_S, "before"), ERR_OK);
	ck_assert_int_eq(buf_append_text(&keys->K, "before"), ERR_OK);
}

static void assert_untouched(const struct kex_keys *keys)
{
	ck_assert(slice_is(buf_view(&keys->Q_S), "before"));
	ck_assert(slice_is(buf_view(&keys->K), "before"));
}

START_TEST(groups_are_those_of_rfc_3526)
{
	BIGNUM *reference = fixed[_i].reference(NULL);
	BIGNUM *ours = number(fixed[_i].group->p);

	ck_assert_int_eq(BN_cmp(reference, ours), 0);
	ck_assert_uint_eq(fixed[_i].group->g.len, 1);
	ck_assert_uint_eq(fixed[_i].group->g.ptr[0], 2);
	BN_free(reference);
	BN_free(ours);
}
END_TEST

/* Relative to zero or to p. */
static const struct {
	const char *why;
	bool from_p;
	int difference;
	enum err expect;
} values[] = {
    {"zero", false, 0, ERR_EXCHANGE},
    {"one", false, 1, ERR_EXCHANGE},
    {"p - 1", true, -1, ERR_EXCHANGE},
    {"p", true, 0, ERR_EXCHANGE},
    {"p + 1", true, 1, ERR_EXCHANGE},
    {"p + 2, a value of the group unreduced", true, 2, ERR_EXCHANGE},
    {"two", false, 2, ERR_OK},
    {"p - 2", true, -2, ERR_OK},
};

START_TEST(values_are_of_the_group)
{
	BIGNUM *p = number(dh_group14.p), *zero = BN_new();
	uint8_t value[PADDED_LEN];
	AUTO(kex_keys_wipe) struct kex_keys keys;
	enum err got;

	canary(&keys);
	padded(values[_i].from_p ? p : zero, values[_i].difference, value);
	got = dh_respond(&dh_group14, SLICE_OF(value), &keys);
	ck_assert_msg(got == values[_i].expect, "%s: got %s", values[_i].why, err_name(got));
	if (got != ERR_OK)
		assert_untouched(&keys);
	BN_free(p);
	BN_free(zero);
}
END_TEST

START_TEST(the_client_checks_f_in_the_same_way)
{
	BIGNUM *p = number(dh_group14.p), *zero = BN_new();
	uint8_t value[PADDED_LEN];
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(buf_wipe) struct buf e = buf_empty(K_LIMIT);
	AUTO(buf_wipe) struct buf K = buf_empty_secret(K_LIMIT);
	enum err got;

	padded(values[_i].from_p ? p : zero, values[_i].difference, value);
	ck_assert_int_eq(dh_client_begin(&dh_group14, &client, &e), ERR_OK);
	got = kex_client_finish(client, SLICE_OF(value), &K);
	ck_assert_msg(got == values[_i].expect, "%s: got %s", values[_i].why, err_name(got));
	ck_assert_uint_eq(buf_len(&K), got == ERR_OK ? 256 : 0);
	BN_free(p);
	BN_free(zero);
}
END_TEST

START_TEST(values_longer_than_the_prime_are_refused)
{
	static uint8_t value[4 * K_LIMIT];
	AUTO(kex_keys_wipe) struct kex_keys keys;

	value[0] = 1;
	canary(&keys);
	ck_assert_int_eq(dh_respond(&dh_group18, SLICE_OF(value), &keys), ERR_EXCHANGE);
	ck_assert_int_eq(dh_respond(&dh_group18, (struct slice){0}, &keys), ERR_EXCHANGE);
	assert_untouched(&keys);
}
END_TEST

/* Whoever answers with a bad group, no arithmetic is done in it. */
START_TEST(groups_that_are_none_are_refused)
{
	static uint8_t even[256], short_prime[127], long_prime[K_LIMIT + 1];
	uint8_t p_less_1[PADDED_LEN];
	BIGNUM *p = number(dh_group14.p);
	struct {
		const char *why;
		struct dh_group group;
	} cases[] = {
	    {"p even", {SLICE_OF(even), BYTES(2)}},
	    {"p of 1016 bits", {SLICE_OF(short_prime), BYTES(2)}},
	    {"p of 8200 bits", {SLICE_OF(long_prime), BYTES(2)}},
	    {"p empty", {{0}, BYTES(2)}},
	    {"g empty", {dh_group14.p, {0}}},
	    {"g = 0", {dh_group14.p, BYTES(0)}},
	    {"g = 1", {dh_group14.p, BYTES(1)}},
	    {"g = p - 1", {dh_group14.p, {p_less_1 + PADDED_LEN - 256, 256}}},
	    {"g = p", {dh_group14.p, dh_group14.p}},
	    {"g longer than any p", {dh_group14.p, SLICE_OF(long_prime)}},
	};

	even[0] = short_prime[0] = long_prime[0] = 0x80;
	short_prime[126] = long_prime[K_LIMIT] = 1;
	padded(p, -1, p_less_1);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		AUTO(kex_keys_wipe) struct kex_keys keys;
		enum err got;

		canary(&keys);
		got = dh_respond(&cases[i].group, BYTES(9), &keys);
		ck_assert_msg(got == ERR_RANGE, "%s: got %s", cases[i].why, err_name(got));
		assert_untouched(&keys);
	}
	BN_free(p);
}
END_TEST

/* With e = g^a for an a we know, K has to be f^a by plain arithmetic. */
START_TEST(K_is_the_power_that_both_can_compute)
{
	const struct dh_group *group = fixed[_i].group;
	AUTO(kex_keys_wipe) struct kex_keys keys = kex_keys_empty();
	BIGNUM *p = number(group->p),
	       *a = number(BYTES(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3));
	BIGNUM *g = number(group->g), *power = BN_new(), *f;
	BN_CTX *numbers = BN_CTX_new();
	uint8_t e[K_LIMIT], expected[K_LIMIT];

	ck_assert(BN_mod_exp(power, g, a, p, numbers));
	ck_assert_int_gt(BN_bn2binpad(power, e, (int)group->p.len), 0);
	ck_assert_int_eq(dh_respond(group, slice_over(e, group->p.len), &keys), ERR_OK);
	f = number(buf_view(&keys.Q_S));
	ck_assert(BN_mod_exp(power, f, a, p, numbers));
	ck_assert_int_gt(BN_bn2binpad(power, expected, (int)group->p.len), 0);
	ck_assert(slice_equal(buf_view(&keys.K), slice_over(expected, group->p.len)));
	BN_CTX_free(numbers);
	BN_free(p);
	BN_free(a);
	BN_free(g);
	BN_free(f);
	BN_free(power);
}
END_TEST

START_TEST(a_given_group_serves_both_sides)
{
	AUTO(kex_keys_wipe) struct kex_keys keys = kex_keys_empty();
	AUTO(kex_client_release) struct kex_client *client = NULL;
	AUTO(buf_wipe) struct buf e = buf_empty(K_LIMIT);
	AUTO(buf_wipe) struct buf K = buf_empty_secret(K_LIMIT);
	const struct dh_group group = {dh_group16.p, BYTES(5)};

	ck_assert_int_eq(dh_client_begin(&group, &client, &e), ERR_OK);
	ck_assert_int_eq(dh_respond(&group, buf_view(&e), &keys), ERR_OK);
	ck_assert_int_eq(kex_client_finish(client, buf_view(&keys.Q_S), &K), ERR_OK);
	ck_assert(slice_equal(buf_view(&K), buf_view(&keys.K)));
	ck_assert_uint_eq(buf_len(&K), 512);
}
END_TEST

START_TEST(rows_name_their_group)
{
	const struct kex_algorithm *group16 =
	    kex_algorithm_named(LITERAL("diffie-hellman-group16-sha512"));
	const struct kex_algorithm *curve = kex_algorithm_named(LITERAL("curve25519-sha256"));
	struct dh_group group = {0};

	ck_assert(!dh_group_of(curve, &group));
	ck_assert_uint_eq(group.p.len, 0);
	ck_assert(dh_group_of(group16, &group));
	ck_assert(slice_equal(group.p, dh_group16.p));
}
END_TEST

SUITE("exchange dh", LOOP_TEST(values_are_of_the_group, COUNT_OF(values)),
    LOOP_TEST(the_client_checks_f_in_the_same_way, COUNT_OF(values)),
    TEST(values_longer_than_the_prime_are_refused), TEST(groups_that_are_none_are_refused),
    LOOP_TEST(groups_are_those_of_rfc_3526, COUNT_OF(fixed)),
    LOOP_TEST(K_is_the_power_that_both_can_compute, COUNT_OF(fixed)),
    TEST(a_given_group_serves_both_sides), TEST(rows_name_their_group))
