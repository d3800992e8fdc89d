#include <time.h>

#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

struct key_options key_options_none(void)
{
	return (struct key_options){
	    .restrictions = restrictions_none(),
	    .principals = buf_empty(RESTRICTION_LIST_LIMIT),
	    .from = buf_empty(RESTRICTION_LIST_LIMIT),
	};
}

void key_options_wipe(struct key_options *options)
{
	restrictions_wipe(&options->restrictions);
	buf_wipe(&options->principals);
	buf_wipe(&options->from);
}

struct parsing {
	struct key_options *options;
	const struct local_zone *zone;
	const char *complaint;
};

static enum err complain(struct parsing *p, const char *complaint)
{
	p->complaint = complaint;
	return ERR_MALFORMED;
}

/* ---------------------------------------------------------- options with values */

static enum err take_command(struct parsing *p, struct slice value)
{
	struct restrictions *set = &p->options->restrictions;

	if (set->has_command)
		return complain(p, "multiple \"command\" options");
	TRY(buf_append(&set->command, value));
	set->has_command = true;
	return ERR_OK;
}

/*
 * Each name stands for itself: a certificate whose principal holds a comma matches none of
 * them, since no comma is left in any (CVE-2026-35414 was the lack of this).
 */
static enum err take_principals(struct parsing *p, struct slice value)
{
	struct buf *names = &p->options->principals;

	if (p->options->has_principals)
		return complain(p, "multiple \"principals\" options");
	while (value.len > 0) {
		const uint8_t *comma = memchr(value.ptr, ',', value.len);
		struct slice name = slice_first(value, comma ? (size_t)(comma - value.ptr) : value.len);

		value = slice_after(value, name.len + 1);
		if (name.len == 0)
			continue;
		TRY(buf_append(names, name));
		TRY(buf_append(names, BYTES(0)));
	}
	p->options->has_principals = true;
	return ERR_OK;
}

static enum err take_from(struct parsing *p, struct slice value)
{
	if (p->options->has_from)
		return complain(p, "multiple \"from\" options");
	if (value.len == 0)
		return complain(p, "empty \"from\" option");
	TRY(buf_append(&p->options->from, value));
	p->options->has_from = true;
	return ERR_OK;
}

static enum err take_environment(struct parsing *p, struct slice value)
{
	const uint8_t *equals = value.len > 0 ? memchr(value.ptr, '=', value.len) : NULL;

	if (equals == NULL || equals == value.ptr)
		return complain(p, "invalid environment string");
	for (const uint8_t *c = value.ptr; c < equals; c++)
		if (!((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || *c == '_' ||
			(*c >= '0' && *c <= '9')))
			return complain(p, "invalid environment string");
	return restrictions_add_environment(&p->options->restrictions, value);
}

static enum err take_open(struct parsing *p, struct slice value)
{
	struct slice host;
	uint16_t port;

	if (endpoint_parse(value, false, &host, &port) != ERR_OK)
		return complain(p, "invalid permission hostname or port");
	return restrictions_add_endpoint(&p->options->restrictions.opens, value);
}

static enum err take_listen(struct parsing *p, struct slice value)
{
	struct slice host;
	uint16_t port;

	if (endpoint_parse(value, true, &host, &port) != ERR_OK)
		return complain(p, "invalid permission hostname or port");
	return restrictions_add_endpoint(&p->options->restrictions.listens, value);
}

static enum err take_tunnel(struct parsing *p, struct slice value)
{
	uint64_t unit = 0;

	if (slice_is(value, "any"))
		return ERR_OK;
	if (text_parse_u64(value, 0x7ffffffd, &unit) != ERR_OK)
		return complain(p, "invalid tun device");
	p->options->restrictions.tunnel_unit = (uint32_t)unit;
	return ERR_OK;
}

static int two_digits(const uint8_t *text)
{
	return (text[0] - '0') * 10 + (text[1] - '0');
}

static bool date_is_real(const struct tm *given, const struct tm *back)
{
	return given->tm_year == back->tm_year && given->tm_mon == back->tm_mon &&
	    given->tm_mday == back->tm_mday && given->tm_hour == back->tm_hour &&
	    given->tm_min == back->tm_min && given->tm_sec == back->tm_sec;
}

/* YYYYMMDD[HHMM[SS]][Z] */
static enum err time_parse(struct slice text, const struct local_zone *zone, uint64_t *out)
{
	bool is_utc = text.len > 0 && (text.ptr[text.len - 1] == 'Z' || text.ptr[text.len - 1] == 'z');
	struct tm parts = {0}, back;
	time_t seconds;

	if (is_utc)
		text.len--;
	if (text.len != 8 && text.len != 12 && text.len != 14)
		return ERR_MALFORMED;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return ERR_MALFORMED;
	parts.tm_year = two_digits(text.ptr) * 100 + two_digits(text.ptr + 2) - 1900;
	parts.tm_mon = two_digits(text.ptr + 4) - 1;
	parts.tm_mday = two_digits(text.ptr + 6);
	if (text.len >= 12) {
		parts.tm_hour = two_digits(text.ptr + 8);
		parts.tm_min = two_digits(text.ptr + 10);
	}
	if (text.len >= 14)
		parts.tm_sec = two_digits(text.ptr + 12);
	back = parts;
	seconds = timegm(&back);
	if (seconds < 0 || !date_is_real(&parts, &back))
		return ERR_MALFORMED;
	if (!is_utc && zone != NULL)
		seconds -= (time_t)zone->utc_offset_s(seconds);
	*out = (uint64_t)seconds;
	return ERR_OK;
}

/* Of several times the earliest counts. */
static enum err take_expiry(struct parsing *p, struct slice value)
{
	uint64_t expires = 0;

	if (time_parse(value, p->zone, &expires) != ERR_OK || expires == 0)
		return complain(p, "invalid expires time");
	if (p->options->expires_s == 0 || expires < p->options->expires_s)
		p->options->expires_s = expires;
	return ERR_OK;
}

/* --------------------------------------------------------------- the table */

enum flag_kind {
	FLAG_RESTRICTS_ALL,
	FLAG_PERMISSION, /* takes "no-" */
	FLAG_AUTHORITY,
	FLAG_TOUCH, /* takes "no-" */
	FLAG_VERIFY,
};

struct option_row {
	const char *name;
	enum err (*take)(struct parsing *p, struct slice value); /* NULL: has no value */
	enum flag_kind kind;
	uint32_t permissions;
	bool takes_no;
};

static const struct option_row rows[] = {
    {"restrict", NULL, FLAG_RESTRICTS_ALL, 0, false},
    {"cert-authority", NULL, FLAG_AUTHORITY, 0, false},
    {"port-forwarding", NULL, FLAG_PERMISSION, MAY_FORWARD_PORTS, true},
    {"agent-forwarding", NULL, FLAG_PERMISSION, MAY_FORWARD_AGENT, true},
    {"x11-forwarding", NULL, FLAG_PERMISSION, MAY_FORWARD_X11, true},
    {"pty", NULL, FLAG_PERMISSION, MAY_HAVE_PTY, true},
    {"user-rc", NULL, FLAG_PERMISSION, MAY_RUN_USER_RC, true},
    {"touch-required", NULL, FLAG_TOUCH, 0, true},
    {"verify-required", NULL, FLAG_VERIFY, 0, false},
    {"command", take_command, 0, 0, false},
    {"principals", take_principals, 0, 0, false},
    {"from", take_from, 0, 0, false},
    {"expiry-time", take_expiry, 0, 0, false},
    {"environment", take_environment, 0, 0, false},
    {"permitopen", take_open, 0, 0, false},
    {"permitlisten", take_listen, 0, 0, false},
    {"tunnel", take_tunnel, 0, 0, false},
};

static const struct option_row *row_named(struct slice name, bool *is_negated)
{
	bool has_no = name.len > 3 && text_equal_ignoring_case(slice_first(name, 3), LITERAL("no-"));

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (text_equal_ignoring_case(name, slice_text(rows[i].name))) {
			*is_negated = false;
			return &rows[i];
		}
		if (has_no && rows[i].takes_no &&
		    text_equal_ignoring_case(slice_after(name, 3), slice_text(rows[i].name))) {
			*is_negated = true;
			return &rows[i];
		}
	}
	return NULL;
}

static void flag_apply(struct key_options *options, const struct option_row *row, bool is_negated)
{
	switch (row->kind) {
	case FLAG_RESTRICTS_ALL:
		options->restrictions.permitted = 0;
		break;
	case FLAG_PERMISSION:
		if (is_negated)
			options->restrictions.permitted &= ~row->permissions;
		else
			options->restrictions.permitted |= row->permissions;
		break;
	case FLAG_AUTHORITY:
		options->is_authority = true;
		break;
	case FLAG_TOUCH:
		options->has_touch = true;
		options->touch_required = !is_negated;
		break;
	case FLAG_VERIFY:
		options->verify_required = true;
		break;
	}
}

/* The value between quotes, with \" taken as a quote; `text` is left behind the closing one. */
static enum err value_take(struct parsing *p, struct slice *text, struct buf *value)
{
	if (!slice_starts(*text, "\""))
		return complain(p, "missing start quote");
	for (size_t i = 1; i < text->len; i++) {
		uint8_t c = text->ptr[i];

		if (c == '"') {
			*text = slice_after(*text, i + 1);
			return ERR_OK;
		}
		if (c == 0)
			return complain(p, "zero byte in a value");
		if (c == '\\' && i + 1 < text->len && text->ptr[i + 1] == '"')
			c = text->ptr[++i];
		TRY(buf_append(value, slice_over(&c, 1)));
	}
	return complain(p, "missing end quote");
}

static struct slice name_take(struct slice *text)
{
	size_t len = 0;
	struct slice name;

	while (len < text->len && text->ptr[len] != ',' && text->ptr[len] != '=')
		len++;
	name = slice_first(*text, len);
	*text = slice_after(*text, len);
	return name;
}

static enum err option_take(struct parsing *p, struct slice *text)
{
	AUTO(buf_wipe) struct buf value = buf_empty(RESTRICTION_COMMAND_LIMIT);
	bool is_negated = false;
	const struct option_row *row = row_named(name_take(text), &is_negated);

	if (row == NULL)
		return complain(p, "unknown key option");
	if (row->take == NULL) {
		if (slice_starts(*text, "="))
			return complain(p, "a value where none belongs");
		flag_apply(p->options, row, is_negated);
		return ERR_OK;
	}
	if (!slice_starts(*text, "="))
		return complain(p, "a value is missing");
	*text = slice_after(*text, 1);
	TRY(value_take(p, text, &value));
	return row->take(p, buf_view(&value));
}

static enum err options_take(struct parsing *p, struct slice text)
{
	while (text.len > 0) {
		TRY(option_take(p, &text));
		if (text.len == 0)
			return ERR_OK;
		if (text.ptr[0] != ',')
			return complain(p, "unknown key option");
		text = slice_after(text, 1);
		if (text.len == 0)
			return complain(p, "unexpected end-of-options");
	}
	return ERR_OK;
}

enum err key_options_parse(struct slice text, const struct local_zone *zone,
    struct key_options *options, const char **complaint)
{
	AUTO(key_options_wipe) struct key_options parsed = key_options_none();
	struct parsing p = {.options = &parsed, .zone = zone, .complaint = "out of memory"};
	enum err err = options_take(&p, text);

	if (err != ERR_OK) {
		*complaint = p.complaint;
		return err;
	}
	*options = parsed;
	parsed = key_options_none();
	return ERR_OK;
}
