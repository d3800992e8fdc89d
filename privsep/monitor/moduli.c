#include "privsep/monitor/moduli.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

/* Fields of a line: time, type, tests, tries, size, generator, modulus. */
enum { TYPE, TESTS, TRIES, SIZE, GENERATOR, MODULUS, FIELD_COUNT };

#define TYPE_SAFE_PRIME 2u
#define TEST_COMPOSITE  1u

static bool word_next(struct slice *line, struct slice *word)
{
	size_t len = 0;

	while (line->len > 0 && (line->ptr[0] == ' ' || line->ptr[0] == '\t'))
		*line = slice_after(*line, 1);
	while (len < line->len && line->ptr[len] != ' ' && line->ptr[len] != '\t')
		len++;
	*word = slice_first(*line, len);
	*line = slice_after(*line, len);
	return len > 0;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_hex(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (hex_value(text.ptr[i]) < 0)
			return false;
	return text.len > 0;
}

static unsigned hex_bits(struct slice digits)
{
	unsigned bits;

	while (digits.len > 0 && digits.ptr[0] == '0')
		digits = slice_after(digits, 1);
	if (digits.len == 0 || digits.len > GROUP_BITS_MOST / 4)
		return 0;
	bits = (unsigned)digits.len * 4;
	for (int top = hex_value(digits.ptr[0]); top < 8; top <<= 1)
		bits--;
	return bits;
}

static bool line_parse(struct slice line, struct modulus *modulus)
{
	struct slice fields[FIELD_COUNT], time_of_test;
	uint64_t type, tests, tries;

	if (!word_next(&line, &time_of_test) || time_of_test.ptr[0] == '#')
		return false;
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		if (!word_next(&line, &fields[i]))
			return false;
	if (text_parse_u64(fields[TYPE], 9, &type) != ERR_OK || type != TYPE_SAFE_PRIME)
		return false;
	if (text_parse_u64(fields[TESTS], 0x1f, &tests) != ERR_OK || (tests & TEST_COMPOSITE) ||
	    (tests & ~(uint64_t)TEST_COMPOSITE) == 0)
		return false;
	if (text_parse_u64(fields[TRIES], 1u << 30, &tries) != ERR_OK || tries == 0)
		return false;
	if (!is_hex(fields[GENERATOR]) || fields[GENERATOR].len > 8 || !is_hex(fields[MODULUS]))
		return false;
	modulus->g = fields[GENERATOR];
	modulus->p = fields[MODULUS];
	modulus->bits = hex_bits(fields[MODULUS]);
	return modulus->bits >= GROUP_BITS_LEAST && modulus->bits <= GROUP_BITS_MOST;
}

bool moduli_next(struct slice *file, struct modulus *modulus)
{
	while (file->len > 0) {
		const uint8_t *end = memchr(file->ptr, '\n', file->len);
		struct slice line = slice_first(*file, end ? (size_t)(end - file->ptr) : file->len);

		*file = slice_after(*file, line.len + 1);
		if (line_parse(line, modulus))
			return true;
	}
	return false;
}

/* Enough bits beat too few; of enough the fewer, of too few the more. */
static bool is_better(unsigned candidate, unsigned best, unsigned n)
{
	if (best == 0)
		return true;
	if (candidate >= n)
		return best < n || candidate < best;
	return best < n && candidate > best;
}

unsigned moduli_best_size(struct slice file, unsigned min, unsigned n, unsigned max, unsigned *count)
{
	struct modulus modulus;
	unsigned best = 0, found = 0;

	while (moduli_next(&file, &modulus)) {
		if (modulus.bits < min || modulus.bits > max)
			continue;
		if (modulus.bits != best && is_better(modulus.bits, best, n)) {
			best = modulus.bits;
			found = 0;
		}
		if (modulus.bits == best)
			found++;
	}
	*count = found;
	return best;
}

static enum err append_magnitude(struct buf *out, struct slice digits)
{
	size_t i = 0;

	while (digits.len > 1 && digits.ptr[0] == '0')
		digits = slice_after(digits, 1);
	if (digits.len % 2 == 1) {
		uint8_t byte = (uint8_t)hex_value(digits.ptr[0]);

		TRY(buf_append(out, slice_over(&byte, 1)));
		i = 1;
	}
	for (; i < digits.len; i += 2) {
		uint8_t byte = (uint8_t)(hex_value(digits.ptr[i]) << 4 | hex_value(digits.ptr[i + 1]));

		TRY(buf_append(out, slice_over(&byte, 1)));
	}
	return ERR_OK;
}

enum err moduli_pick(struct slice file, unsigned bits, unsigned index, struct buf *p, struct buf *g)
{
	struct modulus modulus;

	while (moduli_next(&file, &modulus)) {
		if (modulus.bits != bits || index-- > 0)
			continue;
		TRY(append_magnitude(p, modulus.p));
		return append_magnitude(g, modulus.g);
	}
	return ERR_NOT_FOUND;
}
