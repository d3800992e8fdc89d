#include "config/match.h"

#include "config/pattern.h"
#include "config/types.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

enum criterion_kind {
	CRITERION_ALL,
	CRITERION_USER,
	CRITERION_GROUP,
	CRITERION_HOST,
	CRITERION_ADDRESS,
	CRITERION_LOCAL_ADDRESS,
	CRITERION_LOCAL_PORT,
	CRITERION_RDOMAIN,
	CRITERION_INVALID_USER,
	CRITERION_VERSION,
};

struct criterion {
	enum criterion_kind kind;
	struct slice list;
	uint16_t port;
};

struct match {
	struct criterion *criteria;
	size_t count;
};

static bool all_holds(const struct criterion *c, const struct match_facts *facts)
{
	(void)c;
	(void)facts;
	return true;
}

static bool pattern_holds(const struct criterion *c, const char *fact, bool ignores_case)
{
	return fact != NULL &&
	       pattern_list_match(slice_text(fact), c->list, ignores_case) == MATCH_YES;
}

static bool user_holds(const struct criterion *c, const struct match_facts *facts)
{
	return pattern_holds(c, facts->user, false);
}

/* Any group that matches; one that matches an element with "!" refuses at once. */
static bool group_holds(const struct criterion *c, const struct match_facts *facts)
{
	bool holds = false;

	for (size_t i = 0; i < facts->group_count; i++) {
		enum match_result result =
		    pattern_list_match(slice_text(facts->groups[i]), c->list, false);

		if (result == MATCH_REFUSED)
			return false;
		holds = holds || result == MATCH_YES;
	}
	return holds;
}

static bool host_holds(const struct criterion *c, const struct match_facts *facts)
{
	return pattern_holds(c, facts->host, true);
}

static bool address_in(const char *address, struct slice list)
{
	return address != NULL && address_list_match(slice_text(address), list, NULL) == MATCH_YES;
}

static bool address_holds(const struct criterion *c, const struct match_facts *facts)
{
	return address_in(facts->address, c->list);
}

static bool local_address_holds(const struct criterion *c, const struct match_facts *facts)
{
	return address_in(facts->local_address, c->list);
}

static bool local_port_holds(const struct criterion *c, const struct match_facts *facts)
{
	return facts->local_port != 0 && facts->local_port == c->port;
}

static bool rdomain_holds(const struct criterion *c, const struct match_facts *facts)
{
	return pattern_holds(c, facts->rdomain, false);
}

static bool invalid_user_holds(const struct criterion *c, const struct match_facts *facts)
{
	(void)c;
	return facts->is_invalid_user;
}

static bool version_holds(const struct criterion *c, const struct match_facts *facts)
{
	(void)facts;
	return pattern_list_match(LITERAL(MATCH_VERSION), c->list, false) == MATCH_YES;
}

static const struct criterion_row {
	const char *name;
	bool takes_value;
	bool is_address; /* its list may hold CIDR blocks */
	bool is_static;  /* the same for every connection */
	bool (*holds)(const struct criterion *c, const struct match_facts *facts);
} rows[] = {
    [CRITERION_ALL] = {"All", false, false, true, all_holds},
    [CRITERION_USER] = {"User", true, false, false, user_holds},
    [CRITERION_GROUP] = {"Group", true, false, false, group_holds},
    [CRITERION_HOST] = {"Host", true, false, false, host_holds},
    [CRITERION_ADDRESS] = {"Address", true, true, false, address_holds},
    [CRITERION_LOCAL_ADDRESS] = {"LocalAddress", true, true, false, local_address_holds},
    [CRITERION_LOCAL_PORT] = {"LocalPort", true, false, false, local_port_holds},
    [CRITERION_RDOMAIN] = {"RDomain", true, false, false, rdomain_holds},
    [CRITERION_INVALID_USER] = {"Invalid-User", false, false, false, invalid_user_holds},
    [CRITERION_VERSION] = {"Version", true, false, true, version_holds},
};

/* ---- reading ---- */

struct match_input {
	const struct line *line;
	struct place place;
	struct arena *arena;
	struct diagnostics *diagnostics;
};

static enum err refuse(
    struct match_input *in, size_t index, const char *hint, const char *text, struct slice word)
{
	struct place place = in->place;

	if (index < in->line->count) {
		place.column = in->line->words[index].column;
		place.width = in->line->words[index].width;
	}
	diagnostics_add(in->diagnostics, SEVERITY_ERROR, &place, hint, "Match: %s%s%.*s%s", text,
	    word.len > 0 ? " \"" : "", (int)word.len, (const char *)word.ptr,
	    word.len > 0 ? "\"" : "");
	return ERR_CONFIG;
}

static enum err find_criterion(
    struct match_input *in, size_t index, struct slice name, enum criterion_kind *kind)
{
	const char *names[COUNT_OF(rows)];
	char hint[64];
	const char *near;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		names[i] = rows[i].name;
		if (!text_equal_ignoring_case(name, slice_text(rows[i].name)))
			continue;
		*kind = (enum criterion_kind)i;
		return ERR_OK;
	}
	near = text_nearest(name, names, COUNT_OF(names));
	if (near != NULL)
		stpcpy(stpcpy(stpcpy(hint, "did you mean "), near), "?");
	return refuse(in, index, near ? hint : NULL, "there is no criterion", name);
}

/* The list of a criterion, checked as its kind asks. */
static enum err take_list(
    struct match_input *in, size_t index, struct slice list, struct criterion *c)
{
	struct slice fault;
	char *copy;

	if (list.len == 0)
		return refuse(
		    in, index, NULL, "a value is missing for", slice_text(rows[c->kind].name));
	if (c->kind == CRITERION_LOCAL_PORT && !port_parse(list, &c->port))
		return refuse(in, index, NULL, "not a port:", list);
	if (rows[c->kind].is_address && address_list_fault(list, &fault))
		return refuse(
		    in, index, "host bits must be zero", "not a possible address block:", fault);
	copy = arena_text(in->arena, list);
	if (copy == NULL)
		return ERR_NO_MEMORY;
	c->list = slice_over(copy, list.len);
	return ERR_OK;
}

/* One criterion: "name", "name value" or "name=value"; moves the index behind it. */
static enum err take_criterion(struct match_input *in, size_t *index, struct criterion *c)
{
	const struct word *words = in->line->words;
	size_t at = (*index)++;
	struct slice name = words[at].text;
	const uint8_t *equals = name.len > 0 ? memchr(name.ptr, '=', name.len) : NULL;
	struct slice list = {0};

	if (equals != NULL) {
		list = slice_after(name, (size_t)(equals - name.ptr) + 1);
		name = slice_first(name, (size_t)(equals - name.ptr));
	}
	TRY(find_criterion(in, at, name, &c->kind));
	if (!rows[c->kind].takes_value)
		return equals ? refuse(in, at, NULL, "takes no value:", name) : ERR_OK;
	if (equals == NULL) {
		if (*index == in->line->count)
			return refuse(in, at, NULL, "a value is missing for", name);
		at = (*index)++;
		list = words[at].text;
	}
	return take_list(in, at, list, c);
}

enum err match_parse(const struct line *line, struct place place, struct arena *arena,
    struct diagnostics *diagnostics, struct match **out)
{
	struct match_input in = {line, place, arena, diagnostics};
	struct match *match = arena_alloc(arena, sizeof(*match));

	if (line->count == 0)
		return refuse(&in, 0, NULL, "its criteria are missing", (struct slice){0});
	if (match == NULL)
		return ERR_NO_MEMORY;
	match->criteria = arena_alloc(arena, line->count * sizeof(*match->criteria));
	if (match->criteria == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < line->count;) {
		size_t at = i;

		TRY(take_criterion(&in, &i, &match->criteria[match->count]));
		if (match->criteria[match->count].kind == CRITERION_ALL && line->count > 1)
			return refuse(&in, at, NULL, "\"all\" must stand alone", (struct slice){0});
		match->count++;
	}
	*out = match;
	return ERR_OK;
}

/* ---- deciding ---- */

bool match_holds(const struct match *match, const struct match_facts *facts)
{
	for (size_t i = 0; i < match->count; i++) {
		const struct criterion *c = &match->criteria[i];

		if (facts == NULL && !rows[c->kind].is_static)
			return false;
		if (!rows[c->kind].holds(c, facts))
			return false;
	}
	return true;
}

bool match_is_static(const struct match *match)
{
	for (size_t i = 0; i < match->count; i++)
		if (!rows[match->criteria[i].kind].is_static)
			return false;
	return true;
}

static bool has_kind(const struct match *match, enum criterion_kind kind)
{
	for (size_t i = 0; i < match->count; i++)
		if (match->criteria[i].kind == kind)
			return true;
	return false;
}

bool match_next_group_list(const struct match *match, size_t *index, struct slice *list)
{
	while (*index < match->count) {
		const struct criterion *c = &match->criteria[(*index)++];

		if (c->kind != CRITERION_GROUP)
			continue;
		*list = c->list;
		return true;
	}
	return false;
}

bool match_wants_groups(const struct match *match)
{
	return has_kind(match, CRITERION_GROUP);
}

bool match_wants_host(const struct match *match)
{
	return has_kind(match, CRITERION_HOST);
}

/* ---- -C ---- */

static enum err take_fact(
    struct slice name, struct slice value, struct arena *arena, struct match_facts *facts)
{
	const struct {
		const char *name;
		const char **fact;
	} texts[] = {
	    {"user", &facts->user},
	    {"host", &facts->host},
	    {"addr", &facts->address},
	    {"laddr", &facts->local_address},
	    {"rdomain", &facts->rdomain},
	};

	if (slice_is(name, "lport"))
		return port_parse(value, &facts->local_port) && facts->local_port != 0
		           ? ERR_OK
		           : ERR_MALFORMED;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (!slice_is(name, texts[i].name))
			continue;
		*texts[i].fact = arena_text(arena, value);
		return *texts[i].fact ? ERR_OK : ERR_NO_MEMORY;
	}
	return ERR_MALFORMED;
}

enum err match_facts_parse(struct slice spec, struct arena *arena, struct match_facts *facts)
{
	struct slice one;

	while (list_next(&spec, &one)) {
		const uint8_t *equals = one.len > 0 ? memchr(one.ptr, '=', one.len) : NULL;
		size_t len = equals ? (size_t)(equals - one.ptr) : one.len;

		if (slice_is(one, "invalid-user")) {
			facts->is_invalid_user = true;
			continue;
		}
		if (equals == NULL)
			return ERR_MALFORMED;
		TRY(take_fact(slice_first(one, len), slice_after(one, len + 1), arena, facts));
	}
	return ERR_OK;
}
