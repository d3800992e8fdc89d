/* Passwords without PAM: against the system's own hashes. */
#pragma once

#include "privsep/monitor/account.h"
#include "sshd/base/verdict.h"

enum shadow_age {
	SHADOW_FRESH,
	SHADOW_MUST_CHANGE, /* expired, or an administrator wants a new one */
	SHADOW_TOO_OLD,     /* expired for longer than may be: nobody can log in with it */
};

struct shadow_answer {
	enum verdict verdict;
	enum shadow_age age;
};

/*
 * Is it this account's password? For an account that does not exist, is locked or has no hash
 * the same work is done in vain.
 *
 * permits_empty   an account whose password is empty may use an empty one
 * ERR_NO_MEMORY
 */
enum err shadow_check(const struct account *account, struct slice password, bool permits_empty,
    struct shadow_answer *answer);

/* The age of a password by the fields of shadow(5), all in days. For shadow_check and tests. */
enum shadow_age shadow_age_of(long last_change, long max, long inactive, long today);
