/*
 * What a process got from its parent and a login must get unchanged: the daemon changes these
 * for itself and gives them back before PAM opens a session and in the user's own process.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sshd/base/err.h"

#define INHERITANCE_LIMITS 16 /* RLIMIT_NLIMITS of every kernel so far */

struct inheritance {
	uint64_t blocked_signals; /* bit n - 1: signal n */
	uint64_t ignored_signals;
	uint64_t soft_limits[INHERITANCE_LIMITS]; /* by resource; hard limits are never touched */
	int32_t oom_score_adj;
	bool has_oom_score_adj; /* false: there is no /proc */
	uint32_t umask;
};

/* Before anything is changed. ERR_SYSTEM. */
enum err inheritance_save(struct inheritance *saved);

/*
 * Gives everything back but the signal mask. The signals that every sshd handles (HUP, INT, QUIT,
 * TERM, CHLD) and PIPE are at their default afterwards, whatever sshd was started with: so a
 * login under a service manager that ignores SIGPIPE has it. An oom_score_adj that may not be
 * lowered any more stays.
 *
 * ERR_SYSTEM: a limit could not be given back.
 */
enum err inheritance_restore(const struct inheritance *saved);

/* The signal mask, last: right before exec, or in a child of a PAM module. */
void inheritance_restore_mask(const struct inheritance *saved);

/* For /proc/self/oom_score_adj. ERR_SYSTEM. */
enum err oom_score_adjust(int value);
