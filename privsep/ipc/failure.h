/* Why a program behind the listener could not get ready, told to whoever has the log. */
#pragma once

#include "privsep/ipc/channel.h"

/* "sshd-net: seccomp program: a system call failed (Permission denied)"; errno is used. */
void failure_tell(struct ipc_channel *control, const char *program, const char *what, enum err err);
