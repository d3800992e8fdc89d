#include "sshd/auth/evidence/restrictions.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

struct restrictions restrictions_none(void)
{
	return (struct restrictions){
	    .permitted = MAY_EVERYTHING,
	    .command = buf_empty(RESTRICTION_COMMAND_LIMIT),
	    .environment = buf_empty(RESTRICTION_LIST_LIMIT),
	    .tunnel_unit = TUNNEL_UNIT_ANY,
	};
}

static void lists_wipe(struct endpoint_lists *lists)
{
	for (unsigned i = 0; i < lists->count; i++)
		buf_wipe(&lists->lists[i]);
	lists->count = 0;
}

void restrictions_wipe(struct restrictions *restrictions)
{
	buf_wipe(&restrictions->command);
	buf_wipe(&restrictions->environment);
	lists_wipe(&restrictions->opens);
	lists_wipe(&restrictions->listens);
	restrictions->has_command = false;
	restrictions->permitted = 0;
}

bool text_next(struct slice *sequence, struct slice *text)
{
	const uint8_t *end;

	if (sequence->len == 0)
		return false;
	end = memchr(sequence->ptr, 0, sequence->len);
	*text = slice_first(*sequence, end ? (size_t)(end - sequence->ptr) : sequence->len);
	*sequence = slice_after(*sequence, text->len + 1);
	return true;
}

static enum err append_entry(struct buf *list, struct slice entry)
{
	size_t before = buf_len(list);
	enum err err;

	if (entry.len > 0 && memchr(entry.ptr, 0, entry.len) != NULL)
		return ERR_MALFORMED;
	TRY(buf_append(list, entry));
	err = buf_append(list, BYTES(0));
	if (err != ERR_OK)
		buf_truncate(list, before);
	return err;
}

enum err restrictions_add_endpoint(struct endpoint_lists *lists, struct slice entry)
{
	if (lists->count == 0)
		lists->lists[lists->count++] = buf_empty(RESTRICTION_LIST_LIMIT);
	return append_entry(&lists->lists[0], entry);
}

static struct slice name_of(struct slice assignment)
{
	const uint8_t *equals = assignment.len > 0 ? memchr(assignment.ptr, '=', assignment.len) : NULL;

	return slice_first(assignment, equals ? (size_t)(equals - assignment.ptr) : 0);
}

enum err restrictions_add_environment(struct restrictions *set, struct slice assignment)
{
	struct slice sequence = buf_view(&set->environment);
	struct slice name = name_of(assignment);
	struct slice other;

	if (name.len == 0)
		return ERR_MALFORMED;
	while (text_next(&sequence, &other))
		if (slice_equal(name_of(other), name))
			return ERR_OK;
	return append_entry(&set->environment, assignment);
}

static enum err add_lists(struct endpoint_lists *to, const struct endpoint_lists *from)
{
	for (unsigned i = 0; i < from->count; i++) {
		struct buf copy = buf_empty(RESTRICTION_LIST_LIMIT);

		if (to->count == RESTRICTION_LISTS_LIMIT)
			return ERR_LIMIT;
		TRY(buf_append(&copy, buf_view(&from->lists[i])));
		to->lists[to->count++] = copy;
	}
	return ERR_OK;
}

static enum err take_command(struct restrictions *set, struct slice command, enum verdict *verdict)
{
	if (set->has_command) {
		*verdict = slice_equal(buf_view(&set->command), command) ? PERMIT : DENY;
		return ERR_OK;
	}
	TRY(buf_append(&set->command, command));
	set->has_command = true;
	*verdict = PERMIT;
	return ERR_OK;
}

enum err restrictions_force_command(struct restrictions *set, struct slice command,
    enum verdict *verdict)
{
	enum verdict taken = DENY;
	enum err err = take_command(set, command, &taken);

	if (err != ERR_OK || taken != PERMIT)
		set->permitted = 0;
	*verdict = taken;
	return err;
}

static enum err narrow(struct restrictions *set, const struct restrictions *by, enum verdict *verdict)
{
	struct slice sequence = buf_view(&by->environment);
	struct slice assignment;

	set->permitted &= by->permitted;
	TRY(add_lists(&set->opens, &by->opens));
	TRY(add_lists(&set->listens, &by->listens));
	while (text_next(&sequence, &assignment))
		TRY(restrictions_add_environment(set, assignment));
	if (by->tunnel_unit != TUNNEL_UNIT_ANY) {
		if (set->tunnel_unit != TUNNEL_UNIT_ANY && set->tunnel_unit != by->tunnel_unit)
			set->permitted &= ~(uint32_t)(MAY_TUNNEL_POINT_TO_POINT | MAY_TUNNEL_ETHERNET);
		else
			set->tunnel_unit = by->tunnel_unit;
	}
	if (by->has_command)
		return take_command(set, buf_view(&by->command), verdict);
	*verdict = PERMIT;
	return ERR_OK;
}

enum err restrictions_narrow(struct restrictions *set, const struct restrictions *by,
    enum verdict *verdict)
{
	enum verdict narrowed = DENY;
	enum err err = narrow(set, by, &narrowed);

	if (err != ERR_OK || narrowed != PERMIT)
		set->permitted = 0;
	*verdict = err == ERR_OK ? narrowed : DENY;
	return err;
}

static enum err port_parse(struct slice text, uint16_t *port)
{
	uint64_t number = 0;

	if (slice_is(text, "*")) {
		*port = 0;
		return ERR_OK;
	}
	if (text_parse_u64(text, 65535, &number) != ERR_OK || number == 0)
		return ERR_MALFORMED;
	*port = (uint16_t)number;
	return ERR_OK;
}

/* Where the host ends: behind a bracket, or at the only colon. */
static enum err host_split(struct slice entry, struct slice *host, struct slice *rest)
{
	bool is_bracketed = entry.len > 0 && entry.ptr[0] == '[';
	struct slice inner = slice_after(entry, is_bracketed ? 1 : 0);
	const uint8_t *end = inner.len > 0 ? memchr(inner.ptr, is_bracketed ? ']' : ':', inner.len) : NULL;

	if (end == NULL || end == inner.ptr)
		return ERR_MALFORMED;
	*host = slice_first(inner, (size_t)(end - inner.ptr));
	*rest = slice_after(inner, host->len + (is_bracketed ? 1 : 0));
	return slice_starts(*rest, ":") ? ERR_OK : ERR_MALFORMED;
}

enum err endpoint_parse(struct slice entry, bool takes_bare_port, struct slice *host, uint16_t *port)
{
	struct slice found = LITERAL("*");
	struct slice rest;
	uint16_t number = 0;

	if (takes_bare_port && port_parse(entry, &number) == ERR_OK) {
		*host = found;
		*port = number;
		return ERR_OK;
	}
	TRY(host_split(entry, &found, &rest));
	TRY(port_parse(slice_after(rest, 1), &number));
	*host = found;
	*port = number;
	return ERR_OK;
}
