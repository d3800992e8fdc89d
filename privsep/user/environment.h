/* What a program of a session finds in its environment: built from nothing. */
#pragma once

#include "sshd/base/buf.h"

#define ENVIRONMENT_BYTES_LIMIT   (256u * 1024)
#define ENVIRONMENT_ENTRIES_LIMIT 1024u

/* NAME=value strings, each name once; a later value takes the place of an earlier one. */
struct environment {
	char *entries[ENVIRONMENT_ENTRIES_LIMIT + 1]; /* ends with NULL: fit for execve */
	size_t count;
	size_t bytes;
};

struct environment_facts {
	const char *user, *home, *shell;
	bool is_superuser;
	const char *time_zone;  /* the daemon's own TZ, or NULL */
	struct slice added;     /* NAME=value, each ended by a zero byte */
	const char *client, *connection; /* SSH_CLIENT, SSH_CONNECTION; empty: left out */
	const char *tty, *term;          /* empty: left out */
	const char *auth_info;           /* SSH_USER_AUTH; empty: left out */
};

void environment_wipe(struct environment *environment); /* for AUTO */

/*
 * ERR_MALFORMED: an entry without a name or a "=". ERR_LIMIT: too many or too long.
 * ERR_NO_MEMORY. The environment is empty after an error.
 */
enum err environment_build(const struct environment_facts *facts, struct environment *out);

/* Sets one. Names are not checked here beyond being there. */
enum err environment_set(struct environment *environment, const char *name, struct slice value);
const char *environment_get(const struct environment *environment, const char *name);
