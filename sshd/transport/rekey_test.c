#include "sshd/transport/rekey.h"
#include "tests/support/suite.h"

#define GB (UINT64_C(1) << 30)

static const struct {
	const char *cipher;
	uint64_t setting, limit;
} limits[] = {
    /* RFC 4344 section 3.2: 2^32 blocks of 16 bytes; and the gigabyte of RFC 4253 section 9. */
    {"aes128-gcm@openssh.com", 0, 64 * GB},
    {"aes256-ctr", 0, 64 * GB},
    {"chacha20-poly1305@openssh.com", 0, GB},
    {"aes256-ctr", GB, GB},
    {"chacha20-poly1305@openssh.com", 2 * GB, GB},
    {"chacha20-poly1305@openssh.com", 16, 16},
    {"aes256-ctr", UINT64_MAX, 64 * GB},
};

START_TEST(bytes_are_limited_by_setting_and_cipher)
{
	const struct cipher_algorithm *cipher =
	    cipher_algorithm_named(slice_text(limits[_i].cipher));
	const struct rekey_policy policy = {.bytes = limits[_i].setting};
	const struct packet_keys keys = {.cipher_algorithm = cipher};
	struct packet_traffic traffic = {.packets = 1, .bytes = limits[_i].limit - 1};

	ck_assert_uint_eq(rekey_bytes_limit(&policy, cipher), limits[_i].limit);
	ck_assert(!rekey_due_by_traffic(&policy, &keys, &traffic));
	traffic.bytes++;
	ck_assert(rekey_due_by_traffic(&policy, &keys, &traffic));
}
END_TEST

START_TEST(packets_are_limited)
{
	const struct rekey_policy policy = {0};
	const struct packet_keys none = {0};
	const struct packet_keys keys = {.cipher_algorithm = &cipher_algorithms[0]};
	struct packet_traffic traffic = {.packets = (UINT64_C(1) << 31) - 1};

	ck_assert(!rekey_due_by_traffic(&policy, &keys, &traffic));
	traffic.packets++;
	ck_assert(rekey_due_by_traffic(&policy, &keys, &traffic));
	ck_assert(!rekey_due_by_traffic(&policy, &none, &traffic));
}
END_TEST

START_TEST(time_is_limited_when_set)
{
	const struct rekey_policy never = {0}, hourly = {.seconds = 3600},
	                          huge = {.seconds = UINT64_MAX};

	ck_assert_uint_eq(rekey_due_ms(&never, 5), UINT64_MAX);
	ck_assert_uint_eq(rekey_due_ms(&hourly, 5), 3600005);
	ck_assert_uint_eq(rekey_due_ms(&huge, 5), UINT64_MAX);
}
END_TEST

SUITE("rekey", LOOP_TEST(bytes_are_limited_by_setting_and_cipher, COUNT_OF(limits)),
    TEST(packets_are_limited), TEST(time_is_limited_when_set))
