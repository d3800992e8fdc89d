#include "sshd/crypto/mlkem_poly.h"

#define Q POLY_Q

/* 17^BitRev7(i), appendix A, in Montgomery form: times 2^16 modulo q. */
static const int16_t zetas[128] = {
    -1044, -758, -359, -1517, 1493, 1422, 287, 202, -171, 622, 1577, 182, 962, -1202, -1474, 1468,
    573, -1325, 264, 383, -829, 1458, -1602, -130, -681, 1017, 732, 608, -1542, 411, -205, -1571,
    1223, 652, -552, 1015, -1293, 1491, -282, -1544, 516, -8, -320, -666, -1618, -1162, 126, 1469,
    -853, -90, -271, 830, 107, -1421, -247, -951, -398, 961, -1508, -725, 448, -1065, 677, -1275,
    -1103, 430, 555, 843, -1251, 871, 1550, 105, 422, 587, 177, -235, -291, -460, 1574, 1653,
    -246, 778, 1159, -147, -777, 1483, -602, 1119, -1590, 644, -872, 349, 418, 329, -156, -75,
    817, 1097, 603, 610, 1322, -1285, -1465, 384, -1215, -136, 1218, -1335, -874, 220, -1187, -1659,
    -1185, -1530, -1278, 794, -1510, -854, -870, 478, -108, -308, 996, 991, 958, -1460, 1522, 1628,
};

/* 17^(2 BitRev7(i) + 1), in Montgomery form. */
static const int16_t gammas[128] = {
    -1103, 1103, 430, -430, 555, -555, 843, -843, -1251, 1251, 871, -871, 1550, -1550,
    105, -105, 422, -422, 587, -587, 177, -177, -235, 235, -291, 291, -460, 460,
    1574, -1574, 1653, -1653, -246, 246, 778, -778, 1159, -1159, -147, 147, -777, 777,
    1483, -1483, -602, 602, 1119, -1119, -1590, 1590, 644, -644, -872, 872, 349, -349,
    418, -418, 329, -329, -156, 156, -75, 75, 817, -817, 1097, -1097, 603, -603,
    610, -610, 1322, -1322, -1285, 1285, -1465, 1465, 384, -384, -1215, 1215, -136, 136,
    1218, -1218, -1335, 1335, -874, 874, 220, -220, -1187, 1187, -1659, 1659, -1185, 1185,
    -1530, 1530, -1278, 1278, 794, -794, -1510, 1510, -854, 854, -870, 870, 478, -478,
    -108, 108, -308, 308, 996, -996, 991, -991, 958, -958, -1460, 1460, 1522, -1522,
    1628, -1628,
};

#define Q_INVERSE            (-3327) /* q^-1 modulo 2^16 */
#define MONTGOMERY_SQUARED   1353    /* 2^32 modulo q */
#define MONTGOMERY_AND_HALVE 1441    /* 2^32 / 128 modulo q */

/*
 * x / 2^16 modulo q, reduced, for |x| < q * 2^15. The low halves of x and t * q are equal, so that
 * the halves above them may be subtracted by themselves.
 */
static inline int16_t montgomery_reduce(int32_t x)
{
	int16_t t = (int16_t)((int16_t)x * Q_INVERSE);

	return (int16_t)((x >> 16) - ((int32_t)t * Q >> 16));
}

static inline int16_t montgomery(int16_t a, int16_t b)
{
	return montgomery_reduce((int32_t)a * b);
}

/* Nearest multiple of q taken away: |result| <= q / 2. 20159 is 2^26 / q, rounded. */
static inline int16_t barrett(int16_t a)
{
	int16_t times = (int16_t)((20159 * (int32_t)a + (1 << 25)) >> 26);

	return (int16_t)(a - times * Q);
}

/* One layer; `len` is a constant wherever it is called, which lets the compiler use vectors. */
static inline __attribute__((always_inline)) void ntt_layer(int16_t c[POLY_LEN], size_t len)
{
	const int16_t *zeta = &zetas[POLY_LEN / 2 / len];

	for (size_t start = 0; start < POLY_LEN; start += 2 * len, zeta++) {
		for (size_t j = start; j < start + len; j++) {
			int16_t t = montgomery(c[j + len], *zeta);

			c[j + len] = (int16_t)(c[j] - t);
			c[j] = (int16_t)(c[j] + t);
		}
	}
}

/* Each layer adds less than q to the size of what it is given: 8 q < 2^15. */
void poly_ntt(struct poly *f)
{
	ntt_layer(f->c, 128);
	ntt_layer(f->c, 64);
	ntt_layer(f->c, 32);
	ntt_layer(f->c, 16);
	ntt_layer(f->c, 8);
	ntt_layer(f->c, 4);
	ntt_layer(f->c, 2);
	poly_reduce(f);
}

static inline __attribute__((always_inline)) void inverse_layer(int16_t c[POLY_LEN], size_t len,
    bool reduces)
{
	const int16_t *zeta = &zetas[POLY_LEN / len - 1];

	for (size_t start = 0; start < POLY_LEN; start += 2 * len, zeta--) {
		for (size_t j = start; j < start + len; j++) {
			int16_t sum = (int16_t)(c[j] + c[j + len]);

			c[j + len] = montgomery((int16_t)(c[j + len] - c[j]), *zeta);
			c[j] = reduces ? barrett(sum) : sum;
		}
	}
}

/* Each layer doubles the size of the sums: three of them, and 8 q is still below 2^15. */
void poly_ntt_inverse(struct poly *f)
{
	inverse_layer(f->c, 2, false);
	inverse_layer(f->c, 4, false);
	inverse_layer(f->c, 8, true);
	inverse_layer(f->c, 16, false);
	inverse_layer(f->c, 32, false);
	inverse_layer(f->c, 64, true);
	inverse_layer(f->c, 128, false);
	for (size_t i = 0; i < POLY_LEN; i++)
		f->c[i] = montgomery(f->c[i], MONTGOMERY_AND_HALVE);
}

/*
 * Algorithm 12: (f0 + f1 X) (g0 + g1 X) modulo X^2 - gamma is f0 g0 + f1 (g1 gamma) and
 * f0 g1 + f1 g0: with g laid out as here, two times the products of neighbours.
 */
void poly_multiplier_set(struct poly_multiplier *multiplier, const struct poly_vector *f)
{
	for (size_t k = 0; k < POLY_RANK; k++) {
		const int16_t *c = f->of[k].c;
		int16_t *even = multiplier->even[k], *odd = multiplier->odd[k];

		for (size_t i = 0; i < POLY_LEN; i += 2) {
			even[i] = odd[i + 1] = c[i];
			even[i + 1] = montgomery(c[i + 1], gammas[i / 2]);
			odd[i] = c[i + 1];
		}
	}
}

/* The product of two coefficients and of their neighbours. */
static inline int32_t pair_product(const int16_t *f, const int16_t *g)
{
	return (int32_t)f[0] * g[0] + (int32_t)f[1] * g[1];
}

/* Six products below q^2 each are less than q * 2^15. */
void poly_dot_product(struct poly *out, const struct poly_vector *f,
    const struct poly_multiplier *multiplier)
{
	for (size_t i = 0; i < POLY_LEN; i += 2) {
		int32_t even = 0, odd = 0;

		for (size_t k = 0; k < POLY_RANK; k++) {
			even += pair_product(&f->of[k].c[i], &multiplier->even[k][i]);
			odd += pair_product(&f->of[k].c[i], &multiplier->odd[k][i]);
		}
		out->c[i] = montgomery_reduce(even);
		out->c[i + 1] = montgomery_reduce(odd);
	}
}

void poly_scale(struct poly *f)
{
	for (size_t i = 0; i < POLY_LEN; i++)
		f->c[i] = montgomery(f->c[i], MONTGOMERY_SQUARED);
}

void poly_add(struct poly *sum, const struct poly *f)
{
	for (size_t i = 0; i < POLY_LEN; i++)
		sum->c[i] = (int16_t)(sum->c[i] + f->c[i]);
}

void poly_subtract(struct poly *difference, const struct poly *f)
{
	for (size_t i = 0; i < POLY_LEN; i++)
		difference->c[i] = (int16_t)(difference->c[i] - f->c[i]);
}

void poly_reduce(struct poly *f)
{
	for (size_t i = 0; i < POLY_LEN; i++)
		f->c[i] = barrett(f->c[i]);
}

void poly_canonical(struct poly *f)
{
	for (size_t i = 0; i < POLY_LEN; i++) {
		int16_t c = barrett(f->c[i]);

		f->c[i] = (int16_t)(c + ((c >> 15) & Q)); /* q more when it is negative */
	}
}

/* x / q for x < 2^22, by a product: a division's time would depend on x. */
static inline uint32_t divide_by_q(uint32_t x)
{
	return (uint32_t)((uint64_t)x * 20642679 >> 36);
}

void poly_compress(struct poly *f, unsigned d)
{
	for (size_t i = 0; i < POLY_LEN; i++) {
		uint32_t scaled = ((uint32_t)f->c[i] << d) + Q / 2;

		f->c[i] = (int16_t)(divide_by_q(scaled) & ((1u << d) - 1));
	}
}

void poly_decompress(struct poly *f, unsigned d)
{
	for (size_t i = 0; i < POLY_LEN; i++)
		f->c[i] = (int16_t)(((uint32_t)f->c[i] * Q + (1u << d >> 1)) >> d);
}

/* Bits go from the lowest of the first coefficient to the highest of the last. */
void poly_encode(const struct poly *f, unsigned d, uint8_t *bytes)
{
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < POLY_LEN; i++) {
		bits |= (uint32_t)f->c[i] << held;
		for (held += d; held >= 8; held -= 8) {
			*bytes++ = (uint8_t)bits;
			bits >>= 8;
		}
	}
}

void poly_decode(struct poly *f, unsigned d, const uint8_t *bytes)
{
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < POLY_LEN; i++) {
		for (; held < d; held += 8)
			bits |= (uint32_t)*bytes++ << held;
		f->c[i] = (int16_t)(bits & ((1u << d) - 1));
		bits >>= d;
		held -= d;
	}
}

bool poly_is_canonical(const struct poly *f)
{
	bool is_canonical = true;

	for (size_t i = 0; i < POLY_LEN; i++)
		is_canonical &= f->c[i] < Q;
	return is_canonical;
}

/* Four bits make a coefficient: the sum of the first two less the sum of the others. */
void poly_sample_noise(struct poly *f, const uint8_t bytes[static POLY_NOISE_LEN])
{
	for (size_t i = 0; i < POLY_NOISE_LEN; i++) {
		unsigned b = bytes[i];
		unsigned sums = (b & 0x55) + (b >> 1 & 0x55);

		f->c[2 * i] = (int16_t)((int)(sums & 3) - (int)(sums >> 2 & 3));
		f->c[2 * i + 1] = (int16_t)((int)(sums >> 4 & 3) - (int)(sums >> 6 & 3));
	}
}

size_t poly_sample_uniform(struct poly *f, size_t filled, struct slice bytes)
{
	for (size_t i = 0; i + 3 <= bytes.len && filled < POLY_LEN; i += 3) {
		const uint8_t *b = bytes.ptr + i;
		unsigned d1 = b[0] | (b[1] & 0x0fu) << 8;
		unsigned d2 = b[1] >> 4 | (unsigned)b[2] << 4;

		if (d1 < Q)
			f->c[filled++] = (int16_t)d1;
		if (d2 < Q && filled < POLY_LEN)
			f->c[filled++] = (int16_t)d2;
	}
	return filled;
}
