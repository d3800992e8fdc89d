/* Key encapsulation mechanisms as rows: the post-quantum halves of the hybrid methods. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* Everything has a fixed length; randomness is drawn by the caller and handed in. */
struct kem {
	size_t seed_len;  /* for generate */
	size_t coins_len; /* for encapsulate */
	size_t public_len, private_len, ciphertext_len, shared_len;

	/* ERR_AGAIN: this seed makes no key; draw another one. ERR_CRYPTO, ERR_NO_MEMORY. */
	enum err (*generate)(const uint8_t *seed, uint8_t *public_key, uint8_t *private_key);
	/* ERR_EXCHANGE: not a public key. ERR_CRYPTO, ERR_NO_MEMORY. */
	enum err (*encapsulate)(const uint8_t *public_key, const uint8_t *coins,
	    uint8_t *ciphertext, uint8_t *shared);
	/* What is no ciphertext gives a shared secret that nobody else has. */
	enum err (*decapsulate)(const uint8_t *private_key, const uint8_t *ciphertext,
	    uint8_t *shared);
};

#define KEM_SEED_LIMIT   6400u
#define KEM_COINS_LIMIT  3044u
#define KEM_SHARED_LIMIT 32u

extern const struct kem kem_mlkem768;
extern const struct kem kem_sntrup761;

/*
 * All-ones for true, zero for false, to choose by without a branch. What the compiler cannot see
 * through it cannot turn back into one.
 */
static inline uint8_t mask_if(bool condition)
{
	uint8_t mask = (uint8_t)-(int)condition;

	__asm__("" : "+r"(mask));
	return mask;
}
