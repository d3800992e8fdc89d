#include "privsep/user/launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/user/internal_sftp.h"
#include "privsep/user/terminal.h"
#include "privsep/user/user_files.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define SYSTEM_RC SEKISHO_SYSCONFDIR "/sshrc"
#define USER_RC   ".ssh/rc"
#define MOTD_FILE "/etc/motd"
#define NOLOGIN_FILE   "/etc/nologin"
#define NOLOGIN_STATUS 254

static enum err take_pipes(const struct launch *launch)
{
	const int fds[] = {launch->input, launch->output, launch->error};

	if (setsid() < 0)
		return ERR_SYSTEM;
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			return ERR_SYSTEM;
	return ERR_OK;
}

/* The user sees why, on the standard error that is now the client's. */
_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	_exit(1);
}

/* As a login does: a missing home is no reason to be kept out, and in a chroot not even news. */
static void enter_home(const struct user_setup *setup)
{
	if (chdir(setup->home) == 0)
		return;
	if (setup->chroot[0] == 0)
		fprintf(stderr, "Could not chdir to home directory %s: %s\n", setup->home, strerror(errno));
	if (chdir("/") != 0)
		give_up("/");
}

/* The system is not open to users; where PAM is in use, a module of its has seen to it. */
static void mind_nologin(const struct user_setup *setup)
{
	if (!setup->minds_nologin || setup->uid == 0 || access(NOLOGIN_FILE, F_OK) != 0)
		return;
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	text_file_show(NOLOGIN_FILE);
	_exit(NOLOGIN_STATUS);
}

static void greet(const struct launch *launch)
{
	if (launch->master < 0 || launch->command != NULL || login_is_hushed(launch->setup->home))
		return;
	fwrite(launch->greeting.ptr, 1, launch->greeting.len, stdout);
	fflush(stdout);
	if (launch->prints_motd)
		text_file_show(MOTD_FILE);
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The argument vectors are not const in execve's eyes; it changes nothing. */
static void run(const char *program, const char *name, const char *command, char *const *environment)
{
	char *argv[] = {(char *)(uintptr_t)name, NULL, NULL, NULL};

	if (command != NULL) {
		argv[1] = (char *)(uintptr_t)"-c";
		argv[2] = (char *)(uintptr_t)command;
	}
	execve(program, argv, environment);
}

/* sshd(8): with a display rc gets its protocol and cookie, and noting them is its business. */
static int rc_input(const struct launch *launch)
{
	char text[256];

	if (!display_is_wanted(launch))
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	snprintf(text, sizeof(text), "%s %s\n", DISPLAY_PROTOCOL, launch->xauth_cookie);
	return display_input(text);
}

/* rc runs before the program; its failure changes nothing. False: there is none. */
static bool run_rc(const struct launch *launch)
{
	const char *shell = launch->setup->shell;
	bool is_users = access(USER_RC, R_OK) == 0;
	pid_t child;

	if (!launch->runs_rc || (!is_users && access(SYSTEM_RC, R_OK) != 0))
		return false;
	child = fork();
	if (child == 0) {
		int input = rc_input(launch);

		if (input >= 0)
			dup2(input, STDIN_FILENO);
		if (is_users)
			run(shell, last_component(shell), "/bin/sh " USER_RC, launch->environment->entries);
		else
			run("/bin/sh", "sh", ". " SYSTEM_RC, launch->environment->entries);
		_exit(1);
	}
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			continue;
	return true;
}

static void run_login_shell(const char *shell, char *const *environment)
{
	char name[256];

	snprintf(name, sizeof(name), "-%s", last_component(shell));
	run(shell, name, NULL, environment);
}

/* Nothing of ours goes along but the way of internal-sftp to the log, which is executed by nobody. */
static enum err close_others(const struct launch *launch)
{
	if (launch->relay < 0)
		return fd_close_from(LAUNCH_FD_RELAY);
	if (launch->relay != LAUNCH_FD_RELAY && dup3(launch->relay, LAUNCH_FD_RELAY, O_CLOEXEC) < 0)
		return ERR_SYSTEM;
	return fd_close_from(LAUNCH_FD_RELAY + 1);
}

_Noreturn void launch_run(const struct launch *launch)
{
	const char *shell = launch->setup->shell;
	enum err err = launch->master >= 0 ? terminal_enter(launch->master) : take_pipes(launch);

	if (err != ERR_OK || close_others(launch) != ERR_OK)
		_exit(1);
	greet(launch);
	mind_nologin(launch->setup);
	enter_home(launch->setup);
	if (launch->command != NULL && internal_sftp_is_meant(launch->command))
		_exit(internal_sftp_run(launch->setup, launch->command, LAUNCH_FD_RELAY));
	if (!run_rc(launch))
		display_note_cookie(launch);
	if (launch->command == NULL)
		run_login_shell(shell, launch->environment->entries);
	else
		run(shell, last_component(shell), launch->command, launch->environment->entries);
	give_up(shell);
}
