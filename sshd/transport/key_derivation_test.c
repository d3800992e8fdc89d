#include "sshd/transport/key_derivation.h"
#include "tests/support/hex.h"
#include "tests/support/suite.h"

#define ONE_TO_31 "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define ONE_TO_30 "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e"
/* SHA-256 of "H" and of "sid" stand for the exchange hash and the session identifier. */
#define H_TEXT          "44bd7ae60f478fae1061e11a7739f4b94d1daf917982d33b6fc8a01a63f89c21"
#define SESSION_ID_TEXT "34b36454cab2e7842c389f7d88ecb7df279e3918cbac07970d4cde496e70f4c8"

/* Made by an independent implementation. */
static const struct {
	const char *why;
	enum hash_kind hash;
	enum k_kind k_kind;
	const char *K;
	char letter;
	const char *key;
} vectors[] = {
    {"a sign byte before K", HASH_SHA256, K_MPINT, "80" ONE_TO_31, 'A', "3d89ba30546c9d7ca7a37680"},
    {"a key longer than the digest", HASH_SHA256, K_MPINT, "80" ONE_TO_31, 'C',
        "eef73ea7afed6144c93052bf11576d0e130c19a4bde5f0518489b2d3c8e2a3e60d0b0ac91269a320"
        "40d4a347e68aeafd4ddd0587b7ad9c60d6d883bd3a6e0cae"},
    {"leading zeros of K dropped", HASH_SHA256, K_MPINT, "0000" ONE_TO_30, 'E',
        "ba0514282e722851848f5e11075616c6dad8b359"},
    {"no sign byte needed", HASH_SHA384, K_MPINT, "7f" ONE_TO_31, 'B',
        "b073bdecb531ce938e7a3e45f9982828"},
    {"K as a string", HASH_SHA512, K_STRING, "80" ONE_TO_31, 'F',
        "d095a8aad4531f05195c76378e286c896ab49e125a04a24c674ca568170f539ffd655ec3256b2801"
        "b2c3534c2b698d58c352897004b39392af2eb226a39b3682"},
    {"one byte more than a digest", HASH_SHA256, K_STRING, "80" ONE_TO_31, 'D',
        "e948186ddb726fbee3a79b328ddcd7f11056c4ca146b6488aaff1c7f90f67af25f"},
    {"leading zeros of a string kept", HASH_SHA256, K_STRING, "0000" ONE_TO_30, 'E',
        "b07579ca6a91421928dc9c2b4f546f903b9d71aa"},
};

START_TEST(keys_are_derived)
{
	const struct key_source source = {vectors[_i].hash, vectors[_i].k_kind, hex(vectors[_i].K),
	    hex(H_TEXT), hex(SESSION_ID_TEXT)};
	uint8_t key[DERIVED_KEY_LIMIT];
	struct span room = {key, strlen(vectors[_i].key) / 2};

	ck_assert_int_eq(key_derive(&source, vectors[_i].letter, room), ERR_OK);
	ck_assert_hex(span_view(room), vectors[_i].key);
}
END_TEST

START_TEST(keys_past_the_limit_are_refused)
{
	const struct key_source source = {.hash = HASH_SHA256, .k_kind = K_STRING};
	uint8_t key[DERIVED_KEY_LIMIT + 1] = {42};

	ck_assert_int_eq(key_derive(&source, 'A', (struct span){key, sizeof(key)}), ERR_RANGE);
	ck_assert_uint_eq(key[0], 42);
}
END_TEST

START_TEST(an_empty_key_is_no_work)
{
	const struct key_source source = {.hash = HASH_SHA256, .k_kind = K_STRING};

	ck_assert_int_eq(key_derive(&source, 'A', (struct span){NULL, 0}), ERR_OK);
}
END_TEST

SUITE("key_derivation", LOOP_TEST(keys_are_derived, COUNT_OF(vectors)),
    TEST(keys_past_the_limit_are_refused), TEST(an_empty_key_is_no_work))
