/* Forking a process whose parent is our parent: how a template makes a connection's process. */
#pragma once

#include <sys/types.h>

#include "sshd/base/err.h"

/*
 * Like fork, by clone3(CLONE_PARENT | CLONE_PIDFD): the child belongs to our own parent, which
 * alone reaps it. In the parent *pid is the child's and *pidfd names it (CLOEXEC); in the child
 * *pid is 0. No pthread_atfork handler runs: for programs of a single thread only.
 *
 * ERR_SYSTEM.
 */
enum err sibling_fork(pid_t *pid, int *pidfd);
