#include "sshd/transport/rekey.h"

/* RFC 4344 section 3.1: a new key after 2^31 packets, so that no sequence number comes twice. */
#define REKEY_PACKETS (UINT64_C(1) << 31)

/*
 * RFC 4344 section 3.2: 2^(L/4) blocks of L bits where L is at least 128; else (and for the
 * stream cipher, whose packets are padded to 8) the gigabyte of RFC 4253 section 9.
 */
static uint64_t cipher_bytes_limit(const struct cipher_algorithm *cipher)
{
	if (cipher->block_len >= 16)
		return (UINT64_C(1) << 32) * cipher->block_len;
	return UINT64_C(1) << 30;
}

uint64_t rekey_bytes_limit(const struct rekey_policy *policy, const struct cipher_algorithm *cipher)
{
	uint64_t limit = cipher_bytes_limit(cipher);

	return policy->bytes > 0 && policy->bytes < limit ? policy->bytes : limit;
}

bool rekey_due_by_traffic(const struct rekey_policy *policy, const struct packet_keys *keys,
    const struct packet_traffic *traffic)
{
	if (keys->cipher_algorithm == NULL)
		return false;
	return traffic->packets >= REKEY_PACKETS ||
	       traffic->bytes >= rekey_bytes_limit(policy, keys->cipher_algorithm);
}

uint64_t rekey_due_ms(const struct rekey_policy *policy, uint64_t since_ms)
{
	if (policy->seconds == 0 || policy->seconds > (UINT64_MAX - since_ms) / 1000)
		return UINT64_MAX;
	return since_ms + policy->seconds * 1000;
}
