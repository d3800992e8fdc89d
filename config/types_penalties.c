/* PerSourcePenalties: yes, no, or kind:value ...; each kind is set by its first mention. */
#include "config/types.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define UNSET       (-1)
#define US_PER_S    1000000
#define SOURCES_MAX 16777216u

static const struct {
	const char *name;
	enum penalty penalty;
	int64_t default_s;
} times[] = {
    {"crash", PENALTY_CRASH, 90},
    {"authfail", PENALTY_AUTHFAIL, 5},
    {"noauth", PENALTY_NOAUTH, 1},
    {"invaliduser", PENALTY_INVALIDUSER, 5},
    {"grace-exceeded", PENALTY_GRACE_EXCEEDED, 10},
    {"refuseconnection", PENALTY_REFUSECONNECTION, 10},
    {"max", PENALTY_MAX, 600},
    {"min", PENALTY_MIN, 15},
};

#define DEFAULT_SOURCES 65536

static void clear(struct conf_penalties *penalties)
{
	*penalties = (struct conf_penalties){.max_sources4 = UNSET, .max_sources6 = UNSET};
	for (size_t i = 0; i < PENALTY_TIMES; i++)
		penalties->time_us[i] = UNSET;
}

static void set_defaults(struct conf_penalties *penalties)
{
	penalties->enabled = PENALTIES_ON;
	penalties->max_sources4 = penalties->max_sources6 = DEFAULT_SOURCES;
	penalties->overflow4 = OVERFLOW_PERMISSIVE;
	for (size_t i = 0; i < COUNT_OF(times); i++)
		penalties->time_us[times[i].penalty] = times[i].default_s * US_PER_S;
}

static enum err set_time(struct conf_penalties *penalties, enum penalty penalty, struct slice value)
{
	uint64_t us;

	if (penalties->time_us[penalty] != UNSET)
		return ERR_OK;
	TRY(duration_parse(value, INT32_MAX, &us));
	penalties->time_us[penalty] = (int64_t)us;
	return ERR_OK;
}

static enum err set_sources(int64_t *sources, struct slice value)
{
	uint64_t number;

	TRY(text_parse_u64(value, SOURCES_MAX, &number));
	if (number == 0)
		return ERR_RANGE;
	if (*sources == UNSET)
		*sources = (int64_t)number;
	return ERR_OK;
}

static enum err set_overflow(enum conf_overflow *overflow, struct slice value)
{
	enum conf_overflow given;

	if (slice_is(value, "permissive"))
		given = OVERFLOW_PERMISSIVE;
	else if (slice_is(value, "deny-all"))
		given = OVERFLOW_DENY_ALL;
	else
		return ERR_MALFORMED;
	if (*overflow == OVERFLOW_UNSET)
		*overflow = given;
	return ERR_OK;
}

/* ERR_NOT_FOUND: no such kind. */
static enum err set_one(struct conf_penalties *penalties, struct slice kind, struct slice value)
{
	for (size_t i = 0; i < COUNT_OF(times); i++)
		if (slice_is(kind, times[i].name))
			return set_time(penalties, times[i].penalty, value);
	if (slice_is(kind, "max-sources4"))
		return set_sources(&penalties->max_sources4, value);
	if (slice_is(kind, "max-sources6"))
		return set_sources(&penalties->max_sources6, value);
	if (slice_is(kind, "overflow"))
		return set_overflow(&penalties->overflow4, value);
	if (slice_is(kind, "overflow6"))
		return set_overflow(&penalties->overflow6, value);
	return ERR_NOT_FOUND;
}

static enum err penalty_parse(
    struct value_input *in, size_t index, struct conf_penalties *penalties)
{
	struct slice word = in->line->words[index].text;
	const uint8_t *colon = word.len > 0 ? memchr(word.ptr, ':', word.len) : NULL;
	size_t len = colon ? (size_t)(colon - word.ptr) : word.len;
	enum err err = set_one(penalties, slice_first(word, len), slice_after(word, len + 1));

	if (err == ERR_OK)
		return ERR_OK;
	if (err == ERR_NOT_FOUND)
		return value_refuse(in, index, NULL, "\"%.*s\" is not a kind of penalty", (int)len,
		    (const char *)word.ptr);
	return value_refuse(in, index, NULL, "\"%.*s\" is not a possible value", (int)word.len,
	    (const char *)word.ptr);
}

static enum err penalties_parse(struct value_input *in, const struct type *type, void *value)
{
	const struct line *line = in->line;
	struct conf_penalties *penalties = value;

	(void)type;
	clear(penalties);
	if (line->count == 0)
		return value_refuse(in, 0, NULL, "its values are missing");
	if (in->is_default) {
		set_defaults(penalties);
		return ERR_OK;
	}
	penalties->enabled = PENALTIES_ON;
	if (line->count == 1 && slice_is(line->words[0].text, "yes"))
		return ERR_OK;
	if (line->count == 1 && slice_is(line->words[0].text, "no")) {
		penalties->enabled = PENALTIES_OFF;
		return ERR_OK;
	}
	for (size_t i = 0; i < line->count; i++)
		TRY(penalty_parse(in, i, penalties));
	return ERR_OK;
}

static void penalties_fill(void *value, const void *later)
{
	const struct conf_penalties *from = later;
	struct conf_penalties *into = value;

	if (into->enabled == PENALTIES_UNSET)
		into->enabled = from->enabled;
	for (size_t i = 0; i < PENALTY_TIMES; i++)
		if (into->time_us[i] == UNSET)
			into->time_us[i] = from->time_us[i];
	if (into->max_sources4 == UNSET)
		into->max_sources4 = from->max_sources4;
	if (into->max_sources6 == UNSET)
		into->max_sources6 = from->max_sources6;
	if (into->overflow4 == OVERFLOW_UNSET)
		into->overflow4 = from->overflow4;
	if (into->overflow6 == OVERFLOW_UNSET)
		into->overflow6 = from->overflow6;
}

static const char *overflow_name(enum conf_overflow overflow)
{
	return overflow == OVERFLOW_DENY_ALL ? "deny-all" : "permissive";
}

static enum err penalties_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_penalties *penalties = value;

	(void)type;
	if (penalties->enabled != PENALTIES_ON)
		return print_text(name, "no", out);
	TRY(buf_append_text(out, name));
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		int64_t us = penalties->time_us[times[i].penalty];

		TRY(buf_append_format(out, " %s:%lld.%06lld", times[i].name,
		    (long long)(us / US_PER_S), (long long)(us % US_PER_S)));
	}
	return buf_append_format(out,
	    " max-sources4:%lld max-sources6:%lld overflow:%s overflow6:%s\n",
	    (long long)penalties->max_sources4, (long long)penalties->max_sources6,
	    overflow_name(penalties->overflow4), overflow_name(penalties->overflow6));
}

const struct type type_PENALTIES = {
    .name = "PENALTIES",
    .size = sizeof(struct conf_penalties),
    .parse = penalties_parse,
    .print = penalties_print,
    .fill = penalties_fill,
};
