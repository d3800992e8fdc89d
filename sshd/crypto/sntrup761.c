#include "sshd/crypto/sntrup761.h"

#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"
#include "sshd/crypto/hash.h"
#include "sshd/crypto/kem.h"
#include "sshd/crypto/sntrup_code.h"

#define HASH_LEN      32u
#define CONFIRM_LEN   32u
#define REJECTION_LEN SNTRUP_SMALL_BYTES

static_assert(SNTRUP761_PUBLIC_LEN == SNTRUP_RQ_BYTES);
static_assert(SNTRUP761_CIPHERTEXT_LEN == SNTRUP_ROUNDED_BYTES + CONFIRM_LEN);
static_assert(SNTRUP761_SEED_LEN == 2 * SNTRUP_RANDOM_LEN + REJECTION_LEN);
static_assert(SNTRUP761_COINS_LEN == SNTRUP_RANDOM_LEN);

/* The private key's parts, one behind the other. */
enum {
	KEY_F = 0,
	KEY_G_INVERSE = KEY_F + SNTRUP_SMALL_BYTES,
	KEY_PUBLIC = KEY_G_INVERSE + SNTRUP_SMALL_BYTES,
	KEY_REJECTION = KEY_PUBLIC + SNTRUP761_PUBLIC_LEN,
	KEY_PUBLIC_HASH = KEY_REJECTION + REJECTION_LEN,
};
static_assert(SNTRUP761_PRIVATE_LEN == KEY_PUBLIC_HASH + HASH_LEN);

/* What is put in front of a hash's input to tell the uses apart. */
enum {
	HASH_SESSION_REJECTED = 0, /* zero, for HASH_SESSION to be masked into it */
	HASH_SESSION = 1,
	HASH_CONFIRM = 2,
	HASH_INPUT = 3,
	HASH_PUBLIC = 4,
};

/* The first half of SHA-512 over the prefix and two parts. */
static enum err hash(uint8_t prefix, struct slice first, struct slice second, uint8_t out[HASH_LEN])
{
	const struct slice parts[] = {slice_over(&prefix, 1), first, second};
	struct digest digest;

	TRY(hash_parts(HASH_SHA512, parts, COUNT_OF(parts), &digest));
	memcpy(out, digest.bytes, HASH_LEN);
	explicit_bzero(&digest, sizeof(digest));
	return ERR_OK;
}

/* Everything one operation computes, in one place so that one wipe takes it all. */
struct work {
	struct sntrup_poly f, g, h, r, product;
	uint8_t input[SNTRUP_SMALL_BYTES]; /* r, encoded */
	uint8_t input_hash[HASH_LEN];
	uint8_t ciphertext[SNTRUP761_CIPHERTEXT_LEN];
};

static void work_wipe(struct work *w)
{
	explicit_bzero(w, sizeof(*w));
}

enum err sntrup761_generate(const uint8_t *seed, uint8_t *public_key, uint8_t *private_key)
{
	AUTO(work_wipe) struct work w;

	sntrup_sample_small(&w.g, seed);
	if (!sntrup_invert_3(&w.r, &w.g))
		return ERR_AGAIN;
	sntrup_sample_short(&w.f, seed + SNTRUP_RANDOM_LEN);
	sntrup_invert_triple_q(&w.product, &w.f);
	sntrup_multiply_q(&w.h, &w.product, &w.g);
	sntrup_rq_encode(&w.h, public_key);
	sntrup_small_encode(&w.f, private_key + KEY_F);
	sntrup_small_encode(&w.r, private_key + KEY_G_INVERSE);
	memcpy(private_key + KEY_PUBLIC, public_key, SNTRUP761_PUBLIC_LEN);
	memcpy(private_key + KEY_REJECTION, seed + 2 * SNTRUP_RANDOM_LEN, REJECTION_LEN);
	return hash(HASH_PUBLIC, slice_over(public_key, SNTRUP761_PUBLIC_LEN), (struct slice){0},
	    private_key + KEY_PUBLIC_HASH);
}

/* Each coefficient goes to the nearest multiple of 3. */
static void round_coefficients(struct sntrup_poly *f)
{
	for (size_t i = 0; i < SNTRUP_P; i++)
		f->c[i] = (int16_t)(f->c[i] - sntrup_modulo_3(f->c[i]));
}

/* "Hide": r to its encoding, that one's hash, and the ciphertext with its confirmation. */
static enum err hide(struct work *w, const uint8_t *public_key, const uint8_t *public_hash)
{
	sntrup_small_encode(&w->r, w->input);
	sntrup_rq_decode(&w->h, public_key);
	sntrup_multiply_q(&w->product, &w->h, &w->r);
	round_coefficients(&w->product);
	sntrup_rounded_encode(&w->product, w->ciphertext);
	TRY(hash(HASH_INPUT, SLICE_OF(w->input), (struct slice){0}, w->input_hash));
	return hash(HASH_CONFIRM, SLICE_OF(w->input_hash), slice_over(public_hash, HASH_LEN),
	    w->ciphertext + SNTRUP_ROUNDED_BYTES);
}

enum err sntrup761_encapsulate(const uint8_t *public_key, const uint8_t *coins, uint8_t *ciphertext,
    uint8_t *shared)
{
	AUTO(work_wipe) struct work w;
	uint8_t public_hash[HASH_LEN];

	sntrup_sample_short(&w.r, coins);
	TRY(hash(HASH_PUBLIC, slice_over(public_key, SNTRUP761_PUBLIC_LEN), (struct slice){0},
	    public_hash));
	TRY(hide(&w, public_key, public_hash));
	TRY(hash(HASH_SESSION, SLICE_OF(w.input_hash), SLICE_OF(w.ciphertext), shared));
	memcpy(ciphertext, w.ciphertext, SNTRUP761_CIPHERTEXT_LEN);
	return ERR_OK;
}

/* r from the ciphertext; one of the wrong weight becomes w ones and then zeros. */
static void decrypt(struct work *w, const uint8_t *private_key, const uint8_t *ciphertext)
{
	uint16_t is_short;

	sntrup_small_decode(&w->f, private_key + KEY_F);
	sntrup_small_decode(&w->g, private_key + KEY_G_INVERSE);
	sntrup_rounded_decode(&w->h, ciphertext);
	sntrup_multiply_q(&w->product, &w->h, &w->f);
	for (size_t i = 0; i < SNTRUP_P; i++)
		w->h.c[i] = sntrup_modulo_3(sntrup_modulo_q(3 * w->product.c[i]));
	sntrup_multiply_3(&w->r, &w->h, &w->g);
	is_short = sntrup_has_weight_w(&w->r);
	for (size_t i = 0; i < SNTRUP_P; i++) {
		int16_t otherwise = i < SNTRUP_W ? 1 : 0;

		w->r.c[i] = (int16_t)((w->r.c[i] & is_short) | (otherwise & ~is_short));
	}
}

enum err sntrup761_decapsulate(
    const uint8_t *private_key, const uint8_t *ciphertext, uint8_t *shared)
{
	AUTO(work_wipe) struct work w;
	const struct slice received = slice_over(ciphertext, SNTRUP761_CIPHERTEXT_LEN);
	const uint8_t *rejection = private_key + KEY_REJECTION;
	uint8_t mask;

	decrypt(&w, private_key, ciphertext);
	TRY(hide(&w, private_key + KEY_PUBLIC, private_key + KEY_PUBLIC_HASH));
	mask = mask_if(equal_in_constant_time(received, SLICE_OF(w.ciphertext)));
	for (size_t i = 0; i < SNTRUP_SMALL_BYTES; i++)
		w.input[i] = (uint8_t)((w.input[i] & mask) | (rejection[i] & ~mask));
	TRY(hash(HASH_INPUT, SLICE_OF(w.input), (struct slice){0}, w.input_hash));
	return hash(HASH_SESSION & mask, SLICE_OF(w.input_hash), received, shared);
}
