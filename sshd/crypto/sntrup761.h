/*
 * Streamlined NTRU Prime 761 (the NIST round 3 submission; draft-ietf-sshm-ntruprime-ssh). The
 * time depends on public values alone.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define SNTRUP761_PUBLIC_LEN     1158u
#define SNTRUP761_PRIVATE_LEN    1763u
#define SNTRUP761_CIPHERTEXT_LEN 1039u
#define SNTRUP761_SHARED_LEN     32u
#define SNTRUP761_SEED_LEN       6279u /* for g, for f, and 191 bytes for rejected ciphertexts */
#define SNTRUP761_COINS_LEN      3044u /* for r */

/*
 * ERR_AGAIN: the g of this seed has no inverse; take another. ERR_CRYPTO: what is written is no
 * key.
 */
enum err sntrup761_generate(const uint8_t *seed, uint8_t *public_key, uint8_t *private_key);

/* Any bytes are a public key. ERR_CRYPTO: nothing is written. */
enum err sntrup761_encapsulate(const uint8_t *public_key, const uint8_t *coins, uint8_t *ciphertext,
    uint8_t *shared);

/* Implicit rejection: what is no ciphertext gives a secret that nobody else knows. ERR_CRYPTO. */
enum err sntrup761_decapsulate(const uint8_t *private_key, const uint8_t *ciphertext,
    uint8_t *shared);
