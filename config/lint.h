/*
 * Findings about a configuration: wrong, weak, contradictory, without effect, lock-out. The rules
 * are rows of lint_rules.def. Pure but for what it asks of the world, which the caller supplies.
 */
#pragma once

#include <sys/stat.h>

#include "config/parse.h"

enum lint_profile {
	PROFILE_DEFAULT = 1,
	PROFILE_CIS = 2,
	PROFILE_STIG = 4,
	PROFILE_MOZILLA = 8,
	PROFILE_AUDIT = 16,
	PROFILE_EVERY = 31,
};

/* "default", "cis-l1", "stig", "mozilla", "ssh-audit". False: there is none of that name. */
bool lint_profile_parse(struct slice name, enum lint_profile *profile);
const char *lint_profile_name(enum lint_profile profile);

struct lint;
struct conf;

struct lint_rule {
	const char *id;
	enum severity severity;
	unsigned profiles;
	enum keyword_id keyword; /* KEYWORD_COUNT: about lines */
	void (*test)(struct lint *lint, const struct lint_rule *rule);
	const char *argument;
	const char *reason, *fix;
};

const struct lint_rule *lint_rules(size_t *count);

struct finding {
	const struct lint_rule *rule;
	struct origin origin;    /* the line; line 0: a built-in default, or a file */
	struct origin shadowing; /* the line that wins over it; line 0: none */
	const char *value;       /* the effective value, or NULL */
	const char *detail;      /* the path, name or element that it is about, or NULL */
	const char *scope;       /* the Match line, or NULL: everybody */
	struct finding *next;
};

struct findings {
	struct arena arena;
	struct finding *first, *last;
	size_t counts[SEVERITY_ERROR + 1];
};

void findings_wipe(struct findings *findings); /* for AUTO */

/* What may be asked of the host or tree that the configuration is for. */
struct lint_world {
	void *owner;
	/* Of the file behind links. ERR_NOT_FOUND; ERR_SYSTEM: it cannot be known. */
	enum err (*look)(void *owner, const char *path, struct stat *st);
	/* At most `out`'s limit. ERR_NOT_FOUND, ERR_LIMIT, ERR_SYSTEM. */
	enum err (*read)(void *owner, const char *path, struct buf *out);
	bool (*has_user)(void *owner, const char *name);
	bool (*has_group)(void *owner, const char *name);
};

/*
 * world NULL: what needs it is left out. Findings come in the order of the rules.
 * ERR_NO_MEMORY.
 */
enum err lint_run(struct config *config, const struct lint_world *world, enum lint_profile profile,
    struct findings *findings);
