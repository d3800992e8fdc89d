/*
 * Arithmetic of sntrup761 in Z[x]/(x^761 - x - 1), modulo 4591 and modulo 3 (NTRU Prime, round 3,
 * section 3). Coefficients are the representatives nearest to zero. No branch and no address
 * depends on one.
 */
#pragma once

#include "sshd/base/slice.h"

#define SNTRUP_P 761
#define SNTRUP_Q 4591
#define SNTRUP_W 286 /* coefficients of a short polynomial that are not zero */

struct sntrup_poly {
	int16_t c[SNTRUP_P];
};

/* x modulo q and 3 for |x| < 2^23. */
int16_t sntrup_modulo_q(int32_t x);
int16_t sntrup_modulo_3(int32_t x);

/* f * g modulo q and modulo 3; g is small: its coefficients are -1, 0 and 1. */
void sntrup_multiply_q(struct sntrup_poly *product, const struct sntrup_poly *f,
    const struct sntrup_poly *g);
void sntrup_multiply_3(struct sntrup_poly *product, const struct sntrup_poly *f,
    const struct sntrup_poly *g);

/* 1 / (3 f) modulo q, for a small f that is not zero. */
void sntrup_invert_triple_q(struct sntrup_poly *inverse, const struct sntrup_poly *f);

/* 1 / f modulo 3; false: there is none. */
bool sntrup_invert_3(struct sntrup_poly *inverse, const struct sntrup_poly *f);

/* All-ones when exactly w coefficients of a small f are not zero, else 0. */
uint16_t sntrup_has_weight_w(const struct sntrup_poly *f);

/*
 * Small and short polynomials from random bytes, 32 bits for each coefficient. Short ones come of
 * sorting, so that the places of the nonzero coefficients are equally likely.
 */
#define SNTRUP_RANDOM_LEN (4u * SNTRUP_P)
void sntrup_sample_small(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_RANDOM_LEN]);
void sntrup_sample_short(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_RANDOM_LEN]);

/* Ascending, by a network of comparisons that does not depend on the values. */
void sntrup_sort(uint32_t *values, size_t count);
