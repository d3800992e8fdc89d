/* A configuration as entries: what each line sets, in which scope, and where it stands. */
#pragma once

#include "config/conf.h"
#include "config/diagnostics.h"
#include "config/match.h"
#include "config/snapshot.h"

#define CONFIG_ENTRIES_LIMIT    2000000u
#define CONFIG_SCOPES_LIMIT     100000u
#define CONFIG_INCLUSIONS_LIMIT 10000u /* files read through Include, each time counted */

/* One line that sets something. */
struct entry {
	const struct keyword *keyword;
	struct origin origin;
	uint32_t scope;    /* an index into config.scopes */
	const void *value; /* of the keyword's type */
	const char *text;  /* the line as written, without blanks around it */
};

/*
 * A Match block, and where it is nested: an Include within a block is read under its
 * condition. scopes[0] is everything outside of blocks.
 */
struct scope {
	uint32_t parent;
	const struct match *match; /* NULL for scopes[0] */
	bool is_static;            /* holds for every connection or for none */
	struct origin origin;
	const char *text;
};

/* One pattern of an Include line. */
struct include_line {
	const char *pattern;
	size_t file_count; /* how many files it named */
	struct origin origin;
};

struct config {
	struct entry *entries; /* -o first, then sshd_config, then sekisho.conf */
	size_t entry_count;
	struct scope *scopes;
	size_t scope_count;
	struct include_line *includes;
	size_t include_count;
	const char **files; /* paths, for origins; files[0] is "command line" */
	size_t file_count;
	const void *defaults[KEYWORD_COUNT]; /* values; NULL where there is none */
	bool wants_groups, wants_host;
	struct arena arena;
	unsigned references;
};

/*
 * Reads all lines of all files and tells everything that is wrong with them, and with the
 * owners and modes of the files, in one run.
 *
 * ERR_CONFIG: there is an error among the diagnostics. ERR_NO_MEMORY.
 */
enum err config_parse(
    const struct snapshot *snapshot, struct config **out, struct diagnostics *diagnostics);

/* The same, and `out` is set even when lines are wrong: they are left out. For lint. */
enum err config_parse_leniently(
    const struct snapshot *snapshot, struct config **out, struct diagnostics *diagnostics);

/* Gives one reference back. A conf made from it has its own. */
void config_free(struct config *config);
void config_release(struct config **config); /* for AUTO */

/* The path of an origin; NULL for a built-in default. */
const char *config_file_name(const struct config *config, struct origin origin);

/* What match_facts need for this configuration: a look-up costs time. */
bool config_wants_groups(const struct config *config);
bool config_wants_host(const struct config *config);

/* For each snapshot file: owner and mode of it and of every directory above it. */
void snapshot_check_owners(
    const struct snapshot *snapshot, bool is_strict, struct diagnostics *diagnostics);
