/* The cookie of a forwarded display, noted by xauth in the user's name or handed to his rc. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/user/launch.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* The monitor has checked all of it; this is the last look before it becomes somebody's command. */
static bool is_plain(const char *text, const char *allowed)
{
	return text[0] != 0 && text[strspn(text, allowed)] == 0;
}

bool display_is_wanted(const struct launch *launch)
{
	return is_plain(launch->xauth_cookie, "0123456789abcdef") &&
	       is_plain(launch->xauth_display, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-");
}

int display_input(const char *text)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* It fits the pipe: nobody has to be there to read it. */
	if (fd_write_all(ends[1], slice_text(text)) != ERR_OK)
		fd_release(&ends[0]);
	fd_close(ends[1]);
	return ends[0];
}

static void display_run(const char *program, char *const *argv, char *const *environment, int input)
{
	pid_t child = input >= 0 ? fork() : -1;

	if (child == 0) {
		if (dup2(input, STDIN_FILENO) >= 0)
			execve(program, argv, environment);
		_exit(1);
	}
	if (child > 0)
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			continue;
}

void display_note_cookie(const struct launch *launch)
{
	char *argv[] = {(char *)(uintptr_t)launch->xauth, (char *)(uintptr_t)"-q", (char *)(uintptr_t)"-", NULL};
	char script[1024];
	int input;

	if (!display_is_wanted(launch) || launch->xauth[0] == 0)
		return;
	snprintf(script, sizeof(script), "remove %s\nadd %s %s %s\n", launch->xauth_display,
	    launch->xauth_display, DISPLAY_PROTOCOL, launch->xauth_cookie);
	input = display_input(script);
	display_run(launch->xauth, argv, launch->environment->entries, input);
	fd_close(input);
}
