#include "sshd/listener/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/title.h"

#define FIRST_FD          3
#define ENVIRONMENT_LIMIT 4096u

static const char *const names[PROGRAM_COUNT] = {
    [THE_NET] = "sshd-net",
    [THE_MONITOR] = "sshd-monitor",
    [THE_SIGNER] = "sshd-signer",
    [THE_USER] = "sshd-user",
};

const char *program_name(enum program program)
{
	return names[program];
}

static enum err check(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return ERR_SYSTEM;
	if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ERR_MODE;
	return status.st_uid == 0 || status.st_uid == geteuid() ? ERR_OK : ERR_MODE;
}

static enum err complain(struct buf *complaint, const char *dir, enum program program, enum err err)
{
	const char *reason = err == ERR_SYSTEM ? strerror(errno)
	    : "it must belong to root or to the caller and be writable by nobody else";

	IGNORE(buf_append_format(complaint, "%s/%s: %s", dir, names[program], reason)); /* err says enough */
	return err;
}

enum err programs_open(const char *dir, struct programs *programs, struct buf *complaint)
{
	AUTO(fd_release) int folder = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < PROGRAM_COUNT; i++)
		programs->fds[i] = -1;
	for (int i = 0; i < PROGRAM_COUNT; i++) {
		enum program program = (enum program)i;
		enum err err;

		programs->fds[i] = folder < 0 ? -1 : openat(folder, names[i], O_PATH | O_CLOEXEC);
		err = programs->fds[i] < 0 ? ERR_SYSTEM : check(programs->fds[i]);
		if (err != ERR_OK)
			return complain(complaint, dir, program, err);
	}
	return ERR_OK;
}

void programs_close(struct programs *programs)
{
	for (int i = 0; i < PROGRAM_COUNT; i++)
		fd_release(&programs->fds[i]);
}

/* What a service manager told us is not for them: its sockets and its ear are ours. */
static bool is_passed_on(const char *variable)
{
	static const char *const kept_back[] = {
	    "NOTIFY_SOCKET=", "WATCHDOG_PID=", "WATCHDOG_USEC=", "LISTEN_PID=", "LISTEN_FDS=",
	    "LISTEN_FDNAMES=", "FDSTORE="};

	for (size_t i = 0; i < COUNT_OF(kept_back); i++)
		if (strncmp(variable, kept_back[i], strlen(kept_back[i])) == 0)
			return false;
	return true;
}

static void make_environment(char *environment[static ENVIRONMENT_LIMIT])
{
	size_t count = 0;

	for (char **variable = environ; *variable != NULL && count < ENVIRONMENT_LIMIT - 2; variable++)
		if (is_passed_on(*variable))
			environment[count++] = *variable;
	environment[count++] = (char *)(uintptr_t)title_room;
	environment[count] = NULL;
}

static enum err arrange_standard(int stderr_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return ERR_SYSTEM;
	if (dup2(stderr_fd >= 0 ? stderr_fd : null, STDERR_FILENO) < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

/* In the child, until exec. The program's own descriptor goes last and closes on exec. */
static enum err execute(int program, const struct program_start *start)
{
	static char *environment[ENVIRONMENT_LIMIT];
	int fds[PROGRAM_FD_LIMIT + 1];
	int place = FIRST_FD + (int)start->fd_count;

	make_environment(environment);
	if (!start->keeps_session && setsid() < 0 && errno != EPERM)
		return ERR_SYSTEM;
	TRY(arrange_standard(start->stderr_fd));
	memcpy(fds, start->fds, start->fd_count * sizeof(int));
	fds[start->fd_count] = program;
	TRY(fd_arrange(fds, start->fd_count + 1, FIRST_FD));
	TRY(fd_set_cloexec(place, true));
	TRY(inheritance_restore(start->inheritance));
	inheritance_restore_mask(start->inheritance);
	execveat(place, "", start->argv, environment, AT_EMPTY_PATH);
	return ERR_SYSTEM;
}

enum err program_start(const struct programs *programs, enum program program,
    const struct program_start *start, pid_t *pid)
{
	pid_t child;

	if (start->fd_count > PROGRAM_FD_LIMIT)
		return ERR_RANGE;
	child = fork();
	if (child < 0)
		return ERR_SYSTEM;
	if (child == 0) {
		IGNORE(execute(programs->fds[program], start)); /* it returns only to fail */
		_exit(127);
	}
	*pid = child;
	return ERR_OK;
}
