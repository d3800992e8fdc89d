/*
 * chacha20-poly1305@openssh.com: two ChaCha20 instances keyed apart, one for the length and one
 * for the rest, both with the sequence number as their nonce. The first block of the second one
 * keys Poly1305, the packet begins with its block 1; the tag covers everything as encrypted.
 */
#include "sshd/crypto/cipher_ops.h"

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"
#include "sshd/crypto/library.h"

#define CHACHA_KEY_LEN 32
#define BLOCK_LEN      64
#define POLY_KEY_LEN   32
#define TAG_LEN        16
#define LENGTH_LEN     4

struct chacha20poly1305 {
	struct cipher cipher;
	EVP_CIPHER_CTX *length, *body;
	EVP_MAC_CTX *poly1305;
	/* The key stream of one length: a length is looked at before its packet is opened. */
	bool has_mask;
	uint32_t mask_number;
	uint8_t mask[LENGTH_LEN];
};

static struct chacha20poly1305 *chacha_of(struct cipher *cipher)
{
	return CONTAINER_OF(cipher, struct chacha20poly1305, cipher);
}

static EVP_CIPHER_CTX *context_new(const uint8_t *key)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *chacha20 = library_cipher(LIBRARY_CHACHA20);

	if (context != NULL && chacha20 != NULL &&
	    EVP_EncryptInit_ex2(context, chacha20, key, NULL, NULL) == 1)
		return context;
	EVP_CIPHER_CTX_free(context);
	return NULL;
}

static enum err start(struct cipher *cipher, struct slice key, struct slice iv)
{
	struct chacha20poly1305 *chacha = chacha_of(cipher);

	(void)iv;
	if (library_poly1305() == NULL)
		return library_failed();
	chacha->body = context_new(key.ptr);
	chacha->length = context_new(key.ptr + CHACHA_KEY_LEN);
	chacha->poly1305 = EVP_MAC_CTX_new(library_poly1305());
	if (chacha->body == NULL || chacha->length == NULL || chacha->poly1305 == NULL)
		return library_failed();
	return ERR_OK;
}

static void stop(struct cipher *cipher)
{
	struct chacha20poly1305 *chacha = chacha_of(cipher);

	EVP_CIPHER_CTX_free(chacha->length);
	EVP_CIPHER_CTX_free(chacha->body);
	EVP_MAC_CTX_free(chacha->poly1305);
}

/*
 * Sets a stream to its block 0 for this packet. OpenSSL's 16 bytes are a little-endian counter,
 * here 64 bits of zero, and the nonce, here the sequence number as a uint64 of RFC 4251.
 */
static bool stream_begin(EVP_CIPHER_CTX *context, uint32_t sequence_number)
{
	const uint8_t counter_and_nonce[16] = {
	    [12] = (uint8_t)(sequence_number >> 24),
	    [13] = (uint8_t)(sequence_number >> 16),
	    [14] = (uint8_t)(sequence_number >> 8),
	    [15] = (uint8_t)sequence_number,
	};

	return EVP_EncryptInit_ex2(context, NULL, NULL, counter_and_nonce, NULL) == 1;
}

static bool stream_apply(EVP_CIPHER_CTX *context, uint8_t *to, const uint8_t *from, size_t len)
{
	int done;

	return EVP_EncryptUpdate(context, to, &done, from, (int)len) == 1;
}

/* Leaves the body's stream at its block 1. */
static bool packet_begin(struct chacha20poly1305 *chacha, uint32_t sequence_number,
    uint8_t first_block[static BLOCK_LEN])
{
	static const uint8_t zeros[BLOCK_LEN];

	return stream_begin(chacha->body, sequence_number) &&
	       stream_apply(chacha->body, first_block, zeros, BLOCK_LEN);
}

static bool tag_compute(
    EVP_MAC_CTX *poly1305, const uint8_t *key, struct slice packet, uint8_t tag[static TAG_LEN])
{
	size_t len;

	return EVP_MAC_init(poly1305, key, POLY_KEY_LEN, NULL) == 1 &&
	       EVP_MAC_update(poly1305, packet.ptr, packet.len) == 1 &&
	       EVP_MAC_final(poly1305, tag, &len, TAG_LEN) == 1;
}

static bool length_apply(
    struct chacha20poly1305 *chacha, uint32_t sequence_number, uint8_t *to, const uint8_t *from)
{
	static const uint8_t zeros[LENGTH_LEN];

	if (!chacha->has_mask || chacha->mask_number != sequence_number) {
		chacha->has_mask = stream_begin(chacha->length, sequence_number) &&
		                   stream_apply(chacha->length, chacha->mask, zeros, LENGTH_LEN);
		chacha->mask_number = sequence_number;
	}
	for (size_t i = 0; i < LENGTH_LEN; i++)
		to[i] = from[i] ^ chacha->mask[i];
	return chacha->has_mask;
}

static bool body_apply(struct chacha20poly1305 *chacha, struct span packet)
{
	uint8_t *body = packet.ptr + LENGTH_LEN;

	return packet.len == LENGTH_LEN ||
	       stream_apply(chacha->body, body, body, packet.len - LENGTH_LEN);
}

static enum err seal(
    struct cipher *cipher, uint32_t sequence_number, struct span packet, uint8_t *tag)
{
	struct chacha20poly1305 *chacha = chacha_of(cipher);
	uint8_t first_block[BLOCK_LEN];
	bool is_sealed = packet_begin(chacha, sequence_number, first_block) &&
	                 length_apply(chacha, sequence_number, packet.ptr, packet.ptr) &&
	                 body_apply(chacha, packet) &&
	                 tag_compute(chacha->poly1305, first_block, span_view(packet), tag);

	explicit_bzero(first_block, sizeof(first_block));
	return is_sealed ? ERR_OK : library_failed();
}

static enum err open_length(struct cipher *cipher, uint32_t sequence_number,
    const uint8_t first[static 4], uint32_t *packet_length)
{
	uint8_t clear[LENGTH_LEN];

	if (!length_apply(chacha_of(cipher), sequence_number, clear, first))
		return library_failed();
	*packet_length = (uint32_t)clear[0] << 24 | (uint32_t)clear[1] << 16 |
	                 (uint32_t)clear[2] << 8 | clear[3];
	return ERR_OK;
}

static enum err open_packet(
    struct cipher *cipher, uint32_t sequence_number, struct span packet, const uint8_t *tag)
{
	struct chacha20poly1305 *chacha = chacha_of(cipher);
	uint8_t first_block[BLOCK_LEN], expected[TAG_LEN];
	bool is_done = packet_begin(chacha, sequence_number, first_block) &&
	               tag_compute(chacha->poly1305, first_block, span_view(packet), expected);

	explicit_bzero(first_block, sizeof(first_block));
	if (!is_done)
		return library_failed();
	if (!equal_in_constant_time(SLICE_OF(expected), slice_over(tag, TAG_LEN)))
		return ERR_MAC;
	if (!length_apply(chacha, sequence_number, packet.ptr, packet.ptr) ||
	    !body_apply(chacha, packet))
		return library_failed();
	return ERR_OK;
}

const struct cipher_ops cipher_chacha20poly1305 = {
    .state_size = sizeof(struct chacha20poly1305),
    .start = start,
    .stop = stop,
    .seal = seal,
    .open_length = open_length,
    .open = open_packet,
};
