/* What `sshdctl why` finds out, step by step. */
#pragma once

#include <sys/stat.h>

#include "config/ctl/input.h"
#include "config/policy.h"

enum outcome { STEP_OK, STEP_FAILS, STEP_INFO };

struct step {
	enum outcome outcome;
	const char *text;
	const char *fix; /* the command that mends it, or NULL */
	struct step *next;
};

struct account {
	const char *name, *home, *shell;
	uid_t uid;
	bool exists, is_locked;
	enum shell_state shell_state;
};

struct why {
	struct arena arena;
	struct step *first, *last;
	struct account account;
	const struct conf *conf;
	const struct match_facts *facts;
	bool is_out_of_memory;

	/* the key of --key */
	bool has_key;
	struct buf key_blob;
	struct slice key_type;
	bool is_command_forced; /* by the options of the line that holds it */
};

void why_wipe(struct why *why); /* for AUTO */

/* Adds a step; fix may be NULL. Both texts are copied. */
void why_step(struct why *why, enum outcome outcome, const char *fix, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills the account from the system's databases and tells what stands against it. */
void why_look_up_account(struct why *why, const char *name);

/*
 * Walks an absolute path from the root and tells the first component that is missing, cannot be
 * looked at, or is not safe. From `checked_from` down (a prefix of the path) owners must be root
 * or the account, and nobody else may write. False: there was an obstacle.
 */
bool why_walk(struct why *why, const char *path, const char *checked_from, bool is_strict);

/* Reads --key's public key. False: told. */
bool why_read_key(struct why *why, const char *path);

/* Whether publickey could succeed: the algorithm, the files, the line with the key. */
bool why_public_key(struct why *why);
