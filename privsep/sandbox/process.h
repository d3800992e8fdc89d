/* What a process gives up for good with one prctl each. */
#pragma once

#include "sshd/base/err.h"

/* No core dump, no ptrace by its own uid, /proc/PID belongs to root. ERR_SYSTEM. */
enum err process_refuse_dumps(void);

/* Exec gives no more rights. Needed before Landlock and seccomp without CAP_SYS_ADMIN. ERR_SYSTEM. */
enum err process_refuse_new_privileges(void);

/*
 * Memory that was writable never becomes executable (PR_SET_MDWE, Linux 6.3).
 * ERR_UNSUPPORTED: the kernel does not have it. ERR_SYSTEM.
 */
enum err process_refuse_writable_code(void);
