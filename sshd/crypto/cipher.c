#include "sshd/crypto/cipher_ops.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

/* EVP counts in int; no packet comes near. */
#define PACKET_BYTES_LIMIT (1u << 30)

enum err cipher_new(const struct cipher_algorithm *algorithm, enum cipher_direction direction,
    struct slice key, struct slice iv, struct cipher **out)
{
	AUTO(cipher_release) struct cipher *cipher = NULL;

	if (key.len != algorithm->key_len || iv.len != algorithm->iv_len)
		return ERR_CRYPTO;
	cipher = calloc(1, algorithm->ops->state_size);
	if (cipher == NULL)
		return ERR_NO_MEMORY;
	cipher->algorithm = algorithm;
	cipher->direction = direction;
	TRY(algorithm->ops->start(cipher, key, iv));
	*out = TAKE(cipher);
	return ERR_OK;
}

void cipher_free(struct cipher *cipher)
{
	if (cipher == NULL)
		return;
	const struct cipher_ops *ops = cipher->algorithm->ops;

	ops->stop(cipher);
	explicit_bzero(cipher, ops->state_size);
	free(cipher);
}

void cipher_release(struct cipher **cipher)
{
	cipher_free(*cipher);
	*cipher = NULL;
}

/* A caller that seals with a key for opening, or a stream with AEAD calls, has gone wrong. */
static bool is_usable(const struct cipher *cipher, enum cipher_direction direction, size_t len)
{
	return cipher->algorithm->tag_len > 0 && cipher->direction == direction && len >= 4 &&
	       len <= PACKET_BYTES_LIMIT;
}

enum err cipher_seal(
    struct cipher *cipher, uint32_t sequence_number, struct span packet, uint8_t *tag)
{
	if (!is_usable(cipher, CIPHER_SEALS, packet.len))
		return ERR_CRYPTO;
	return cipher->algorithm->ops->seal(cipher, sequence_number, packet, tag);
}

enum err cipher_open_length(struct cipher *cipher, uint32_t sequence_number,
    const uint8_t first[static 4], uint32_t *packet_length)
{
	if (!is_usable(cipher, CIPHER_OPENS, 4))
		return ERR_CRYPTO;
	return cipher->algorithm->ops->open_length(cipher, sequence_number, first, packet_length);
}

enum err cipher_open(
    struct cipher *cipher, uint32_t sequence_number, struct span packet, const uint8_t *tag)
{
	if (!is_usable(cipher, CIPHER_OPENS, packet.len))
		return ERR_CRYPTO;
	return cipher->algorithm->ops->open(cipher, sequence_number, packet, tag);
}

enum err cipher_apply(struct cipher *cipher, struct span bytes)
{
	if (cipher->algorithm->ops->apply == NULL || bytes.len > PACKET_BYTES_LIMIT)
		return ERR_CRYPTO;
	return bytes.len == 0 ? ERR_OK : cipher->algorithm->ops->apply(cipher, bytes);
}
