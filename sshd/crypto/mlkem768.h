/*
 * ML-KEM-768 (FIPS 203). The time depends on public values alone: the public key's matrix and
 * whether that key is well formed.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define MLKEM768_PUBLIC_LEN     1184u
#define MLKEM768_PRIVATE_LEN    2400u
#define MLKEM768_CIPHERTEXT_LEN 1088u
#define MLKEM768_SHARED_LEN     32u
#define MLKEM768_SEED_LEN       64u /* d and z of algorithm 16 */
#define MLKEM768_COINS_LEN      32u /* m of algorithm 17 */

/*
 * Algorithm 16, with its randomness handed in.
 *
 * ERR_CRYPTO, ERR_NO_MEMORY: what is written is no key.
 */
enum err mlkem768_generate(const uint8_t seed[static MLKEM768_SEED_LEN], uint8_t *public_key,
    uint8_t *private_key);

/*
 * Algorithm 17. On failure nothing is written.
 *
 * ERR_EXCHANGE: the modulus check of section 7.2, a coefficient of the key is not below q.
 * ERR_CRYPTO, ERR_NO_MEMORY.
 */
enum err mlkem768_encapsulate(const uint8_t *public_key,
    const uint8_t coins[static MLKEM768_COINS_LEN], uint8_t *ciphertext, uint8_t *shared);

/*
 * Algorithm 18, for keys that mlkem768_generate made. A ciphertext that is not one gives a
 * shared secret nobody else knows (implicit rejection), never an error.
 */
enum err mlkem768_decapsulate(
    const uint8_t *private_key, const uint8_t *ciphertext, uint8_t *shared);
