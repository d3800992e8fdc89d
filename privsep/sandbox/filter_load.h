/* Loading a compiled seccomp program by plain system call: needs no library. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* The fixed descriptors of sshd-net, on which filter_net.def relies. */
enum net_fd {
	NET_FD_MONITOR = 3,    /* the only one recvmsg works on */
	NET_FD_EPOLL = 4,      /* the only one epoll_ctl works on */
	NET_FD_CONNECTION = 5, /* the only one setsockopt works on; input under inetd */
	NET_FD_OUTPUT = 6,     /* output under inetd, else the first passed descriptor */
};

/*
 * Loads `bpf` (a whole number of 8-byte instructions) for this thread, for good. The caller has
 * no_new_privs or CAP_SYS_ADMIN.
 *
 * ERR_MALFORMED: not a whole number of instructions. ERR_SANDBOX: the kernel refused.
 */
enum err filter_load(struct slice bpf);
