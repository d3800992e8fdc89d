/* Match blocks: their criteria, and whether they hold for a connection. */
#pragma once

#include "config/conf.h"
#include "config/diagnostics.h"
#include "config/lexer.h"

/* What `Match version` compares with. */
#define MATCH_VERSION "OpenSSH_10.5p1"

/*
 * What is known of a connection. NULL or 0: not known, and a criterion that asks for it does
 * not hold.
 */
struct match_facts {
	const char *user;
	const char *const *groups; /* names, when config_wants_groups */
	size_t group_count;
	bool is_invalid_user; /* the account does not exist */
	const char *host;     /* the client's name; its address where UseDNS is no */
	const char *address;
	const char *local_address;
	uint16_t local_port;
	const char *rdomain;
};

struct match; /* the criteria of one Match line, all of which must hold */

/*
 * Reads the words of a Match line. ERR_CONFIG: told to `diagnostics` already. ERR_NO_MEMORY.
 * `place` is where the line stands; the match lives in `arena`.
 */
enum err match_parse(const struct line *line, struct place place, struct arena *arena,
    struct diagnostics *diagnostics, struct match **out);

/* facts NULL: only what depends on no connection is known ("all", "version"). */
bool match_holds(const struct match *match, const struct match_facts *facts);

/* The same for every connection: it may hold keywords that are not allowed within Match. */
bool match_is_static(const struct match *match);

/* The lists of the Group criteria, the one after `index`; false: there is none left. */
bool match_next_group_list(const struct match *match, size_t *index, struct slice *list);

bool match_wants_groups(const struct match *match);
bool match_wants_host(const struct match *match);

/* Reads a -C specification, "user=u,addr=a,...", into facts; texts live in `arena`. */
enum err match_facts_parse(struct slice spec, struct arena *arena, struct match_facts *facts);

/*
 * Looks the groups of facts->user up in the system's databases; none for an account that does
 * not exist. Blocks as long as they do. ERR_NO_MEMORY, ERR_LIMIT.
 */
enum err match_facts_add_groups(struct match_facts *facts, struct arena *arena);
