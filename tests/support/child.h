/* A deed done in a child process that is thrown away afterwards, and how it ended. */
#pragma once

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/suite.h"

/* What a deed returns is the child's exit status: 0 to 199. */
typedef int child_deed(void *context);

#define CHILD_KILLED 200 /* by a signal: this plus its number */

static inline int child_do(child_deed *deed, void *context)
{
	pid_t child = fork();
	int status = 0;

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(deed(context));
	while (waitpid(child, &status, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
	return WIFSIGNALED(status) ? CHILD_KILLED + WTERMSIG(status) : WEXITSTATUS(status);
}
