/*
 * UMAC (RFC 4418) with tags of 64 and 128 bits, on AES-128. The nonce is the sequence number as
 * a uint64, which is why it is not among the bytes hashed. Names and letters are the RFC's; what
 * it calls iterations are `streams` here, hashes under different keys that run side by side.
 */
#include "sshd/crypto/mac_ops.h"

#include <endian.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"

#define AES_LEN      16
#define STREAM_BYTES 4 /* of tag that each stream makes */
#define STREAM_LIMIT 4
#define L1_BLOCK     1024 /* bytes that NH compresses into 8 */
#define NH_GROUP     32   /* bytes NH takes at a time */
#define L1_SHIFT     4    /* words by which the NH keys of neighbouring streams are apart */
#define L1_WORDS     (L1_BLOCK / 4 + L1_SHIFT * (STREAM_LIMIT - 1))

/* 2^17 bytes of NH results: from there on RFC 4418 hashes further, which no packet needs. */
#define PACKET_LIMIT (1u << 24)

#define P36 ((UINT64_C(1) << 36) - 5)
#define P64 (UINT64_MAX - 58) /* 2^64 - 59 */

struct umac {
	struct mac mac;
	size_t streams;
	EVP_CIPHER_CTX *pdf;
	uint32_t l1_key[L1_WORDS];
	uint64_t l2_key[STREAM_LIMIT];
	uint64_t l3_key1[STREAM_LIMIT][8];
	uint8_t l3_key2[STREAM_LIMIT * STREAM_BYTES];
	/* The pad block of one nonce serves its neighbour too when tags have 64 bits. */
	bool has_pad;
	uint64_t pad_nonce;
	uint8_t pad[AES_LEN];
};

static struct umac *umac_of(struct mac *mac)
{
	return CONTAINER_OF(mac, struct umac, mac);
}

static uint64_t u64_at(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

static void u64_put(uint8_t *bytes, uint64_t value)
{
	value = htobe64(value);
	memcpy(bytes, &value, sizeof(value));
}

/* ------------------------------------------------------------------ keys: section 3.2 */

static EVP_CIPHER_CTX *aes_new(const uint8_t key[static AES_LEN])
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *aes = library_cipher(LIBRARY_AES128_ECB);

	if (context != NULL && aes != NULL &&
	    EVP_EncryptInit_ex2(context, aes, key, NULL, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(context, 0) == 1)
		return context;
	EVP_CIPHER_CTX_free(context);
	return NULL;
}

static void aes_release(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
}

static bool aes_block(EVP_CIPHER_CTX *context, const uint8_t *in, uint8_t out[static AES_LEN])
{
	int len;

	return EVP_EncryptUpdate(context, out, &len, in, AES_LEN) == 1 && len == AES_LEN;
}

/* KDF: AES over a counter, `index` tells the keys apart. */
static bool derive(EVP_CIPHER_CTX *kdf, uint64_t index, void *out, size_t len)
{
	uint8_t in[AES_LEN], block[AES_LEN];
	bool is_done = true;

	u64_put(in, index);
	for (size_t at = 0, i = 1; at < len && is_done; at += AES_LEN, i++) {
		u64_put(in + 8, i);
		is_done = aes_block(kdf, in, block);
		memcpy((uint8_t *)out + at, block, len - at < AES_LEN ? len - at : AES_LEN);
	}
	explicit_bzero(block, sizeof(block));
	return is_done;
}

static void key_release(uint8_t (*key)[AES_LEN])
{
	explicit_bzero(*key, AES_LEN);
}

static bool pdf_start(struct umac *umac, EVP_CIPHER_CTX *kdf)
{
	AUTO(key_release) uint8_t key[AES_LEN];

	if (!derive(kdf, 0, key, AES_LEN))
		return false;
	umac->pdf = aes_new(key);
	return umac->pdf != NULL;
}

/* L2 keys have 24 bytes; the last 16 are for messages longer than ours. Mask64 makes room. */
static bool l2_start(struct umac *umac, EVP_CIPHER_CTX *kdf)
{
	uint8_t keys[STREAM_LIMIT][24];
	bool is_done = derive(kdf, 2, keys, sizeof(keys));

	for (size_t s = 0; s < STREAM_LIMIT; s++)
		umac->l2_key[s] = u64_at(keys[s]) & UINT64_C(0x01ffffff01ffffff);
	explicit_bzero(keys, sizeof(keys));
	return is_done;
}

/* Every derived key of fewer streams is the beginning of that of more. */
static enum err start(struct mac *mac, struct slice key)
{
	struct umac *umac = umac_of(mac);
	AUTO(aes_release) EVP_CIPHER_CTX *kdf = aes_new(key.ptr);

	if (kdf == NULL || !pdf_start(umac, kdf) ||
	    !derive(kdf, 1, umac->l1_key, sizeof(umac->l1_key)) || !l2_start(umac, kdf) ||
	    !derive(kdf, 3, umac->l3_key1, sizeof(umac->l3_key1)) ||
	    !derive(kdf, 4, umac->l3_key2, sizeof(umac->l3_key2)))
		return library_failed();
	for (size_t i = 0; i < L1_WORDS; i++)
		umac->l1_key[i] = be32toh(umac->l1_key[i]);
	for (size_t s = 0; s < STREAM_LIMIT; s++)
		for (size_t i = 0; i < 8; i++)
			umac->l3_key1[s][i] = be64toh(umac->l3_key1[s][i]) % P36;
	umac->streams = mac->algorithm->tag_len / STREAM_BYTES;
	return ERR_OK;
}

static void stop(struct mac *mac)
{
	EVP_CIPHER_CTX_free(umac_of(mac)->pdf);
}

/* ---------------------------------------------------------------- L1-HASH: section 5.2 */

/* `streams` is a constant wherever this is inlined, so that the sums live in registers. */
static inline __attribute__((always_inline)) void nh_group(
    uint64_t *sums, size_t streams, const uint32_t *key, const uint8_t group[static NH_GROUP])
{
	uint32_t m[NH_GROUP / 4];

	memcpy(m, group, sizeof(m));
	for (size_t i = 0; i < 4; i++)
		for (size_t s = 0; s < streams; s++) {
			uint32_t a = le32toh(m[i]) + key[L1_SHIFT * s + i];
			uint32_t b = le32toh(m[i + 4]) + key[L1_SHIFT * s + i + 4];

			sums[s] += (uint64_t)a * b;
		}
}

/* NH over at most L1_BLOCK bytes, padded to a whole, never empty, number of groups. */
static inline __attribute__((always_inline)) void nh_block(
    uint64_t *sums, size_t streams, const uint32_t *key, struct slice block)
{
	uint8_t last[NH_GROUP] = {0};
	size_t bit_count = block.len * 8;
	bool is_empty = block.len == 0;

	memset(sums, 0, streams * sizeof(*sums));
	for (; block.len >= NH_GROUP; block = slice_after(block, NH_GROUP), key += NH_GROUP / 4)
		nh_group(sums, streams, key, block.ptr);
	if (block.len > 0)
		memcpy(last, block.ptr, block.len);
	if (block.len > 0 || is_empty)
		nh_group(sums, streams, key, last);
	for (size_t s = 0; s < streams; s++)
		sums[s] += bit_count;
}

static void l1_hash(const struct umac *umac, struct slice block, uint64_t sums[static STREAM_LIMIT])
{
	if (umac->streams == 2)
		nh_block(sums, 2, umac->l1_key, block);
	else
		nh_block(sums, 4, umac->l1_key, block);
}

/* ---------------------------------------------------------------- L2-HASH: section 5.3 */

/* (k * y + m) mod p, where k < 2^57 by its mask. 2^64 is 59 mod p. */
static uint64_t poly_step(uint64_t k, uint64_t y, uint64_t m)
{
	unsigned __int128 product = (unsigned __int128)k * y + m;

	product = (product & UINT64_MAX) + (product >> 64) * 59;
	product = (product & UINT64_MAX) + (product >> 64) * 59;
	return (uint64_t)product >= P64 ? (uint64_t)product - P64 : (uint64_t)product;
}

/* Words at the upper end of the range are told apart by a marker before them. */
static uint64_t l2_hash(uint64_t k, uint64_t y, uint64_t m)
{
	if (m < UINT64_MAX - UINT32_MAX)
		return poly_step(k, y, m);
	return poly_step(k, poly_step(k, y, P64 - 1), m - 59);
}

/* ---------------------------------------------------------------- L3-HASH: section 5.4 */

/* Of the 16 bytes hashed the first 8 are zero: they only count for longer messages. */
static uint32_t l3_hash(const uint64_t key1[static 8], uint64_t word)
{
	uint64_t y = 0;

	for (size_t i = 0; i < 4; i++)
		y += (word >> (48 - 16 * i) & 0xffff) * key1[4 + i];
	return (uint32_t)(y % P36);
}

/* ------------------------------------------------------------------------------- UHASH */

static void uhash(const struct umac *umac, struct slice packet, uint8_t *hash)
{
	uint64_t sums[STREAM_LIMIT], y[STREAM_LIMIT] = {1, 1, 1, 1};
	bool is_long = packet.len > L1_BLOCK;

	do {
		l1_hash(umac, slice_first(packet, L1_BLOCK), sums);
		for (size_t s = 0; s < umac->streams; s++)
			y[s] = is_long ? l2_hash(umac->l2_key[s], y[s], sums[s]) : sums[s];
		packet = slice_after(packet, L1_BLOCK);
	} while (packet.len > 0);
	for (size_t s = 0; s < umac->streams; s++) {
		uint32_t part = htobe32(l3_hash(umac->l3_key1[s], y[s]));

		memcpy(hash + s * STREAM_BYTES, &part, STREAM_BYTES);
	}
	for (size_t i = 0; i < umac->streams * STREAM_BYTES; i++)
		hash[i] ^= umac->l3_key2[i];
}

/* PDF, section 3.3: where two tags fit into one block, the nonce's last bit chooses. */
static enum err pad_of(struct umac *umac, uint64_t nonce, const uint8_t **pad)
{
	size_t tag_len = umac->streams * STREAM_BYTES;
	uint64_t index = nonce % (AES_LEN / tag_len);
	uint8_t block[AES_LEN] = {0};

	nonce ^= index;
	if (!umac->has_pad || umac->pad_nonce != nonce) {
		u64_put(block, nonce);
		umac->has_pad = aes_block(umac->pdf, block, umac->pad);
		umac->pad_nonce = nonce;
	}
	*pad = umac->pad + index * tag_len;
	return umac->has_pad ? ERR_OK : library_failed();
}

enum err umac_compute(
    struct mac *mac, uint64_t nonce, struct slice packet, uint8_t tag[static MAC_TAG_LIMIT])
{
	struct umac *umac = umac_of(mac);
	const uint8_t *pad;

	if (packet.len > PACKET_LIMIT)
		return ERR_LIMIT;
	TRY(pad_of(umac, nonce, &pad));
	uhash(umac, packet, tag);
	for (size_t i = 0; i < umac->streams * STREAM_BYTES; i++)
		tag[i] ^= pad[i];
	return ERR_OK;
}

static enum err compute(struct mac *mac, uint32_t sequence_number, struct slice packet,
    uint8_t tag[static MAC_TAG_LIMIT])
{
	return umac_compute(mac, sequence_number, packet, tag);
}

const struct mac_ops mac_umac = {
    .state_size = sizeof(struct umac),
    .start = start,
    .stop = stop,
    .compute = compute,
};
