#include "sshd/crypto/sntrup_poly.h"

#define P SNTRUP_P
#define Q SNTRUP_Q

/* x less the nearest multiple, found by a product: a division's time would depend on x. */
static inline int32_t modulo_q(int32_t x)
{
	return x - (int32_t)(((int64_t)x * 239492840 + (1LL << 39)) >> 40) * Q;
}

static inline int32_t modulo_3(int32_t x)
{
	return x - (int32_t)(((int64_t)x * 366503875925 + (1LL << 39)) >> 40) * 3;
}

int16_t sntrup_modulo_q(int32_t x)
{
	return (int16_t)modulo_q(x);
}

int16_t sntrup_modulo_3(int32_t x)
{
	return (int16_t)modulo_3(x);
}

/*
 * So many products of a coefficient modulo q with -1, 0 or 1 fit into 16 bits. Sums of 16 bits
 * are what vector units are best at; they are widened after each block.
 */
#define AT_ONCE 14
#define BLOCKS  ((P + AT_ONCE - 1) / AT_ONCE)

/* One block's sums are this long: P + AT_ONCE - 1, rounded up to whole vectors. */
#define ROW_LEN 784

/* row[j] += the sum of g[i] * f[j - i], for g's AT_ONCE coefficients; f has zeros on both sides. */
static void add_block(int32_t *restrict row, const int16_t *restrict f, const int16_t *restrict g)
{
	for (ptrdiff_t j = 0; j < ROW_LEN; j++) {
		int16_t sum = 0;

#pragma GCC unroll 14
		for (ptrdiff_t i = 0; i < AT_ONCE; i++)
			sum = (int16_t)(sum + g[i] * f[j - i]);
		row[j] += sum;
	}
}

struct product {
	int16_t f[AT_ONCE + ROW_LEN]; /* AT_ONCE zeros, f, zeros */
	int16_t g[BLOCKS * AT_ONCE];
	int32_t sums[(BLOCKS - 1) * AT_ONCE + ROW_LEN];
};

/* The product before any reduction of coefficients, folded by x^761 = x + 1: below 3 P q / 2. */
static void multiply(struct product *work, const struct sntrup_poly *f, const struct sntrup_poly *g)
{
	*work = (struct product){0};
	memcpy(work->f + AT_ONCE, f->c, sizeof(f->c));
	memcpy(work->g, g->c, sizeof(g->c));
	for (size_t i = 0; i < sizeof(work->g) / sizeof(work->g[0]); i += AT_ONCE)
		add_block(work->sums + i, work->f + AT_ONCE, work->g + i);
	for (size_t i = 2 * P - 2; i >= P; i--) {
		work->sums[i - P] += work->sums[i];
		work->sums[i - P + 1] += work->sums[i];
	}
}

void sntrup_multiply_q(struct sntrup_poly *product, const struct sntrup_poly *f,
    const struct sntrup_poly *g)
{
	struct product work;

	multiply(&work, f, g);
	for (size_t i = 0; i < P; i++)
		product->c[i] = sntrup_modulo_q(work.sums[i]);
	explicit_bzero(&work, sizeof(work));
}

void sntrup_multiply_3(struct sntrup_poly *product, const struct sntrup_poly *f,
    const struct sntrup_poly *g)
{
	struct product work;

	multiply(&work, f, g);
	for (size_t i = 0; i < P; i++)
		product->c[i] = sntrup_modulo_3(work.sums[i]);
	explicit_bzero(&work, sizeof(work));
}

/* All-ones for true, 0 for false, without a comparison that could become a branch. */
static inline int16_t mask_if_nonzero(int16_t x)
{
	return (int16_t)((x | -x) >> 15);
}

static inline int16_t mask_if_negative(int16_t x)
{
	return (int16_t)(x >> 15);
}

/*
 * The inverse by division steps (Bernstein and Yang, "Fast constant-time gcd computation and
 * modular inversion", 2019): 2 p - 1 steps on the reversals of x^p - x - 1 and of the input,
 * each of which takes a constant term away. v and r follow along and end as the answer.
 */
struct division {
	int16_t f[P + 1], g[P + 1], v[P + 1], r[P + 1];
	int16_t delta;
};

static void division_start(struct division *d, const struct sntrup_poly *input, int16_t unit)
{
	*d = (struct division){.delta = 1};
	d->f[0] = 1;
	d->f[P - 1] = d->f[P] = -1;
	for (size_t i = 0; i < P; i++)
		d->g[P - 1 - i] = input->c[i];
	d->r[0] = unit;
}

static void swap_if(int16_t mask, int16_t *a, int16_t *b)
{
	for (size_t i = 0; i < P + 1; i++) {
		int16_t difference = (int16_t)(mask & (a[i] ^ b[i]));

		a[i] ^= difference;
		b[i] ^= difference;
	}
}

/* b = (f0 * b - g0 * a) in the field that `modulo` reduces to. */
static inline __attribute__((always_inline)) void eliminate(
    int16_t f0, int16_t g0, const int16_t *a, int16_t *b, int32_t (*modulo)(int32_t))
{
	for (size_t i = 0; i < P + 1; i++)
		b[i] = (int16_t)modulo((int32_t)f0 * b[i] - (int32_t)g0 * a[i]);
}

static inline __attribute__((always_inline)) void division_step(struct division *d,
    int32_t (*modulo)(int32_t))
{
	int16_t swap = (int16_t)(mask_if_negative((int16_t)-d->delta) & mask_if_nonzero(d->g[0]));
	int16_t f0, g0;

	memmove(d->v + 1, d->v, P * sizeof(d->v[0]));
	d->v[0] = 0;
	swap_if(swap, d->f, d->g);
	swap_if(swap, d->v, d->r);
	d->delta = (int16_t)((d->delta ^ (swap & (d->delta ^ -d->delta))) + 1);
	f0 = d->f[0];
	g0 = d->g[0];
	eliminate(f0, g0, d->f, d->g, modulo);
	eliminate(f0, g0, d->v, d->r, modulo);
	memmove(d->g, d->g + 1, P * sizeof(d->g[0]));
	d->g[P] = 0;
}

/* x^(q - 2), which is 1 / x modulo q. */
static int16_t reciprocal_q(int16_t x)
{
	int32_t power = x;

	for (unsigned i = 1; i < Q - 2; i++)
		power = modulo_q(power * x);
	return (int16_t)power;
}

void sntrup_invert_triple_q(struct sntrup_poly *inverse, const struct sntrup_poly *f)
{
	struct division d;
	int16_t scale;

	division_start(&d, f, reciprocal_q(3));
	for (unsigned i = 0; i < 2 * P - 1; i++)
		division_step(&d, modulo_q);
	scale = reciprocal_q(d.f[0]);
	for (size_t i = 0; i < P; i++)
		inverse->c[i] = sntrup_modulo_q((int32_t)scale * d.v[P - 1 - i]);
	explicit_bzero(&d, sizeof(d));
}

bool sntrup_invert_3(struct sntrup_poly *inverse, const struct sntrup_poly *f)
{
	struct division d;
	bool has_inverse;

	division_start(&d, f, 1);
	for (unsigned i = 0; i < 2 * P - 1; i++)
		division_step(&d, modulo_3);
	for (size_t i = 0; i < P; i++)
		inverse->c[i] = (int16_t)(d.f[0] * d.v[P - 1 - i]);
	has_inverse = d.delta == 0;
	explicit_bzero(&d, sizeof(d));
	return has_inverse;
}

uint16_t sntrup_has_weight_w(const struct sntrup_poly *f)
{
	int16_t weight = 0;

	for (size_t i = 0; i < P; i++)
		weight = (int16_t)(weight + (f->c[i] & 1));
	return (uint16_t)~mask_if_nonzero((int16_t)(weight - SNTRUP_W));
}

static uint32_t random_at(const uint8_t *bytes, size_t i)
{
	const uint8_t *b = bytes + 4 * i;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* 30 bits times 3, and of that what lies above them: 0, 1 or 2. */
void sntrup_sample_small(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_RANDOM_LEN])
{
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((int)((random_at(bytes, i) & 0x3fffffff) * 3 >> 30) - 1);
}

/* The lowest two bits are the coefficient: 0 or 2 for w of them, 1 for the others, less 1. */
void sntrup_sample_short(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_RANDOM_LEN])
{
	uint32_t values[P];

	for (size_t i = 0; i < SNTRUP_W; i++)
		values[i] = random_at(bytes, i) & ~1u;
	for (size_t i = SNTRUP_W; i < P; i++)
		values[i] = (random_at(bytes, i) & ~3u) | 1;
	sntrup_sort(values, P);
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((int)(values[i] & 3) - 1);
	explicit_bzero(values, sizeof(values));
}

static inline void put_in_order(uint32_t *low, uint32_t *high)
{
	uint32_t is_wrong = -(uint32_t)(((uint64_t)*high - *low) >> 63);
	uint32_t difference = is_wrong & (*low ^ *high);

	*low ^= difference;
	*high ^= difference;
}

/* Compares i with i + distance for every i with the bit `p` as it is in `r`. */
static void sort_pass(uint32_t *values, size_t count, size_t p, size_t r, size_t distance)
{
	for (size_t start = r; start + distance < count; start += 2 * p) {
		size_t end = start + p < count - distance ? start + p : count - distance;

		for (size_t i = start; i < end; i++)
			put_in_order(&values[i], &values[i + distance]);
	}
}

/* Batcher's merge exchange: Knuth, The Art of Computer Programming, 5.2.2, algorithm M. */
void sntrup_sort(uint32_t *values, size_t count)
{
	size_t top = 1;

	while (top < count - top)
		top *= 2;
	for (size_t p = top; p > 0; p /= 2) {
		sort_pass(values, count, p, 0, p);
		for (size_t q = top; q > p; q /= 2)
			sort_pass(values, count, p, p, q - p);
	}
}
