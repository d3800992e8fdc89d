/* Hashes against FIPS 180 and RFC 1321, and the random sources. */
#include "sshd/crypto/hash.h"
#include "sshd/crypto/random.h"
#include "tests/support/hex.h"
#include "tests/support/suite.h"

static const struct {
	enum hash_kind kind;
	const char *of_abc;
} hashes[] = {
    {HASH_MD5, "900150983cd24fb0d6963f7d28e17f72"},
    {HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                  "8086072ba1e7cc2358baeca134c825a7"},
    {HASH_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

START_TEST(hash_of_abc_in_parts)
{
	const struct slice parts[] = {LITERAL("a"), LITERAL(""), LITERAL("bc")};
	struct digest digest;

	ck_assert_int_eq(hash_parts(hashes[_i].kind, parts, COUNT_OF(parts), &digest), ERR_OK);
	ck_assert_hex(digest_view(&digest), hashes[_i].of_abc);
	ck_assert_uint_eq(digest.len, hash_len(hashes[_i].kind));
}
END_TEST

START_TEST(no_hash_is_an_error)
{
	struct digest digest = {.len = 4242};

	ck_assert_int_eq(hash_parts(HASH_NONE, NULL, 0, &digest), ERR_CRYPTO);
	ck_assert_int_eq(hash_parts((enum hash_kind)99, NULL, 0, &digest), ERR_CRYPTO);
	ck_assert_uint_eq(digest.len, 4242);
	ck_assert_uint_eq(hash_len(HASH_NONE), 0);
	ck_assert_uint_eq(hash_len((enum hash_kind)99), 0);
}
END_TEST

START_TEST(everything_can_be_fetched_and_fetched_again)
{
	ck_assert_int_eq(crypto_prepare(), ERR_OK);
	ck_assert_int_eq(crypto_prepare(), ERR_OK);
}
END_TEST

/* Nothing of a host's OpenSSL configuration may reach a server that cannot see it later. */
START_TEST(the_configuration_of_openssl_is_not_read)
{
	const char *seeds = getenv("SEEDS");
	char path[512];

	snprintf(path, sizeof(path), "%s/hash_test/openssl.cnf", seeds ? seeds : "tests/seeds");
	ck_assert_int_eq(setenv("OPENSSL_CONF", path, 1), 0);
	ck_assert_int_eq(crypto_prepare(), ERR_OK);
}
END_TEST

START_TEST(random_bytes_fill_all_of_the_room)
{
	uint8_t bytes[4096] = {0}, again[sizeof(bytes)] = {0};
	size_t zeros = 0;

	ck_assert_int_eq(random_fill((struct span){bytes, sizeof(bytes)}), ERR_OK);
	ck_assert_int_eq(random_fill((struct span){again, sizeof(again)}), ERR_OK);
	ck_assert(memcmp(bytes, again, sizeof(bytes)) != 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		zeros += bytes[i] == 0;
	ck_assert_uint_lt(zeros, 200); /* 16 are expected */
}
END_TEST

START_TEST(pool_hands_out_each_byte_once)
{
	struct random_pool pool = {0};
	uint8_t first[100], second[100];

	ck_assert_int_eq(random_pool_take(&pool, (struct span){first, sizeof(first)}), ERR_OK);
	ck_assert_uint_eq(pool.used, 100);
	for (size_t i = 0; i < pool.used; i++)
		ck_assert_uint_eq(pool.bytes[i], 0);
	memcpy(second, pool.bytes + pool.used, sizeof(second));
	ck_assert_int_eq(random_pool_take(&pool, (struct span){first, sizeof(first)}), ERR_OK);
	ck_assert_mem_eq(first, second, sizeof(second));
}
END_TEST

START_TEST(pool_serves_more_than_it_holds)
{
	static const uint8_t zeros[64];
	struct random_pool pool = {0};
	uint8_t bytes[1024] = {0};

	ck_assert_int_eq(random_pool_take(&pool, (struct span){bytes, sizeof(bytes)}), ERR_OK);
	for (size_t i = 0; i < sizeof(bytes); i += sizeof(zeros))
		ck_assert(memcmp(bytes + i, zeros, sizeof(zeros)) != 0);
	ck_assert_uint_eq(pool.used, sizeof(pool.bytes));
}
END_TEST

SUITE("hash", LOOP_TEST(hash_of_abc_in_parts, COUNT_OF(hashes)), TEST(no_hash_is_an_error),
    TEST(everything_can_be_fetched_and_fetched_again),
    TEST(the_configuration_of_openssl_is_not_read), TEST(random_bytes_fill_all_of_the_room),
    TEST(pool_hands_out_each_byte_once), TEST(pool_serves_more_than_it_holds))
