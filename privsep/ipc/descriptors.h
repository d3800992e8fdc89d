/* SCM_RIGHTS: exactly what was expected, or nothing. */
#pragma once

#include <sys/types.h>

#include "sshd/base/slice.h"

/* sendmsg with up to 8 descriptors; result and errno as sendmsg. */
ssize_t descriptors_send(int socket, struct slice bytes, const int *fds, unsigned count, int flags);

/*
 * recvmsg with room for `limit` descriptors (0: no control buffer at all). Received ones are
 * CLOEXEC and belong to the caller.
 *
 * is_whole   false when bytes or descriptors did not fit: a breach
 */
ssize_t descriptors_receive(int socket, struct span room, unsigned limit, int flags, int *fds,
    unsigned *count, bool *is_whole);
