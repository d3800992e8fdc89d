/* Landlock: no file is opened and no socket connected, whatever the seccomp list lets through. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sshd/base/err.h"

/* The kernel's Landlock ABI; 0: none. */
int landlock_abi(void);

/*
 * Denies every access to files, to TCP ports (ABI 4), devices' ioctl (5), abstract sockets and
 * signals of others (6) that the kernel's ABI knows. Descriptors that are open stay usable.
 * Needs no_new_privs.
 *
 * ERR_UNSUPPORTED: no Landlock here. ERR_SYSTEM.
 */
enum err landlock_deny_all(void);

/*
 * The same, but files and directories beneath the `count` directories `dirs` (descriptors,
 * O_PATH will do) may be read and listed. For the look-up role.
 */
enum err landlock_read_only(const int *dirs, size_t count);

/*
 * The same, but there files, directories and symbolic links may also be made, written, moved and
 * removed. For the jail of SFTP.
 *
 * ERR_UNSUPPORTED too where Landlock would deny every move between directories (ABI 1).
 */
enum err landlock_read_write(const int *dirs, size_t count);
