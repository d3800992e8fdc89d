/* The child's half of starting a program: never returns. */
#pragma once

#include "privsep/user/environment.h"
#include "privsep/user/user.h"

enum { LAUNCH_FD_RELAY = 3 };

struct launch {
	const struct user_setup *setup;
	enum program_kind kind;
	const char *command;    /* NULL: the login shell */
	bool runs_rc;
	struct slice greeting; /* before a login shell on a terminal */
	bool prints_motd;
	int master;             /* of the terminal; -1: the three pipes below are used */
	int input, output, error;
	int relay;              /* of internal-sftp: to the log; else -1 */
	const struct environment *environment;
	const char *xauth, *xauth_display, *xauth_cookie; /* empty: there is no display */
};

/* display.c */
#define DISPLAY_PROTOCOL "MIT-MAGIC-COOKIE-1"
/* There is a display, and nothing in its name or cookie that xauth could take for more than that. */
bool display_is_wanted(const struct launch *launch);
/* Runs xauth with the cookie on its standard input. Its failure changes nothing. */
void display_note_cookie(const struct launch *launch);
/* The reading end of a pipe with this text in it, or -1. */
int display_input(const char *text);

/*
 * In the child after fork: new session, terminal or pipes as 0, 1 and 2, nothing else open,
 * greeting, home directory, rc, then the shell, the command through the shell, or internal-sftp.
 */
_Noreturn void launch_run(const struct launch *launch);
