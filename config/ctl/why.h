/* What `sshdctl why` finds out, step by step. */
#pragma once

#include <sys/stat.h>

#include "config/ctl/input.h"
#include "config/policy.h"
#include "config/resolve.h"

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
	bool has_no_password; /* the password field of shadow holds no hash */
	enum shell_state shell_state;
};

struct why {
	struct arena arena;
	struct step *first, *last;
	struct account account;
	const struct conf *conf;
	const struct match_facts *facts;
	struct conf *resolved;     /* what conf points to */
	struct match_facts known;  /* what facts points to */
	bool is_wary;              /* a password that shadow does not hold is not taken for right */
	bool is_out_of_memory;

	/* the key of --key */
	bool has_key;
	struct buf key_blob;
	struct slice key_type;
	bool is_command_forced; /* by the options of the line that holds it */
};

void why_wipe(struct why *why); /* for AUTO */

/* Follows the login of arguments->user through `config`, whose texts `why` then points to. */
enum err why_evaluate(struct config *config, const struct arguments *arguments, struct why *why,
    bool *can_log_in);

/* The steps and the answer, for people. */
enum err why_text(const struct why *why, bool can_log_in, struct buf *out);

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
