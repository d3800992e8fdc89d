#include "sshd/base/text.h"

#include "sshd/base/auto.h"

static enum err parse_digits(struct slice text, unsigned radix, uint64_t max, uint64_t *value)
{
	uint64_t total = 0;

	if (text.len == 0)
		return ERR_MALFORMED;
	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)text.ptr[i] - '0';

		if (digit >= radix)
			return ERR_MALFORMED;
		if (total > (UINT64_MAX - digit) / radix)
			return ERR_RANGE;
		total = total * radix + digit;
	}
	if (total > max)
		return ERR_RANGE;
	*value = total;
	return ERR_OK;
}

enum err text_parse_u64(struct slice text, uint64_t max, uint64_t *value)
{
	return parse_digits(text, 10, max, value);
}

enum err text_parse_octal(struct slice text, uint64_t max, uint64_t *value)
{
	return parse_digits(text, 8, max, value);
}

enum err text_append_hex(struct buf *out, struct slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	struct span room;

	TRY(buf_reserve(out, 2 * bytes.len, &room));
	for (size_t i = 0; i < bytes.len; i++) {
		room.ptr[2 * i] = (uint8_t)digits[bytes.ptr[i] >> 4];
		room.ptr[2 * i + 1] = (uint8_t)digits[bytes.ptr[i] & 15];
	}
	buf_commit(out, 2 * bytes.len);
	return ERR_OK;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum err text_append_base64(struct buf *out, struct slice bytes, bool is_padded)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t group = 0;
		uint8_t four[4];

		for (size_t k = 0; k < 3; k++)
			group = group << 8 | (k < left ? bytes.ptr[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			four[k] = (uint8_t)base64_digits[group >> (18 - 6 * k) & 63];
		TRY(buf_append(out, slice_over(four, left + 1)));
		if (is_padded)
			TRY(buf_append(out, slice_first(LITERAL("=="), 3 - left)));
	}
	return ERR_OK;
}

static int base64_value(uint8_t c)
{
	const char *at = c == 0 ? NULL : strchr(base64_digits, c);

	return at == NULL ? -1 : (int)(at - base64_digits);
}

enum err text_parse_base64(struct slice text, struct buf *out)
{
	uint32_t group = 0;
	size_t digits = 0;

	/* At most two padding characters, and only where they complete a group of four. */
	if (text.len % 4 == 0)
		for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
			text.len--;
	if (text.len % 4 == 1)
		return ERR_MALFORMED;
	for (size_t i = 0; i < text.len; i++) {
		int value = base64_value(text.ptr[i]);
		uint8_t byte;

		if (value < 0)
			return ERR_MALFORMED;
		group = (group << 6 | (uint32_t)value) & 0xffffff;
		digits++;
		if (digits % 4 == 1)
			continue;
		/* 6 bits are left over after the first byte, 4 and 2 after the next two. */
		byte = (uint8_t)(group >> (2 * (3 - (digits + 3) % 4)));
		TRY(buf_append(out, slice_over(&byte, 1)));
	}
	return ERR_OK;
}

enum err text_append_escaped(struct buf *out, struct slice text, size_t limit)
{
	bool is_cut = text.len > limit;

	if (is_cut)
		text.len = limit;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (c == '\\')
			TRY(buf_append_text(out, "\\\\"));
		else if (c >= 0x20 && c < 0x7f)
			TRY(buf_append(out, slice_over(&c, 1)));
		else
			TRY(buf_append_format(out, "\\%03o", c));
	}
	return is_cut ? buf_append_text(out, "...") : ERR_OK;
}

/* The length of the sequence that starts with `lead`, and its smallest code point. */
static size_t utf8_sequence_len(uint8_t lead, uint32_t *smallest)
{
	if (lead < 0x80) {
		*smallest = 1;
		return 1;
	}
	if ((lead & 0xe0) == 0xc0) {
		*smallest = 0x80;
		return 2;
	}
	if ((lead & 0xf0) == 0xe0) {
		*smallest = 0x800;
		return 3;
	}
	*smallest = 0x10000;
	return (lead & 0xf8) == 0xf0 ? 4 : 0;
}

bool text_is_utf8(struct slice text)
{
	size_t i = 0;

	while (i < text.len) {
		uint32_t smallest, point;
		size_t len = utf8_sequence_len(text.ptr[i], &smallest);

		if (len == 0 || len > text.len - i)
			return false;
		point = len == 1 ? text.ptr[i] : text.ptr[i] & (0x7fu >> len);
		for (size_t k = 1; k < len; k++) {
			if ((text.ptr[i + k] & 0xc0) != 0x80)
				return false;
			point = point << 6 | (text.ptr[i + k] & 0x3f);
		}
		if (point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
			return false;
		i += len;
	}
	return true;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool text_equal_ignoring_case(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

/*
 * Greedy with one point of return: when the rest does not fit, the last "*" takes one more
 * byte. Earlier ones never need to change, so the time is the product of the lengths at most.
 */
bool text_matches_pattern(struct slice text, struct slice pattern)
{
	size_t t = 0, p = 0;
	size_t star = SIZE_MAX, star_text = 0;

	while (t < text.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			star_text = t;
		} else if (p < pattern.len &&
		           (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++star_text;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}
