/* The child's half of starting a program: never returns. */
#pragma once

#include "privsep/user/environment.h"
#include "privsep/user/user.h"

struct launch {
	const struct user_setup *setup;
	enum program_kind kind;
	const char *command;    /* NULL: the login shell */
	bool runs_rc;
	int master;             /* of the terminal; -1: the three pipes below are used */
	int input, output, error;
	const struct environment *environment;
};

/*
 * In the child after fork: new session, terminal or pipes as 0, 1 and 2, nothing else open,
 * home directory, rc, then the shell, the command through the shell, or internal-sftp.
 */
_Noreturn void launch_run(const struct launch *launch);
