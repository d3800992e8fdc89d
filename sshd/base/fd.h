/* Descriptors: open, close, flags, inherited numbers. */
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* For AUTO: closes *fd unless it is negative, and leaves -1. errno is kept. */
void fd_release(int *fd);
void fd_close(int fd);

enum err fd_set_nonblocking(int fd);
enum err fd_set_cloexec(int fd, bool close_on_exec);

/* Writes all of it to a blocking descriptor. ERR_SYSTEM, errno says why. */
enum err fd_write_all(int fd, struct slice bytes);

/*
 * Puts fds[i] at number `first + i`, without CLOEXEC, and closes every other descriptor from
 * `first` up. For a child right before exec; safe when the numbers overlap. -1 entries stay
 * closed.
 */
enum err fd_arrange(const int *fds, size_t count, int first);

/* Closes everything from `first` up. */
enum err fd_close_from(int first);
