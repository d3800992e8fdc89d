#include "config.h"

#include "sshd/crypto/sntrup761.h"

#include "sshd/crypto/hash.h"
#include "sshd/crypto/sntrup_code.h"
#include "tests/support/hex.h"
#include "tests/support/nist_kat.h"
#include "tests/support/suite.h"

struct pair {
	uint8_t public_key[SNTRUP761_PUBLIC_LEN];
	uint8_t private_key[SNTRUP761_PRIVATE_LEN];
};

struct sealed {
	uint8_t ciphertext[SNTRUP761_CIPHERTEXT_LEN];
	uint8_t shared[SNTRUP761_SHARED_LEN];
};

static uint8_t seed[SNTRUP761_SEED_LEN];
static uint8_t coins[SNTRUP761_COINS_LEN];

/* What an entry of a known answer file consists of; a new g is drawn for one without inverse. */
static void make_entry(struct kat_drbg drbg, struct pair *pair, struct sealed *sealed)
{
	struct kat_drbg after_g;
	enum err err;

	do {
		kat_draw(&drbg, seed, SNTRUP_RANDOM_LEN);
		after_g = drbg;
		kat_draw(&after_g, seed + SNTRUP_RANDOM_LEN, SNTRUP_RANDOM_LEN);
		kat_draw(&after_g, seed + 2 * SNTRUP_RANDOM_LEN, SNTRUP_SMALL_BYTES);
		err = sntrup761_generate(seed, pair->public_key, pair->private_key);
	} while (err == ERR_AGAIN);
	ck_assert_int_eq(err, ERR_OK);
	kat_draw(&after_g, coins, sizeof(coins));
	ck_assert_int_eq(
	    sntrup761_encapsulate(pair->public_key, coins, sealed->ciphertext, sealed->shared),
	    ERR_OK);
}

static void some_entry(struct pair *pair, struct sealed *sealed)
{
	make_entry(kat_seeds(), pair, sealed);
}

START_TEST(a_g_without_inverse_makes_no_key)
{
	static uint8_t zeros[SNTRUP761_SEED_LEN];
	struct pair pair;

	/* 3 * 2^29 is 1 above 2^30, which stands for 0. */
	for (size_t i = 3; i < SNTRUP_RANDOM_LEN; i += 4)
		zeros[i] = 0x20;
	ck_assert_int_eq(sntrup761_generate(zeros, pair.public_key, pair.private_key), ERR_AGAIN);
}
END_TEST

/* What the document says comes of a ciphertext that is none: a hash of it and of a secret. */
static void expect_rejection(const struct pair *pair, const uint8_t *ciphertext)
{
	const uint8_t *rejection = pair->private_key + 191 + 191 + 1158;
	const struct slice inner[] = {BYTES(3), slice_over(rejection, 191)};
	struct digest input, session;
	uint8_t got[SNTRUP761_SHARED_LEN];

	ck_assert_int_eq(hash_parts(HASH_SHA512, inner, 2, &input), ERR_OK);
	const struct slice outer[] = {BYTES(0), slice_over(input.bytes, 32),
	    slice_over(ciphertext, SNTRUP761_CIPHERTEXT_LEN)};
	ck_assert_int_eq(hash_parts(HASH_SHA512, outer, 3, &session), ERR_OK);
	ck_assert_int_eq(sntrup761_decapsulate(pair->private_key, ciphertext, got), ERR_OK);
	ck_assert(slice_equal(SLICE_OF(got), slice_over(session.bytes, 32)));
}

START_TEST(changed_ciphertexts_are_rejected_implicitly)
{
	struct pair pair;
	struct sealed sealed;

	some_entry(&pair, &sealed);
	for (size_t i = 0; i < SNTRUP761_CIPHERTEXT_LEN; i += 13) {
		sealed.ciphertext[i] ^= (uint8_t)(1 << i % 8);
		expect_rejection(&pair, sealed.ciphertext);
		sealed.ciphertext[i] ^= (uint8_t)(1 << i % 8);
	}
	memset(sealed.ciphertext, 0, sizeof(sealed.ciphertext));
	expect_rejection(&pair, sealed.ciphertext);
	memset(sealed.ciphertext, 0xff, sizeof(sealed.ciphertext));
	expect_rejection(&pair, sealed.ciphertext);
}
END_TEST

START_TEST(any_bytes_decode_into_range)
{
	uint8_t bytes[SNTRUP_RQ_BYTES];
	struct sntrup_poly f;
	bool is_in_range = true;

	for (unsigned fill = 0; fill < 256; fill += 5) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(fill + i * fill);
		sntrup_rq_decode(&f, bytes);
		for (size_t i = 0; i < SNTRUP_P; i++)
			is_in_range &= f.c[i] >= -2295 && f.c[i] <= 2295;
		sntrup_rounded_decode(&f, bytes);
		for (size_t i = 0; i < SNTRUP_P; i++)
			is_in_range &= f.c[i] >= -2295 && f.c[i] <= 2295 && f.c[i] % 3 == 0;
	}
	ck_assert(is_in_range);
}
END_TEST

START_TEST(what_is_encoded_is_decoded)
{
	uint8_t bytes[SNTRUP_RQ_BYTES];
	struct sntrup_poly f, small, rounded, got;

	for (size_t i = 0; i < SNTRUP_P; i++) {
		f.c[i] = (int16_t)((i * 2741 + (size_t)_i * 331) % 4591) - 2295;
		small.c[i] = (int16_t)((i * 5 + i / 3) % 3) - 1;
		rounded.c[i] = (int16_t)(f.c[i] / 3 * 3);
	}
	sntrup_rq_encode(&f, bytes);
	sntrup_rq_decode(&got, bytes);
	ck_assert_mem_eq(&got, &f, sizeof(f));
	sntrup_rounded_encode(&rounded, bytes);
	sntrup_rounded_decode(&got, bytes);
	ck_assert_mem_eq(&got, &rounded, sizeof(f));
	sntrup_small_encode(&small, bytes);
	sntrup_small_decode(&got, bytes);
	ck_assert_mem_eq(&got, &small, sizeof(f));
}
END_TEST

START_TEST(reduction_is_to_the_nearest)
{
	for (int32_t x = -(1 << 23); x < 1 << 23; x += 5) {
		int16_t q = sntrup_modulo_q(x), three = sntrup_modulo_3(x);

		if (q < -2295 || q > 2295 || (x - q) % 4591 != 0)
			ck_abort_msg("%d modulo q became %d", x, q);
		if (three < -1 || three > 1 || (x - three) % 3 != 0)
			ck_abort_msg("%d modulo 3 became %d", x, three);
	}
}
END_TEST

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

START_TEST(sort_sorts)
{
	uint32_t values[SNTRUP_P], expected[SNTRUP_P];
	size_t count = (size_t)_i * 38 + 1;

	for (size_t i = 0; i < count; i++)
		values[i] = expected[i] = (uint32_t)(i + (size_t)_i) * 2654435761u & ~(7u << _i);
	if (count > 2)
		values[0] = expected[0] = UINT32_MAX;
	qsort(expected, count, sizeof(expected[0]), by_value);
	sntrup_sort(values, count);
	ck_assert_mem_eq(values, expected, count * sizeof(values[0]));
}
END_TEST

START_TEST(short_polynomials_have_weight_w)
{
	uint8_t bytes[SNTRUP_RANDOM_LEN];
	struct sntrup_poly f;
	struct kat_drbg drbg = kat_seeds();

	kat_draw(&drbg, bytes, sizeof(bytes));
	sntrup_sample_short(&f, bytes);
	ck_assert_uint_eq(sntrup_has_weight_w(&f), 0xffff);
	f.c[0] = f.c[0] == 0;
	ck_assert_uint_eq(sntrup_has_weight_w(&f), 0);
}
END_TEST

static void write_entry(EVP_MD_CTX *text, struct kat_drbg *seeds, int count)
{
	uint8_t entry_seed[KAT_SEED_LEN], shared[SNTRUP761_SHARED_LEN];
	char line[32];
	struct pair pair;
	struct sealed sealed;

	kat_draw(seeds, entry_seed, sizeof(entry_seed));
	make_entry(kat_drbg_new(entry_seed), &pair, &sealed);
	ck_assert_int_eq(
	    sntrup761_decapsulate(pair.private_key, sealed.ciphertext, shared), ERR_OK);
	ck_assert(slice_equal(SLICE_OF(shared), SLICE_OF(sealed.shared)));
	snprintf(line, sizeof(line), "%scount = %d\n", count > 0 ? "\n" : "", count);
	kat_text(text, line);
	kat_text_bytes(text, "seed", SLICE_OF(entry_seed));
	kat_text_bytes(text, "pk", SLICE_OF(pair.public_key));
	kat_text_bytes(text, "sk", SLICE_OF(pair.private_key));
	kat_text_bytes(text, "ct", SLICE_OF(sealed.ciphertext));
	kat_text_bytes(text, "ss", SLICE_OF(sealed.shared));
}

/* The digests that PQClean (of one entry) and Open Quantum Safe (of both) publish. */
static const struct {
	int entries;
	const char *digest;
} files[] = {
    {1, "afc42c3a5b10f4ef69654250097ebda9b9564570f4086744b24a6daf2bd1f89a"},
#ifndef SEKISHO_SANITIZERS
    {100, "36e1e53d4e6e295e8fb804449958ad9a3719aa350e91933c65791b9117382d57"},
#endif
};

START_TEST(known_answer_files)
{
	struct kat_drbg seeds = kat_seeds();
	EVP_MD_CTX *text = kat_text_new();
	uint8_t digest[32];

	for (int count = 0; count < files[_i].entries; count++)
		write_entry(text, &seeds, count);
	kat_text_finish(text, digest);
	ck_assert_hex(SLICE_OF(digest), files[_i].digest);
}
END_TEST

SUITE("sntrup761", TEST(a_g_without_inverse_makes_no_key),
    TEST(changed_ciphertexts_are_rejected_implicitly), TEST(any_bytes_decode_into_range),
    LOOP_TEST(what_is_encoded_is_decoded, 14), TEST(reduction_is_to_the_nearest),
    LOOP_TEST(sort_sorts, 21), TEST(short_polynomials_have_weight_w),
    LOOP_TEST(known_answer_files, COUNT_OF(files)))
