/* Types of limits: startups, rekeying, penalties, channel timeouts, type of service. */
#include "config/types.h"

#include <stdlib.h>

#include "config/pattern.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

/* ---- MaxStartups: full, or begin:rate:full ---- */

/* Splits at colons into at most `max` parts; 0: there are more. */
static size_t split_colons(struct slice text, struct slice *parts, size_t max)
{
	for (size_t count = 0; count < max;) {
		const uint8_t *colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;

		parts[count++] = slice_first(text, colon ? (size_t)(colon - text.ptr) : text.len);
		if (colon == NULL)
			return count;
		text = slice_after(text, parts[count - 1].len + 1);
	}
	return 0;
}

static enum err startups_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word, parts[3];
	uint64_t numbers[3] = {0, 30, 0};
	size_t count;

	(void)type;
	TRY(value_single(in, "the number", &word));
	count = split_colons(word, parts, COUNT_OF(parts));
	for (size_t i = 0; i < count; i++)
		if (text_parse_u64(parts[i], INT32_MAX, &numbers[i]) != ERR_OK)
			count = 0;
	if (count == 1)
		numbers[2] = numbers[0];
	if ((count != 1 && count != 3) || numbers[0] == 0 || numbers[0] > numbers[2] ||
	    numbers[1] < 1 || numbers[1] > 100)
		return value_refuse(in, 0,
		    "write start:rate:full, with start at most full and a rate of 1 to 100",
		    "\"%.*s\" is not a limit of startups", (int)word.len, (const char *)word.ptr);
	*(struct conf_startups *)value = (struct conf_startups){
	    (uint32_t)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2]};
	return ERR_OK;
}

static enum err startups_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_startups *limit = value;

	(void)type;
	return buf_append_format(
	    out, "%s %u:%u:%u\n", name, limit->begin, limit->rate, limit->full);
}

const struct type type_STARTUPS = {
    .name = "STARTUPS",
    .size = sizeof(struct conf_startups),
    .parse = startups_parse,
    .print = startups_print,
};

/* ---- RekeyLimit: size[K|M|G] or default, then a time or none ---- */

#define REKEY_SMALLEST 16u

static enum err size_parse(struct slice text, uint64_t *bytes)
{
	uint64_t scale = 1, number;

	if (text.len > 0) {
		switch (text.ptr[text.len - 1] | 0x20) {
		case 'k':
			scale = 1ull << 10;
			break;
		case 'm':
			scale = 1ull << 20;
			break;
		case 'g':
			scale = 1ull << 30;
			break;
		}
	}
	if (scale > 1)
		text.len--;
	TRY(text_parse_u64(text, INT64_MAX / scale, &number));
	*bytes = number * scale;
	return ERR_OK;
}

static enum err rekey_parse(struct value_input *in, const struct type *type, void *value)
{
	const struct line *line = in->line;
	struct conf_rekey *rekey = value;
	uint64_t us = 0;

	(void)type;
	if (line->count == 0 || line->words[0].text.len == 0)
		return value_refuse(in, 0, NULL, "the size is missing");
	if (line->count > 2)
		return value_refuse(in, 2, NULL, "takes a size and a time, and more follows");
	if (!slice_is(line->words[0].text, "default") &&
	    (size_parse(line->words[0].text, &rekey->bytes) != ERR_OK ||
	        (rekey->bytes > 0 && rekey->bytes < REKEY_SMALLEST)))
		return value_refuse(in, 0, "write a number, then K, M or G, or \"default\"",
		    "\"%.*s\" is not a size of at least %u bytes", (int)line->words[0].text.len,
		    (const char *)line->words[0].text.ptr, REKEY_SMALLEST);
	rekey->is_bytes_set = true;
	if (line->count == 1)
		return ERR_OK;
	if (!slice_is(line->words[1].text, "none") &&
	    duration_parse(line->words[1].text, INT32_MAX, &us) != ERR_OK)
		return value_refuse(in, 1, NULL, "\"%.*s\" is not a time",
		    (int)line->words[1].text.len, (const char *)line->words[1].text.ptr);
	rekey->seconds = (uint32_t)(us / 1000000);
	rekey->is_seconds_set = true;
	return ERR_OK;
}

static void rekey_fill(void *value, const void *later)
{
	const struct conf_rekey *from = later;
	struct conf_rekey *rekey = value;

	if (!rekey->is_bytes_set) {
		rekey->bytes = from->bytes;
		rekey->is_bytes_set = from->is_bytes_set;
	}
	if (!rekey->is_seconds_set) {
		rekey->seconds = from->seconds;
		rekey->is_seconds_set = from->is_seconds_set;
	}
}

static enum err rekey_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_rekey *rekey = value;

	(void)type;
	return buf_append_format(
	    out, "%s %llu %u\n", name, (unsigned long long)rekey->bytes, rekey->seconds);
}

const struct type type_REKEY = {
    .name = "REKEY",
    .size = sizeof(struct conf_rekey),
    .parse = rekey_parse,
    .print = rekey_print,
    .fill = rekey_fill,
};

/* ---- ChannelTimeout: type=time ..., or none ---- */

static enum err timeout_parse(struct value_input *in, size_t index, struct conf_timeout *row)
{
	struct slice word = in->line->words[index].text, time;
	const uint8_t *equals = word.len > 0 ? memchr(word.ptr, '=', word.len) : NULL;
	size_t len = equals ? (size_t)(equals - word.ptr) : 0;
	uint64_t us;

	time = slice_after(word, len + 1);
	if (len == 0 || duration_parse(time, INT32_MAX, &us) != ERR_OK)
		return value_refuse(in, index, "write a channel type, \"=\", and a time",
		    "\"%.*s\" is not a timeout", (int)word.len, (const char *)word.ptr);
	row->seconds = (uint32_t)(us / 1000000);
	TRY(value_text(in, slice_first(word, len), &row->type));
	return value_text(in, word, &row->text);
}

static enum err timeouts_parse(struct value_input *in, const struct type *type, void *value)
{
	size_t count = in->line->count;
	struct conf_array array = {0};
	void *items;

	if (count == 0)
		return value_refuse(in, 0, NULL, "its values are missing");
	if (count == 1 && text_equal_ignoring_case(in->line->words[0].text, LITERAL("none")))
		return ERR_OK;
	TRY(value_array(in, type, 0, count, &array, &items));
	for (size_t i = 0; i < count; i++)
		TRY(timeout_parse(in, i, (struct conf_timeout *)items + i));
	memcpy(value, &array, sizeof(array));
	return ERR_OK;
}

static enum err timeouts_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_timeouts *timeouts = value;

	(void)type;
	if (timeouts->count == 0)
		return print_text(name, NULL, out);
	TRY(buf_append_text(out, name));
	for (size_t i = 0; i < timeouts->count; i++)
		TRY(print_word(timeouts->items[i].text, out));
	return buf_append_text(out, "\n");
}

const struct type type_TIMEOUTS = {
    .name = "TIMEOUTS",
    .size = sizeof(struct conf_timeouts),
    .item_size = sizeof(struct conf_timeout),
    .parse = timeouts_parse,
    .print = timeouts_print,
};

/* ---- IPQoS (RFC 2474, RFC 2597, RFC 3246, RFC 8622) ---- */

#define QOS_SYSTEM (-1)

static const struct {
	const char *name;
	int32_t value;
} classes[] = {
    {"af11", 0x28},
    {"af12", 0x30},
    {"af13", 0x38},
    {"af21", 0x48},
    {"af22", 0x50},
    {"af23", 0x58},
    {"af31", 0x68},
    {"af32", 0x70},
    {"af33", 0x78},
    {"af41", 0x88},
    {"af42", 0x90},
    {"af43", 0x98},
    {"cs0", 0x00},
    {"cs1", 0x20},
    {"cs2", 0x40},
    {"cs3", 0x60},
    {"cs4", 0x80},
    {"cs5", 0xa0},
    {"cs6", 0xc0},
    {"cs7", 0xe0},
    {"ef", 0xb8},
    {"le", 0x04},
    {"va", 0xb0},
    {"none", QOS_SYSTEM},
};

#define QOS_INTERACTIVE 0xb8
#define QOS_BULK        0x00

static bool is_obsolete_service(struct slice word)
{
	return text_equal_ignoring_case(word, LITERAL("lowdelay")) ||
	       text_equal_ignoring_case(word, LITERAL("throughput")) ||
	       text_equal_ignoring_case(word, LITERAL("reliability"));
}

/* Decimal, 0x hexadecimal or octal with a leading 0, as strtoul's base 0. */
static bool service_number(struct slice word, int32_t *value)
{
	char text[8] = {0}, *end;
	unsigned long number;

	if (word.len == 0 || word.len >= sizeof(text) || word.ptr[0] < '0' || word.ptr[0] > '9')
		return false;
	memcpy(text, word.ptr, word.len);
	number = strtoul(text, &end, 0);
	if (*end != 0 || number > 255)
		return false;
	*value = (int32_t)number;
	return true;
}

static enum err service_parse(
    struct value_input *in, size_t index, int32_t fallback, int32_t *value)
{
	struct slice word = in->line->words[index].text;

	for (size_t i = 0; i < COUNT_OF(classes); i++) {
		if (!text_equal_ignoring_case(word, slice_text(classes[i].name)))
			continue;
		*value = classes[i].value;
		return ERR_OK;
	}
	if (is_obsolete_service(word)) {
		value_warn(in, index, "\"%.*s\" is obsolete and ignored", (int)word.len,
		    (const char *)word.ptr);
		*value = fallback;
		return ERR_OK;
	}
	if (service_number(word, value))
		return ERR_OK;
	return value_refuse(in, index, "write a class such as ef or af21, a number, or none",
	    "\"%.*s\" is not a type of service", (int)word.len, (const char *)word.ptr);
}

static enum err qos_parse(struct value_input *in, const struct type *type, void *value)
{
	struct conf_qos qos = {QOS_INTERACTIVE, QOS_BULK};
	size_t last = in->line->count - 1;

	(void)type;
	if (in->line->count == 0)
		return value_refuse(in, 0, NULL, "its value is missing");
	if (in->line->count > 2)
		return value_refuse(in, 2, NULL, "takes two values, and more follow");
	TRY(service_parse(in, 0, QOS_INTERACTIVE, &qos.interactive));
	TRY(service_parse(in, last, QOS_BULK, &qos.bulk));
	*(struct conf_qos *)value = qos;
	return ERR_OK;
}

static enum err service_print(int32_t value, struct buf *out)
{
	for (size_t i = 0; i < COUNT_OF(classes); i++)
		if (classes[i].value == value)
			return buf_append_format(out, " %s", classes[i].name);
	return buf_append_format(out, " 0x%02x", (unsigned)value);
}

static enum err qos_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_qos *qos = value;

	(void)type;
	TRY(buf_append_text(out, name));
	TRY(service_print(qos->interactive, out));
	TRY(service_print(qos->bulk, out));
	return buf_append_text(out, "\n");
}

const struct type type_QOS = {
    .name = "QOS",
    .size = sizeof(struct conf_qos),
    .parse = qos_parse,
    .print = qos_print,
};
