/*
 * Arithmetic of ML-KEM (FIPS 203, sections 4.2 and 4.3) in Z_q[X]/(X^256 + 1) with q = 3329. No
 * branch and no address depends on a coefficient, except in poly_sample_uniform.
 */
#pragma once

#include "sshd/base/slice.h"

#define POLY_LEN 256
#define POLY_Q   3329

/*
 * Coefficients are integers modulo q in no particular range below 2^15 in size, unless said
 * otherwise; "reduced" is -q < c < q, "canonical" is 0 <= c < q.
 */
struct poly {
	int16_t c[POLY_LEN];
};

/* Algorithms 9 and 10, in place. Takes reduced ones, gives reduced ones. */
void poly_ntt(struct poly *f);
/* The inverse also removes the factor that poly_dot_product leaves. */
void poly_ntt_inverse(struct poly *f);

/* A vector of ML-KEM-768. */
#define POLY_RANK 3

struct poly_vector {
	struct poly of[POLY_RANK];
};

/* A transformed vector made ready for several products with others. Secret as its origin is. */
struct poly_multiplier {
	int16_t even[POLY_RANK][POLY_LEN], odd[POLY_RANK][POLY_LEN];
};

/* Takes reduced ones. */
void poly_multiplier_set(struct poly_multiplier *multiplier, const struct poly_vector *f);

/*
 * Algorithm 11, summed over two transformed vectors and divided by 2^16. Takes and gives reduced
 * ones.
 */
void poly_dot_product(struct poly *out, const struct poly_vector *f,
    const struct poly_multiplier *multiplier);

/* Takes the factor 1 / 2^16 of poly_dot_product away without leaving the transformed domain. */
void poly_scale(struct poly *f);

void poly_add(struct poly *sum, const struct poly *f);
void poly_subtract(struct poly *difference, const struct poly *f);
void poly_reduce(struct poly *f);
void poly_canonical(struct poly *f);

/* Equations 4.7 and 4.8, in place; d is at most 10. Compression takes canonical ones. */
void poly_compress(struct poly *f, unsigned d);
void poly_decompress(struct poly *f, unsigned d);

/* Algorithms 5 and 6: 32 * d bytes; d is at most 12. Encoding takes 0 <= c < 2^d. */
void poly_encode(const struct poly *f, unsigned d, uint8_t *bytes);
void poly_decode(struct poly *f, unsigned d, const uint8_t *bytes);

/* True when all are below q: what poly_decode gave for d = 12 was canonical. */
bool poly_is_canonical(const struct poly *f);

/* Algorithm 8 for eta = 2: reduced ones. */
#define POLY_NOISE_LEN 128
void poly_sample_noise(struct poly *f, const uint8_t bytes[static POLY_NOISE_LEN]);

/*
 * Algorithm 7 over a piece of the stream. Fills f from `filled` on and returns how many
 * coefficients there are then; fewer than POLY_LEN: it wants more bytes. The stream is public.
 */
size_t poly_sample_uniform(struct poly *f, size_t filled, struct slice bytes);
