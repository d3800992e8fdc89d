/* When to exchange keys again: RFC 4253 section 9, RFC 4344 section 3. */
#pragma once

#include "sshd/transport/packet.h"

struct rekey_policy {
	uint64_t bytes;   /* 0: what the cipher allows */
	uint64_t seconds; /* 0: never by time */
};

/* Bytes that one direction may carry under one key of this cipher. */
uint64_t rekey_bytes_limit(
    const struct rekey_policy *policy, const struct cipher_algorithm *cipher);

/* One direction has carried enough. False before the first keys. */
bool rekey_due_by_traffic(const struct rekey_policy *policy, const struct packet_keys *keys,
    const struct packet_traffic *traffic);

/* When the keys made at `since_ms` have lived long enough; UINT64_MAX: never. */
uint64_t rekey_due_ms(const struct rekey_policy *policy, uint64_t since_ms);
