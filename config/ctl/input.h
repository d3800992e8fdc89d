/* What verbs read: the common options, and the configuration they name. */
#pragma once

#include "config/check.h"
#include "config/lint.h"

enum output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_SARIF };

struct arguments {
	const char *path;    /* -f; NULL: the system's */
	const char *sekisho; /* --sekisho; NULL: beside the main file */
	const char *root;    /* --root: a tree that is not this host's; NULL: this host */
	const char *user, *from, *host, *key;
	const char *local_address;
	uint16_t local_port;
	uint32_t confirm_s; /* --confirm; 0: none */
	bool is_forced;     /* --force */
	enum output output;
	unsigned profiles; /* bits of enum lint_profile; 0: none was named */
	char **rest;       /* what is no option */
	int rest_count;
};

/* False: an option is wrong, which is told on standard error. */
bool arguments_parse(int argc, char **argv, struct arguments *arguments);

struct input {
	struct snapshot *snapshot;
	struct config *config; /* lines that are wrong left out; NULL: nothing could be read */
	struct diagnostics diagnostics;
	struct arena arena; /* for paths and whatever a verb wants */
};

/*
 * Reads and parses, and tells into the diagnostics. ERR_CONFIG: the main file cannot be read.
 * ERR_NO_MEMORY, ERR_LIMIT.
 */
enum err input_read(const struct arguments *arguments, struct input *input);
void input_wipe(struct input *input); /* for AUTO */

/* Prints what is wrong with the configuration on standard error. Always ERR_CONFIG. */
enum err input_complain(const struct input *input);

/* Writes the text to standard output; on failure the program can only say so. */
bool output_write(const struct buf *text);

/* Says on standard error that something broke. */
void output_failed(const char *verb, enum err err);

/* The facts of --user and --from, groups looked up; strings are the arguments'. */
enum err facts_of(
    const struct arguments *arguments, struct arena *arena, struct match_facts *facts);
