/* What a session gives up when it has everything it needs. */
#pragma once

#include "sshd/base/err.h"

/*
 * For good, before the first byte of the client: core dumps and tracing by others of the same uid,
 * new privileges by exec, and with seccomp every system call that is not in filter_sftp.def:
 * programs, sockets, signals, tracing, namespaces. In a jail (a directory; -1: none) Landlock too,
 * where the kernel has enough of it, for all that is not beneath.
 *
 * ERR_SYSTEM, ERR_SANDBOX: the process is confined in part only and must end.
 */
enum err sftp_confine(int jail);
