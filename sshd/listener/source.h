/* Where a connection comes from, as limits and penalties count it: a masked address. */
#pragma once

#include <sys/socket.h>

#include "sshd/base/buf.h"

struct source {
	uint8_t address[16]; /* IPv4: the first four; bits past the mask are zero */
	uint8_t bits;        /* of the mask */
	bool is_ipv6;
};

/*
 * The source of a peer. An IPv4 address mapped into IPv6 is IPv4. Other families (a pipe, a
 * local socket) are all one IPv4 source, 0.0.0.0/32.
 */
struct source source_of(const struct sockaddr *peer, unsigned ipv4_bits, unsigned ipv6_bits);

bool source_equal(const struct source *a, const struct source *b);

/* SipHash-2-4 under a key that no peer knows: buckets cannot be filled on purpose. */
uint64_t source_hash(const struct source *source, const uint64_t key[static 2]);

/* "192.0.2.1/32", appended. */
enum err source_append(struct buf *out, const struct source *source);
