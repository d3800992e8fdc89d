#include "sshd/crypto/mlkem768.h"

#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"
#include "sshd/crypto/keccak.h"
#include "sshd/crypto/kem.h"
#include "sshd/crypto/mlkem_poly.h"

/* FIPS 203 table 2; eta1 = eta2 = 2 is POLY_NOISE_LEN's. */
#define RANK    POLY_RANK
#define D_U     10
#define D_V     4
#define D_WHOLE 12

#define HASH_LEN        32u
#define POLY_BYTES      (32u * D_WHOLE)
#define VECTOR_BYTES    (RANK * POLY_BYTES)
#define U_BYTES         (32u * D_U)
#define UNIFORM_AT_ONCE 504u /* three blocks of SHAKE128: enough 99 times of 100 */
#define UNIFORM_LIMIT   (16 * UNIFORM_AT_ONCE)

static_assert(MLKEM768_PUBLIC_LEN == VECTOR_BYTES + HASH_LEN);
static_assert(MLKEM768_PRIVATE_LEN == VECTOR_BYTES + MLKEM768_PUBLIC_LEN + 2 * HASH_LEN);
static_assert(MLKEM768_CIPHERTEXT_LEN == RANK * U_BYTES + 32 * D_V);

/* Everything one operation computes, in one place so that one wipe takes it all. */
struct work {
	struct keccak keccak;
	struct poly_vector secret; /* s or y, transformed */
	struct poly_multiplier multiplier; /* by the secret */
	struct poly_vector key; /* t, transformed */
	struct poly_vector row; /* of the matrix */
	struct poly_vector u;
	struct poly v, noise;
	uint8_t noise_bytes[POLY_NOISE_LEN];
	uint8_t message[32];
	uint8_t K_r[64]; /* K and r of algorithms 17 and 18, rho and sigma of 13 */
	uint8_t rejected[MLKEM768_SHARED_LEN];
	uint8_t again[MLKEM768_CIPHERTEXT_LEN];
	uint8_t stream[UNIFORM_LIMIT];
};

static void work_wipe(struct work *w)
{
	keccak_wipe(&w->keccak);
	explicit_bzero(w, offsetof(struct work, stream));
}

/*
 * Algorithm 7. Without squeezing by pieces, which OpenSSL has from 3.3 on, a longer stream
 * begins anew; 8064 bytes are too few once in 2^2000 times.
 */
static void sample_entry(struct work *w, const uint8_t *rho, uint8_t row, uint8_t column,
    struct poly *entry)
{
	const uint8_t indices[2] = {column, row};
	const struct slice parts[] = {slice_over(rho, HASH_LEN), SLICE_OF(indices)};
	size_t filled = 0;

	for (size_t len = UNIFORM_AT_ONCE; filled < POLY_LEN && len <= UNIFORM_LIMIT; len *= 2) {
		keccak_hash(
		    &w->keccak, SHAKE128, parts, COUNT_OF(parts), (struct span){w->stream, len});
		filled = poly_sample_uniform(entry, 0, slice_over(w->stream, len));
	}
	if (filled < POLY_LEN && w->keccak.err == ERR_OK)
		w->keccak.err = ERR_CRYPTO;
}

/* SamplePolyCBD(PRF(seed, nonce)), equation 4.3. */
static void sample_noise(struct work *w, const uint8_t *seed, uint8_t nonce, struct poly *f)
{
	const struct slice parts[] = {slice_over(seed, HASH_LEN), slice_over(&nonce, 1)};

	keccak_hash(&w->keccak, SHAKE256, parts, COUNT_OF(parts),
	    (struct span){w->noise_bytes, sizeof(w->noise_bytes)});
	poly_sample_noise(f, w->noise_bytes);
}

/* A row of the matrix A or, for encryption, of its transpose. */
static void sample_row(struct work *w, const uint8_t *rho, uint8_t i, bool is_transposed)
{
	for (uint8_t j = 0; j < RANK; j++)
		sample_entry(w, rho, is_transposed ? j : i, is_transposed ? i : j, &w->row.of[j]);
}

/* A vector of noise, transformed. */
static void sample_secret(struct work *w, const uint8_t *seed)
{
	for (uint8_t i = 0; i < RANK; i++) {
		sample_noise(w, seed, i, &w->secret.of[i]);
		poly_ntt(&w->secret.of[i]);
	}
	poly_multiplier_set(&w->multiplier, &w->secret);
}

/* Algorithm 13: t = A s + e, all transformed, from d in front of the seed. */
static void pke_generate(
    struct work *w, const uint8_t *d, uint8_t *public_key, uint8_t *private_key)
{
	const struct slice parts[] = {slice_over(d, 32), BYTES(RANK)};
	uint8_t *rho = w->K_r, *sigma = w->K_r + 32;

	keccak_hash(&w->keccak, SHA3_512, parts, COUNT_OF(parts), (struct span){w->K_r, 64});
	sample_secret(w, sigma);
	for (uint8_t i = 0; i < RANK; i++) {
		struct poly *t = &w->key.of[i];

		sample_row(w, rho, i, false);
		poly_dot_product(t, &w->row, &w->multiplier);
		poly_scale(t);
		sample_noise(w, sigma, (uint8_t)(RANK + i), &w->noise);
		poly_ntt(&w->noise);
		poly_add(t, &w->noise);
		poly_canonical(t);
		poly_encode(t, D_WHOLE, public_key + i * POLY_BYTES);
	}
	memcpy(public_key + VECTOR_BYTES, rho, HASH_LEN);
	for (size_t i = 0; i < RANK; i++) {
		poly_canonical(&w->secret.of[i]);
		poly_encode(&w->secret.of[i], D_WHOLE, private_key + i * POLY_BYTES);
	}
}

/* False: a coefficient is not below q. */
static bool key_decode(struct poly_vector *key, const uint8_t *bytes)
{
	bool is_canonical = true;

	for (size_t i = 0; i < RANK; i++) {
		poly_decode(&key->of[i], D_WHOLE, bytes + i * POLY_BYTES);
		is_canonical &= poly_is_canonical(&key->of[i]);
	}
	return is_canonical;
}

/* u = A^T y + e1, compressed. */
static void encrypt_u(struct work *w, const uint8_t *rho, const uint8_t *coins, uint8_t *ciphertext)
{
	for (uint8_t i = 0; i < RANK; i++) {
		struct poly *u = &w->u.of[i];

		sample_row(w, rho, i, true);
		poly_dot_product(u, &w->row, &w->multiplier);
		poly_ntt_inverse(u);
		sample_noise(w, coins, (uint8_t)(RANK + i), &w->noise);
		poly_add(u, &w->noise);
		poly_canonical(u);
		poly_compress(u, D_U);
		poly_encode(u, D_U, ciphertext + i * U_BYTES);
	}
}

/* Algorithm 14; t is in w->key, y goes to w->secret. v = t y + e2 + message, compressed. */
static void pke_encrypt(
    struct work *w, const uint8_t *rho, const uint8_t *coins, uint8_t *ciphertext)
{
	sample_secret(w, coins);
	encrypt_u(w, rho, coins, ciphertext);
	poly_dot_product(&w->v, &w->key, &w->multiplier);
	poly_ntt_inverse(&w->v);
	sample_noise(w, coins, 2 * RANK, &w->noise);
	poly_add(&w->v, &w->noise);
	poly_decode(&w->noise, 1, w->message);
	poly_decompress(&w->noise, 1);
	poly_add(&w->v, &w->noise);
	poly_canonical(&w->v);
	poly_compress(&w->v, D_V);
	poly_encode(&w->v, D_V, ciphertext + RANK * U_BYTES);
}

/* Algorithm 15: the message is v - s u, each coefficient rounded to 0 or q / 2. */
static void pke_decrypt(struct work *w, const uint8_t *private_key, const uint8_t *ciphertext)
{
	for (size_t i = 0; i < RANK; i++) {
		poly_decode(&w->secret.of[i], D_WHOLE, private_key + i * POLY_BYTES);
		poly_decode(&w->u.of[i], D_U, ciphertext + i * U_BYTES);
		poly_decompress(&w->u.of[i], D_U);
		poly_ntt(&w->u.of[i]);
	}
	poly_multiplier_set(&w->multiplier, &w->secret);
	poly_dot_product(&w->noise, &w->u, &w->multiplier);
	poly_ntt_inverse(&w->noise);
	poly_decode(&w->v, D_V, ciphertext + RANK * U_BYTES);
	poly_decompress(&w->v, D_V);
	poly_subtract(&w->v, &w->noise);
	poly_canonical(&w->v);
	poly_compress(&w->v, 1);
	poly_encode(&w->v, 1, w->message);
}

/* (K, r) = G(message || H(public key)). */
static void derive_K_and_r(struct work *w, const uint8_t *key_hash)
{
	const struct slice parts[] = {SLICE_OF(w->message), slice_over(key_hash, HASH_LEN)};

	keccak_hash(&w->keccak, SHA3_512, parts, COUNT_OF(parts), (struct span){w->K_r, 64});
}

static void hash_key(struct work *w, const uint8_t *public_key, uint8_t *hash)
{
	const struct slice key = slice_over(public_key, MLKEM768_PUBLIC_LEN);

	keccak_hash(&w->keccak, SHA3_256, &key, 1, (struct span){hash, HASH_LEN});
}

enum err mlkem768_generate(const uint8_t seed[static MLKEM768_SEED_LEN], uint8_t *public_key,
    uint8_t *private_key)
{
	AUTO(work_wipe) struct work w = {.keccak = keccak_new()};
	uint8_t *public_copy = private_key + VECTOR_BYTES;
	uint8_t *key_hash = public_copy + MLKEM768_PUBLIC_LEN;

	pke_generate(&w, seed, public_copy, private_key);
	memcpy(public_key, public_copy, MLKEM768_PUBLIC_LEN);
	hash_key(&w, public_key, key_hash);
	memcpy(key_hash + HASH_LEN, seed + 32, 32);
	return w.keccak.err;
}

enum err mlkem768_encapsulate(const uint8_t *public_key,
    const uint8_t coins[static MLKEM768_COINS_LEN], uint8_t *ciphertext, uint8_t *shared)
{
	AUTO(work_wipe) struct work w = {.keccak = keccak_new()};
	uint8_t key_hash[HASH_LEN];

	if (!key_decode(&w.key, public_key))
		return ERR_EXCHANGE;
	memcpy(w.message, coins, sizeof(w.message));
	hash_key(&w, public_key, key_hash);
	derive_K_and_r(&w, key_hash);
	pke_encrypt(&w, public_key + VECTOR_BYTES, w.K_r + 32, w.again);
	TRY(w.keccak.err);
	memcpy(ciphertext, w.again, MLKEM768_CIPHERTEXT_LEN);
	memcpy(shared, w.K_r, MLKEM768_SHARED_LEN);
	return ERR_OK;
}

enum err mlkem768_decapsulate(
    const uint8_t *private_key, const uint8_t *ciphertext, uint8_t *shared)
{
	AUTO(work_wipe) struct work w = {.keccak = keccak_new()};
	const uint8_t *public_key = private_key + VECTOR_BYTES;
	const uint8_t *key_hash = public_key + MLKEM768_PUBLIC_LEN;
	const struct slice received = slice_over(ciphertext, MLKEM768_CIPHERTEXT_LEN);
	const struct slice rejection[] = {slice_over(key_hash + HASH_LEN, 32), received};
	uint8_t mask;

	pke_decrypt(&w, private_key, ciphertext);
	derive_K_and_r(&w, key_hash);
	keccak_hash(&w.keccak, SHAKE256, rejection, COUNT_OF(rejection),
	    (struct span){w.rejected, sizeof(w.rejected)});
	key_decode(&w.key, public_key);
	pke_encrypt(&w, public_key + VECTOR_BYTES, w.K_r + 32, w.again);
	TRY(w.keccak.err);
	mask = mask_if(equal_in_constant_time(received, SLICE_OF(w.again)));
	for (size_t i = 0; i < MLKEM768_SHARED_LEN; i++)
		shared[i] = (uint8_t)((w.K_r[i] & mask) | (w.rejected[i] & ~mask));
	return ERR_OK;
}
