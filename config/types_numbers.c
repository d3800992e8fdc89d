/* Types of numbers and times. */
#include "config/types.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define SECONDS_MAX ((uint64_t)INT32_MAX)

static enum err number(struct value_input *in, struct slice word, uint64_t max, uint32_t *value)
{
	uint64_t parsed = 0;
	enum err err = text_parse_u64(word, max, &parsed);

	if (err == ERR_RANGE)
		return value_refuse(
		    in, 0, NULL, "the number is larger than %llu", (unsigned long long)max);
	if (err != ERR_OK)
		return value_refuse(in, 0, NULL, "\"%.*s\" is not a whole number", (int)word.len,
		    (const char *)word.ptr);
	*value = (uint32_t)parsed;
	return ERR_OK;
}

static enum err count_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word;

	TRY(value_single(in, "the number", &word));
	return number(in, word, type->max, value);
}

static enum err count_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	(void)type;
	return buf_append_format(out, "%s %u\n", name, *(const uint32_t *)value);
}

static enum err count_or_none_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word;

	TRY(value_single(in, "the number", &word));
	if (slice_is(word, "none")) {
		*(uint32_t *)value = UINT32_MAX;
		return ERR_OK;
	}
	return number(in, word, type->max, value);
}

static enum err count_or_none_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	if (*(const uint32_t *)value == UINT32_MAX)
		return print_text(name, NULL, out);
	return count_print(type, name, value, out);
}

static enum err mask_parse(struct value_input *in, const struct type *type, void *value)
{
	uint64_t mask = 0;
	struct slice word;

	TRY(value_single(in, "the mask", &word));
	if (text_parse_octal(word, type->max, &mask) != ERR_OK)
		return value_refuse(in, 0, NULL, "\"%.*s\" is not an octal mask", (int)word.len,
		    (const char *)word.ptr);
	*(uint32_t *)value = (uint32_t)mask;
	return ERR_OK;
}

static enum err mask_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	(void)type;
	return buf_append_format(out, "%s 0%o\n", name, *(const uint32_t *)value);
}

#define NUMBER_TYPE(row, parser, printer, largest)                                                 \
	const struct type type_##row = {.name = #row,                                              \
	    .size = sizeof(uint32_t),                                                              \
	    .parse = parser,                                                                       \
	    .print = printer,                                                                      \
	    .max = largest}

NUMBER_TYPE(COUNT, count_parse, count_print, INT32_MAX);
NUMBER_TYPE(COUNT_OR_NONE, count_or_none_parse, count_or_none_print, INT32_MAX);
NUMBER_TYPE(MASK, mask_parse, mask_print, 0777);

/* ---- times ---- */

static uint64_t unit_seconds(uint8_t unit)
{
	switch (unit | 0x20) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 7 * 86400;
	}
	return 0;
}

#define US_PER_S 1000000u

/* Takes a number with up to six decimals off `text`, in millionths. */
static enum err take_decimal(struct slice *text, uint64_t *millionths)
{
	size_t digits = 0, at;
	uint64_t whole = 0, part = 0, weight = US_PER_S;

	while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
		digits++;
	TRY(text_parse_u64(slice_first(*text, digits), SECONDS_MAX, &whole));
	at = digits;
	if (at < text->len && text->ptr[at] == '.') {
		for (at++; at < text->len && text->ptr[at] >= '0' && text->ptr[at] <= '9'; at++) {
			weight /= 10;
			part += weight * (uint64_t)(text->ptr[at] - '0');
		}
		if (at == digits + 1)
			return ERR_MALFORMED;
	}
	*text = slice_after(*text, at);
	*millionths = whole * US_PER_S + part;
	return ERR_OK;
}

enum err duration_parse(struct slice text, uint64_t max_s, uint64_t *us)
{
	uint64_t total = 0;

	if (text.len == 0)
		return ERR_MALFORMED;
	while (text.len > 0) {
		uint64_t count, scale = 1;

		TRY(take_decimal(&text, &count));
		if (text.len > 0) {
			scale = unit_seconds(text.ptr[0]);
			text = slice_after(text, 1);
		}
		if (scale == 0)
			return ERR_MALFORMED;
		/* count is at most 2^31 * 10^6, a week has 2^20 seconds: divide to compare. */
		if (count / US_PER_S > max_s / scale)
			return ERR_RANGE;
		total += count * scale;
		if (total / US_PER_S > max_s)
			return ERR_RANGE;
	}
	*us = total;
	return ERR_OK;
}

static enum err seconds_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word;
	uint64_t us = 0;

	TRY(value_single(in, "the time", &word));
	if (duration_parse(word, type->max, &us) != ERR_OK)
		return value_refuse(in, 0, "write 90, 90s, 5m or 1h30m", "\"%.*s\" is not a time",
		    (int)word.len, (const char *)word.ptr);
	if (us % US_PER_S != 0)
		value_warn(in, 0, "the fraction of a second is left out");
	*(uint32_t *)value = (uint32_t)(us / US_PER_S);
	return ERR_OK;
}

static enum err seconds_or_none_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word;

	TRY(value_single(in, "the time", &word));
	if (slice_is(word, "none")) {
		*(uint32_t *)value = 0;
		return ERR_OK;
	}
	return seconds_parse(in, type, value);
}

static enum err seconds_or_none_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	if (*(const uint32_t *)value == 0)
		return print_text(name, NULL, out);
	return count_print(type, name, value, out);
}

static bool zero_is_none(const void *value)
{
	return *(const uint32_t *)value == 0;
}

NUMBER_TYPE(SECONDS, seconds_parse, count_print, SECONDS_MAX);
const struct type type_SECONDS_OR_NONE = {
    .name = "SECONDS_OR_NONE",
    .size = sizeof(uint32_t),
    .parse = seconds_or_none_parse,
    .print = seconds_or_none_print,
    .is_none = zero_is_none,
    .max = SECONDS_MAX,
};
