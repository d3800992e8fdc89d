/*
 * The binary packet protocol (RFC 4253 section 6): what sealing and opening share.
 *
 *     uint32 packet_length | byte padding_length | payload | padding | tag
 */
#pragma once

#include "sshd/crypto/cipher.h"
#include "sshd/crypto/mac.h"

#define PACKET_HEADER_LEN   5u /* packet_length and padding_length */
#define PACKET_PADDING_MIN  4u
#define PACKET_LENGTH_MIN   5u
#define PACKET_LENGTH_LIMIT (256u * 1024) /* as OpenSSH; RFC 4253 section 6.1 asks for 35000 */
#define PACKET_BLOCK_LIMIT  16u           /* the largest block any row pads to */
/* Everything a packet holds beside its payload, at most: padding is minimal. */
#define PACKET_OVERHEAD_LIMIT                                                                      \
	(PACKET_HEADER_LEN + PACKET_PADDING_MIN + PACKET_BLOCK_LIMIT + MAC_TAG_LIMIT)
/* The longest packet that is taken, tag included. */
#define PACKET_TOTAL_LIMIT (4u + PACKET_LENGTH_LIMIT + MAC_TAG_LIMIT)

/* The keys of one direction; all zero before the first NEWKEYS: nothing is encrypted. */
struct packet_keys {
	const struct cipher_algorithm *cipher_algorithm;
	const struct mac_algorithm *mac_algorithm; /* NULL beside a cipher with a tag */
	struct cipher *cipher;
	struct mac *mac;
};

/*
 * Makes both ready. `iv` and `cipher_key` have exactly the cipher's lengths, `mac_key` the MAC's
 * (empty without one). On an error nothing exists. ERR_CRYPTO, ERR_NO_MEMORY.
 */
enum err packet_keys_init(struct packet_keys *keys, const struct cipher_algorithm *cipher,
    const struct mac_algorithm *mac, enum cipher_direction direction, struct slice iv,
    struct slice cipher_key, struct slice mac_key);
void packet_keys_wipe(struct packet_keys *keys);

/* What the packets of these keys look like. */
struct packet_shape {
	size_t block_len;
	size_t tag_len;
	size_t unpadded_len; /* 4 where the length field does not count for the padding, else 0 */
};

struct packet_shape packet_shape_of(const struct packet_keys *keys);

/* What went through one direction under its present keys. */
struct packet_traffic {
	uint64_t packets, bytes;
};

static inline uint32_t packet_get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}
