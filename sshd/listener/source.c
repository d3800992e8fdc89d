#include "sshd/listener/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "sshd/base/auto.h"

static void mask(struct source *source, size_t len, unsigned bits)
{
	if (bits > len * 8)
		bits = (unsigned)len * 8;
	source->bits = (uint8_t)bits;
	for (size_t i = 0; i < len; i++) {
		unsigned kept = bits > i * 8 ? bits - (unsigned)i * 8 : 0;

		if (kept < 8)
			source->address[i] &= (uint8_t)(0xff00u >> kept);
	}
}

struct source source_of(const struct sockaddr *peer, unsigned ipv4_bits, unsigned ipv6_bits)
{
	const struct sockaddr_in *ipv4 = (const void *)peer;
	const struct sockaddr_in6 *ipv6 = (const void *)peer;
	struct source source = {.bits = 32};

	if (peer->sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&ipv6->sin6_addr)) {
		source.is_ipv6 = true;
		memcpy(source.address, &ipv6->sin6_addr, 16);
		mask(&source, 16, ipv6_bits);
		return source;
	}
	if (peer->sa_family == AF_INET6)
		memcpy(source.address, ipv6->sin6_addr.s6_addr + 12, 4);
	else if (peer->sa_family == AF_INET)
		memcpy(source.address, &ipv4->sin_addr, 4);
	mask(&source, 4, ipv4_bits);
	return source;
}

bool source_equal(const struct source *a, const struct source *b)
{
	return a->is_ipv6 == b->is_ipv6 && a->bits == b->bits &&
	    memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static uint64_t rotate(uint64_t value, unsigned count)
{
	return value << count | value >> (64 - count);
}

static void sip_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_absorb(uint64_t v[static 4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

static uint64_t little_endian(const uint8_t bytes[static 8])
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

/* Always 18 bytes: the address, then the mask and the family, as the last incomplete word. */
uint64_t source_hash(const struct source *source, const uint64_t key[static 2])
{
	uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
	    key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};

	sip_absorb(v, little_endian(source->address));
	sip_absorb(v, little_endian(source->address + 8));
	sip_absorb(v, 18ull << 56 | (uint64_t)source->is_ipv6 << 8 | source->bits);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

enum err source_append(struct buf *out, const struct source *source)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (inet_ntop(source->is_ipv6 ? AF_INET6 : AF_INET, source->address, text, sizeof(text)) == NULL)
		return ERR_SYSTEM;
	return buf_append_format(out, "%s/%u", text, source->bits);
}
