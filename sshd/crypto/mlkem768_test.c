#include "config.h"

#include "sshd/crypto/mlkem768.h"

#include <openssl/evp.h>

#include "sshd/crypto/mlkem768_vectors.h"
#include "tests/support/hex.h"
#include "tests/support/nist_kat.h"
#include "tests/support/suite.h"

struct pair {
	uint8_t public_key[MLKEM768_PUBLIC_LEN];
	uint8_t private_key[MLKEM768_PRIVATE_LEN];
};

struct sealed {
	uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN];
	uint8_t shared[MLKEM768_SHARED_LEN];
};

static struct pair generate(const uint8_t seed[static MLKEM768_SEED_LEN])
{
	struct pair pair;

	ck_assert_int_eq(mlkem768_generate(seed, pair.public_key, pair.private_key), ERR_OK);
	return pair;
}

static struct sealed encapsulate(const uint8_t *public_key, const uint8_t *coins)
{
	struct sealed sealed;

	ck_assert_int_eq(
	    mlkem768_encapsulate(public_key, coins, sealed.ciphertext, sealed.shared), ERR_OK);
	return sealed;
}

static struct pair some_pair(void)
{
	static const uint8_t seed[MLKEM768_SEED_LEN] = {5, 4, 3, 2, 1};

	return generate(seed);
}

/* FIPS 203 section 7.2: every coefficient is looked at, and q itself is one too much. */
START_TEST(keys_that_are_not_reduced_are_refused)
{
	static const unsigned values[] = {3329, 3330, 4095};
	static const uint8_t coins[MLKEM768_COINS_LEN];
	const struct pair pair = some_pair();
	uint8_t key[MLKEM768_PUBLIC_LEN];

	for (size_t i = 0; i < 3 * 256 * COUNT_OF(values); i++) {
		size_t coefficient = i / COUNT_OF(values), at = coefficient * 3 / 2;
		unsigned value = values[i % COUNT_OF(values)];
		struct sealed sealed = {{42}, {42}};

		memcpy(key, pair.public_key, sizeof(key));
		if (coefficient % 2 == 0) {
			key[at] = (uint8_t)value;
			key[at + 1] = (uint8_t)((key[at + 1] & 0xf0) | value >> 8);
		} else {
			key[at] = (uint8_t)((key[at] & 0x0f) | value << 4);
			key[at + 1] = (uint8_t)(value >> 4);
		}
		ck_assert_int_eq(mlkem768_encapsulate(key, coins, sealed.ciphertext, sealed.shared),
		    ERR_EXCHANGE);
		ck_assert_uint_eq(sealed.ciphertext[0], 42);
		ck_assert_uint_eq(sealed.shared[0], 42);
	}
}
END_TEST

START_TEST(the_greatest_coefficients_are_accepted)
{
	static const uint8_t coins[MLKEM768_COINS_LEN];
	uint8_t key[MLKEM768_PUBLIC_LEN] = {0};

	for (size_t at = 0; at < MLKEM768_PUBLIC_LEN - 32; at += 3) {
		key[at] = 0x00; /* 3328 twice */
		key[at + 1] = 0x0d;
		key[at + 2] = 0xd0;
	}
	encapsulate(key, coins);
}
END_TEST

/* Any change of the ciphertext gives SHAKE256(z || ciphertext), nothing else. */
START_TEST(changed_ciphertexts_are_rejected_implicitly)
{
	static const uint8_t coins[MLKEM768_COINS_LEN] = {1, 2, 3};
	const struct pair pair = some_pair();
	struct sealed sealed = encapsulate(pair.public_key, coins);
	uint8_t expected[32], got[32];
	EVP_MD_CTX *shake = EVP_MD_CTX_new();

	sealed.ciphertext[_i * 16 % MLKEM768_CIPHERTEXT_LEN] ^= (uint8_t)(1 << _i % 8);
	EVP_DigestInit_ex(shake, EVP_shake256(), NULL);
	EVP_DigestUpdate(shake, pair.private_key + MLKEM768_PRIVATE_LEN - 32, 32);
	EVP_DigestUpdate(shake, sealed.ciphertext, sizeof(sealed.ciphertext));
	EVP_DigestFinalXOF(shake, expected, sizeof(expected));
	EVP_MD_CTX_free(shake);
	ck_assert_int_eq(mlkem768_decapsulate(pair.private_key, sealed.ciphertext, got), ERR_OK);
	ck_assert(slice_equal(SLICE_OF(got), SLICE_OF(expected)));
}
END_TEST

START_TEST(acvp_vector)
{
	const uint8_t *private_key = hex(acvp_private_key).ptr;
	const struct sealed sealed = encapsulate(private_key + 1152, hex(acvp_coins).ptr);
	uint8_t shared[MLKEM768_SHARED_LEN];

	ck_assert_hex(SLICE_OF(sealed.ciphertext), acvp_ciphertext);
	ck_assert_hex(SLICE_OF(sealed.shared), acvp_shared);
	ck_assert_int_eq(mlkem768_decapsulate(private_key, sealed.ciphertext, shared), ERR_OK);
	ck_assert_hex(SLICE_OF(shared), acvp_shared);
}
END_TEST

START_TEST(wycheproof_vector_of_rejection)
{
	const struct pair pair = generate(hex(rejected_seed).ptr);
	uint8_t shared[MLKEM768_SHARED_LEN];

	ck_assert_int_eq(
	    mlkem768_decapsulate(pair.private_key, hex(rejected_ciphertext).ptr, shared), ERR_OK);
	ck_assert_hex(SLICE_OF(shared), rejected_shared);
}
END_TEST

static void kat_entry(EVP_MD_CTX *text, struct kat_drbg *seeds, int count)
{
	uint8_t seed[KAT_SEED_LEN], key_seed[MLKEM768_SEED_LEN], coins[MLKEM768_COINS_LEN];
	char line[32];
	struct kat_drbg drbg;
	struct pair pair;
	struct sealed sealed;

	kat_draw(seeds, seed, sizeof(seed));
	drbg = kat_drbg_new(seed);
	kat_draw(&drbg, key_seed, sizeof(key_seed));
	kat_draw(&drbg, coins, sizeof(coins));
	pair = generate(key_seed);
	sealed = encapsulate(pair.public_key, coins);
	snprintf(line, sizeof(line), "%scount = %d\n", count > 0 ? "\n" : "", count);
	kat_text(text, line);
	kat_text_bytes(text, "seed", SLICE_OF(seed));
	kat_text_bytes(text, "pk", SLICE_OF(pair.public_key));
	kat_text_bytes(text, "sk", SLICE_OF(pair.private_key));
	kat_text_bytes(text, "ct", SLICE_OF(sealed.ciphertext));
	kat_text_bytes(text, "ss", SLICE_OF(sealed.shared));
}

/* The hundred entries of the file whose digest Open Quantum Safe publishes. */
START_TEST(known_answer_file)
{
	struct kat_drbg seeds = kat_seeds();
	EVP_MD_CTX *text = kat_text_new();
	uint8_t digest[32];

	for (int count = 0; count < 100; count++)
		kat_entry(text, &seeds, count);
	kat_text_finish(text, digest);
	ck_assert_hex(SLICE_OF(digest),
	    "e5d6911117c708d8342702db222f66bef5ac5b0314fb8bc36eb22a536c9b34fb");
}
END_TEST

static const struct {
	size_t rounds;
	const char *digest;
} accumulated[] = {
    {100, "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415"},
#ifndef SEKISHO_SANITIZERS
    {10000, "8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc"},
#endif
};

/* One round reads a seed, coins and what is no ciphertext. */
#define ROUND_LEN (MLKEM768_SEED_LEN + MLKEM768_COINS_LEN + MLKEM768_CIPHERTEXT_LEN)

static void accumulate(EVP_MD_CTX *sum, const uint8_t *input)
{
	const struct pair pair = generate(input);
	const struct sealed sealed = encapsulate(pair.public_key, input + MLKEM768_SEED_LEN);
	const uint8_t *noise = input + MLKEM768_SEED_LEN + MLKEM768_COINS_LEN;
	uint8_t shared[MLKEM768_SHARED_LEN], rejected[MLKEM768_SHARED_LEN];

	ck_assert_int_eq(mlkem768_decapsulate(pair.private_key, sealed.ciphertext, shared), ERR_OK);
	ck_assert(slice_equal(SLICE_OF(shared), SLICE_OF(sealed.shared)));
	ck_assert_int_eq(mlkem768_decapsulate(pair.private_key, noise, rejected), ERR_OK);
	EVP_DigestUpdate(sum, pair.public_key, sizeof(pair.public_key));
	EVP_DigestUpdate(sum, &sealed, sizeof(sealed));
	EVP_DigestUpdate(sum, rejected, sizeof(rejected));
}

/* C2SP CCTV: inputs from SHAKE128 of nothing, outputs into SHAKE128. */
START_TEST(accumulated_vectors)
{
	size_t len = accumulated[_i].rounds * ROUND_LEN;
	uint8_t *input = malloc(len), digest[32];
	EVP_MD_CTX *source = EVP_MD_CTX_new(), *sum = EVP_MD_CTX_new();

	EVP_DigestInit_ex(source, EVP_shake128(), NULL);
	EVP_DigestFinalXOF(source, input, len);
	EVP_DigestInit_ex(sum, EVP_shake128(), NULL);
	for (size_t i = 0; i < accumulated[_i].rounds; i++)
		accumulate(sum, input + i * ROUND_LEN);
	EVP_DigestFinalXOF(sum, digest, sizeof(digest));
	ck_assert_hex(SLICE_OF(digest), accumulated[_i].digest);
	EVP_MD_CTX_free(source);
	EVP_MD_CTX_free(sum);
	free(input);
}
END_TEST

SUITE("mlkem768", TEST(keys_that_are_not_reduced_are_refused),
    TEST(the_greatest_coefficients_are_accepted),
    LOOP_TEST(changed_ciphertexts_are_rejected_implicitly, 68), TEST(acvp_vector),
    TEST(wycheproof_vector_of_rejection), TEST(known_answer_file),
    LOOP_TEST(accumulated_vectors, COUNT_OF(accumulated)))
