/*
 * Ciphers, one direction and one key each, working in place.
 *
 * A packet is the 4 bytes of its length followed by its body. Where tag_len is 0 the cipher is
 * a plain stream over the bytes it is given and a MAC does the rest.
 */
#pragma once

#include "sshd/crypto/algorithms.h"

struct cipher;

enum cipher_direction { CIPHER_SEALS, CIPHER_OPENS };

/*
 * A ready cipher; `key` and `iv` have exactly the row's lengths. There is no half-made cipher:
 * on any error nothing exists. ERR_CRYPTO, ERR_NO_MEMORY.
 */
enum err cipher_new(const struct cipher_algorithm *algorithm, enum cipher_direction direction,
    struct slice key, struct slice iv, struct cipher **out);
void cipher_free(struct cipher *cipher);
void cipher_release(struct cipher **cipher); /* for AUTO */

/* AEAD rows: encrypts the packet (and its length, where the row says so) and writes the tag. */
enum err cipher_seal(struct cipher *cipher, uint32_t sequence_number, struct span packet,
    uint8_t *tag);

/* AEAD rows: the length from the first four bytes, which stay as they are. Not yet authentic. */
enum err cipher_open_length(struct cipher *cipher, uint32_t sequence_number,
    const uint8_t first[static 4], uint32_t *packet_length);

/*
 * AEAD rows: checks the tag, and only then decrypts the body (and length) in place.
 * ERR_MAC: forged; the packet's bytes are unchanged or wiped, never plaintext.
 */
enum err cipher_open(struct cipher *cipher, uint32_t sequence_number, struct span packet,
    const uint8_t *tag);

/* Rows without a tag: encrypts or decrypts the next bytes of the stream in place. */
enum err cipher_apply(struct cipher *cipher, struct span bytes);
