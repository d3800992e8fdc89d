#include "sshd/listener/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/support/suite.h"

static struct sockaddr_storage address(const char *text)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in *ipv4 = (void *)&storage;
	struct sockaddr_in6 *ipv6 = (void *)&storage;

	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1)
		storage.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1)
		storage.ss_family = AF_INET6;
	return storage;
}

static const struct {
	const char *why;
	const char *peer;
	unsigned ipv4_bits, ipv6_bits;
	const char *expect;
} cases[] = {
    {"all bits", "192.0.2.77", 32, 128, "192.0.2.77/32"},
    {"a mask within a byte", "192.0.2.255", 28, 128, "192.0.2.240/28"},
    {"a mask between bytes", "192.0.2.255", 24, 128, "192.0.2.0/24"},
    {"everybody", "192.0.2.255", 0, 128, "0.0.0.0/0"},
    {"an impossible mask", "192.0.2.255", 99, 128, "192.0.2.255/32"},
    {"IPv6 with its own mask", "2001:db8::1:2:3:4", 24, 64, "2001:db8::/64"},
    {"IPv6, odd mask", "2001:db8:ffff::1", 32, 35, "2001:db8:e000::/35"},
    {"IPv4 in IPv6 is IPv4", "::ffff:192.0.2.77", 24, 64, "192.0.2.0/24"},
    {"no address at all", "a pipe", 32, 128, "0.0.0.0/32"},
};

START_TEST(source_is_the_masked_address)
{
	struct sockaddr_storage peer = address(cases[_i].peer);
	struct source source =
	    source_of((const struct sockaddr *)&peer, cases[_i].ipv4_bits, cases[_i].ipv6_bits);
	AUTO(buf_wipe) struct buf text = buf_empty(128);

	ck_assert_int_eq(source_append(&text, &source), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&text), cases[_i].expect), "%s: %.*s", cases[_i].why,
	    (int)buf_len(&text), buf_view(&text).ptr);
}
END_TEST

/* 0.0.0.0 and :: have the same sixteen bytes. */
START_TEST(families_are_apart)
{
	const uint64_t key[2] = {1, 2};
	struct sockaddr_storage four = address("0.0.0.0"), six = address("::");
	struct source a = source_of((const struct sockaddr *)&four, 32, 32);
	struct source b = source_of((const struct sockaddr *)&six, 32, 32);

	ck_assert(!source_equal(&a, &b));
	ck_assert_uint_ne(source_hash(&a, key), source_hash(&b, key));
}
END_TEST

/*
 * Eighteen bytes, 00 to 0f, 10 and 01 (our mask and family), under the key of the SipHash paper's
 * example; computed by a second implementation that gives the paper's own result.
 */
#define SIPHASH_OF_18 0xd02261ae54e65bd6u

START_TEST(hash_is_siphash)
{
	const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	struct source source = {.bits = 0x10};

	for (unsigned i = 0; i < 16; i++)
		source.address[i] = (uint8_t)i;
	source.is_ipv6 = true;
	ck_assert_uint_eq(source_hash(&source, key), SIPHASH_OF_18);
	ck_assert_uint_ne(source_hash(&source, (const uint64_t[2]){0, 0}), SIPHASH_OF_18);
}
END_TEST

SUITE("source", LOOP_TEST(source_is_the_masked_address, COUNT_OF(cases)), TEST(families_are_apart),
    TEST(hash_is_siphash))
