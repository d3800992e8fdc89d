/*
 * The programs beside ours. They are opened once, at start, and executed from these
 * descriptors: an upgrade never mixes versions inside a running daemon, and one whose files
 * are moved or deleted goes on working.
 */
#pragma once

#include <sys/types.h>

#include "sshd/base/buf.h"
#include "sshd/base/inheritance.h"

enum program { THE_NET, THE_MONITOR, THE_SIGNER, THE_USER, PROGRAM_COUNT };

struct programs {
	int fds[PROGRAM_COUNT]; /* O_PATH */
};

const char *program_name(enum program program);

/*
 * Opens all of them below `dir` (absolute). Each must be a regular file of root or of the
 * caller that nobody else may write.
 *
 * complaint   on failure appended: what is wrong with which file
 * ERR_SYSTEM, ERR_MODE.
 */
enum err programs_open(const char *dir, struct programs *programs, struct buf *complaint);
void programs_close(struct programs *programs);

#define PROGRAM_FD_LIMIT 8u

struct program_start {
	char *const *argv;
	int fds[PROGRAM_FD_LIMIT]; /* become 3, 4, ...; -1 entries stay closed */
	size_t fd_count;
	int stderr_fd;             /* becomes 2; -1: /dev/null */
	bool keeps_session;        /* stays in our process group: -d, -i */
	const struct inheritance *inheritance; /* given back before exec */
};

/* Forks and executes. ERR_SYSTEM. */
enum err program_start(const struct programs *programs, enum program program,
    const struct program_start *start, pid_t *pid);
