#include "sshd/crypto/sntrup_code.h"

#define P      SNTRUP_P
#define Q      SNTRUP_Q
#define Q_HALF ((Q - 1) / 2)

#define ROUNDED_COUNT ((Q + 2) / 3) /* values a rounded coefficient can have */

void sntrup_small_encode(const struct sntrup_poly *f, uint8_t bytes[static SNTRUP_SMALL_BYTES])
{
	memset(bytes, 0, SNTRUP_SMALL_BYTES);
	for (size_t i = 0; i < P; i++)
		bytes[i / 4] |= (uint8_t)((f->c[i] + 1) << i % 4 * 2);
}

void sntrup_small_decode(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_SMALL_BYTES])
{
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((bytes[i / 4] >> i % 4 * 2 & 3) - 1);
}

/*
 * A number below each modulus is one digit of a mixed radix. Pairs of neighbours are joined into
 * one digit of the product radix, whose low bytes go out as long as the radix stays 2^14 or
 * more; then pairs of these, until one digit is left. The radixes, and with them the places of
 * all bytes, are the same for all polynomials.
 */
#define RADIX_LIMIT 16384u

/* Digits of one layer: all have the same radix but the last. */
struct layer {
	size_t count;
	uint32_t radix, last_radix;
};

static uint32_t radix_at(const struct layer *layer, size_t i)
{
	return i + 1 < layer->count ? layer->radix : layer->last_radix;
}

/* How many bytes a radix gives off, and what is left of it. */
static unsigned bytes_given_off(uint32_t *radix)
{
	unsigned count = 0;

	for (; *radix >= RADIX_LIMIT; count++)
		*radix = (*radix + 255) >> 8;
	return count;
}

static struct layer layer_above(const struct layer *layer)
{
	struct layer above = {
	    .count = (layer->count + 1) / 2,
	    .radix = layer->radix * layer->radix,
	    .last_radix = layer->last_radix,
	};

	if (layer->count % 2 == 0)
		above.last_radix *= layer->radix;
	bytes_given_off(&above.radix);
	bytes_given_off(&above.last_radix);
	return above;
}

/* The last digit of an odd number of them goes up alone: its radix is below the limit already. */
static uint8_t *join_pairs(const struct layer *layer, uint32_t digits[P], uint8_t *out)
{
	for (size_t i = 0; i + 1 < layer->count; i += 2) {
		uint32_t radix = radix_at(layer, i) * radix_at(layer, i + 1);
		uint32_t digit = digits[i] + digits[i + 1] * radix_at(layer, i);

		for (unsigned left = bytes_given_off(&radix); left > 0; left--) {
			*out++ = (uint8_t)digit;
			digit >>= 8;
		}
		digits[i / 2] = digit;
	}
	if (layer->count % 2 == 1)
		digits[layer->count / 2] = digits[layer->count - 1];
	return out;
}

static void encode(uint32_t digits[P], uint32_t radix, uint8_t *out)
{
	struct layer layer = {P, radix, radix};

	for (; layer.count > 1; layer = layer_above(&layer))
		out = join_pairs(&layer, digits, out);
	for (uint32_t left = layer.last_radix; left > 1; left = (left + 255) >> 8) {
		*out++ = (uint8_t)digits[0];
		digits[0] >>= 8;
	}
}

/* Below, the digits of the layer above stand in front; above, those of this one will. */
static void part_pairs(const struct layer *layer, uint32_t digits[P], const uint8_t *in)
{
	/* From the end, so that no digit is overwritten before it is read. */
	if (layer->count % 2 == 1)
		digits[layer->count - 1] = digits[layer->count / 2];
	for (size_t i = layer->count / 2 * 2; i > 0; i -= 2) {
		uint32_t first = radix_at(layer, i - 2), second = radix_at(layer, i - 1);
		uint32_t radix = first * second;
		uint32_t digit = digits[i / 2 - 1];

		for (unsigned left = bytes_given_off(&radix); left > 0; left--)
			digit = digit << 8 | *--in;
		digits[i - 1] = digit / first % second;
		digits[i - 2] = digit % first;
	}
}

/* Where each layer's bytes end is known before the first of them is parted. */
#define LAYERS 11

static void decode(uint32_t digits[P], uint32_t radix, const uint8_t *in)
{
	struct layer layers[LAYERS] = {{P, radix, radix}};
	const uint8_t *ends[LAYERS];
	size_t depth = 0;

	for (; layers[depth].count > 1; depth++) {
		const struct layer *layer = &layers[depth];

		for (size_t i = 0; i + 1 < layer->count; i += 2) {
			uint32_t pair = radix_at(layer, i) * radix_at(layer, i + 1);

			in += bytes_given_off(&pair);
		}
		ends[depth] = in;
		layers[depth + 1] = layer_above(layer);
	}
	digits[0] = in[0];
	if (layers[depth].last_radix > 256)
		digits[0] |= (uint32_t)in[1] << 8;
	digits[0] %= layers[depth].last_radix;
	while (depth-- > 0)
		part_pairs(&layers[depth], digits, ends[depth]);
}

void sntrup_rq_encode(const struct sntrup_poly *f, uint8_t bytes[static SNTRUP_RQ_BYTES])
{
	uint32_t digits[P];

	for (size_t i = 0; i < P; i++)
		digits[i] = (uint32_t)(f->c[i] + Q_HALF);
	encode(digits, Q, bytes);
}

/* Every third value is one: 10923 / 2^15 is a third, near enough for what is below q. */
void sntrup_rounded_encode(const struct sntrup_poly *f, uint8_t bytes[static SNTRUP_ROUNDED_BYTES])
{
	uint32_t digits[P];

	for (size_t i = 0; i < P; i++)
		digits[i] = (uint32_t)(f->c[i] + Q_HALF) * 10923 >> 15;
	encode(digits, ROUNDED_COUNT, bytes);
	explicit_bzero(digits, sizeof(digits));
}

void sntrup_rq_decode(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_RQ_BYTES])
{
	uint32_t digits[P];

	decode(digits, Q, bytes);
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((int)digits[i] - Q_HALF);
}

void sntrup_rounded_decode(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_ROUNDED_BYTES])
{
	uint32_t digits[P];

	decode(digits, ROUNDED_COUNT, bytes);
	for (size_t i = 0; i < P; i++)
		f->c[i] = (int16_t)((int)digits[i] * 3 - Q_HALF);
}
