#include "sshd/base/sibling.h"

#include <linux/sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum err sibling_fork(pid_t *pid, int *pidfd)
{
	int fd = -1;
	/* With CLONE_PARENT the signal at exit is the one our own parent gets for us. */
	struct clone_args args = {.flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uintptr_t)&fd};
	long made = syscall(SYS_clone3, &args, sizeof(args));

	if (made < 0)
		return ERR_SYSTEM;
	*pid = (pid_t)made;
	*pidfd = made > 0 ? fd : -1;
	return ERR_OK;
}
