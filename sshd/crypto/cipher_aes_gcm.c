/*
 * RFC 5647: AES in Galois/counter mode. The length stays in clear as associated data; the nonce
 * is 4 fixed bytes and a counter of packets that begins where key exchange put it, and the
 * sequence number plays no part.
 */
#include "sshd/crypto/cipher_ops.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"

#define NONCE_LEN 12
#define TAG_LEN   16
#define AAD_LEN   4

struct aes_gcm {
	struct cipher cipher;
	EVP_CIPHER_CTX *context;
	uint8_t nonce[NONCE_LEN];
};

static struct aes_gcm *gcm_of(struct cipher *cipher)
{
	return CONTAINER_OF(cipher, struct aes_gcm, cipher);
}

static enum err start(struct cipher *cipher, struct slice key, struct slice iv)
{
	struct aes_gcm *gcm = gcm_of(cipher);
	const EVP_CIPHER *aes =
	    library_cipher(key.len == 16 ? LIBRARY_AES128_GCM : LIBRARY_AES256_GCM);
	int seals = cipher->direction == CIPHER_SEALS;

	gcm->context = EVP_CIPHER_CTX_new();
	if (gcm->context == NULL || aes == NULL ||
	    EVP_CipherInit_ex2(gcm->context, aes, key.ptr, NULL, seals, NULL) != 1)
		return library_failed();
	memcpy(gcm->nonce, iv.ptr, NONCE_LEN);
	return ERR_OK;
}

static void stop(struct cipher *cipher)
{
	EVP_CIPHER_CTX_free(gcm_of(cipher)->context);
}

/* Section 7.1: the invocation counter, the last 8 bytes, counts packets modulo 2^64. */
static void nonce_advance(uint8_t nonce[static NONCE_LEN])
{
	for (size_t i = NONCE_LEN; i > 4; i--)
		if (++nonce[i - 1] != 0)
			return;
}

/* One nonce serves one packet, whatever becomes of it. */
static bool packet_begin(struct aes_gcm *gcm, const uint8_t *length_field)
{
	int len;
	bool is_begun = EVP_CipherInit_ex2(gcm->context, NULL, NULL, gcm->nonce, -1, NULL) == 1 &&
	                EVP_CipherUpdate(gcm->context, NULL, &len, length_field, AAD_LEN) == 1;

	nonce_advance(gcm->nonce);
	return is_begun;
}

static bool body_apply(struct aes_gcm *gcm, struct span body)
{
	int len;

	return EVP_CipherUpdate(gcm->context, body.ptr, &len, body.ptr, (int)body.len) == 1;
}

static bool body_end(struct aes_gcm *gcm)
{
	uint8_t none[TAG_LEN];
	int len;

	return EVP_CipherFinal_ex(gcm->context, none, &len) == 1;
}

static struct span body_of(struct span packet)
{
	return (struct span){packet.ptr + AAD_LEN, packet.len - AAD_LEN};
}

static enum err seal(
    struct cipher *cipher, uint32_t sequence_number, struct span packet, uint8_t *tag)
{
	struct aes_gcm *gcm = gcm_of(cipher);

	(void)sequence_number;
	if (!packet_begin(gcm, packet.ptr) || !body_apply(gcm, body_of(packet)) || !body_end(gcm) ||
	    EVP_CIPHER_CTX_ctrl(gcm->context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) != 1)
		return library_failed();
	return ERR_OK;
}

static enum err open_length(struct cipher *cipher, uint32_t sequence_number,
    const uint8_t first[static 4], uint32_t *packet_length)
{
	(void)cipher;
	(void)sequence_number;
	*packet_length = (uint32_t)first[0] << 24 | (uint32_t)first[1] << 16 |
	                 (uint32_t)first[2] << 8 | first[3];
	return ERR_OK;
}

/* OpenSSL decrypts as it goes; the body of a packet that proves forged is wiped. */
static enum err open_packet(
    struct cipher *cipher, uint32_t sequence_number, struct span packet, const uint8_t *tag)
{
	struct aes_gcm *gcm = gcm_of(cipher);
	struct span body = body_of(packet);
	uint8_t expected[TAG_LEN];

	(void)sequence_number;
	memcpy(expected, tag, TAG_LEN);
	if (!packet_begin(gcm, packet.ptr) ||
	    EVP_CIPHER_CTX_ctrl(gcm->context, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, expected) != 1)
		return library_failed();
	if (!body_apply(gcm, body) || !body_end(gcm)) {
		explicit_bzero(body.ptr, body.len);
		library_forget();
		return ERR_MAC;
	}
	return ERR_OK;
}

const struct cipher_ops cipher_aes_gcm = {
    .state_size = sizeof(struct aes_gcm),
    .start = start,
    .stop = stop,
    .seal = seal,
    .open_length = open_length,
    .open = open_packet,
};
