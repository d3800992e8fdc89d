/* Whole files. */
#pragma once

#include <sys/stat.h>

#include "sshd/base/buf.h"

/*
 * Reads the regular file open at `fd` from its current position into `out` (appended).
 *
 * ERR_LIMIT: longer than out->limit allows. ERR_SYSTEM: see errno.
 */
enum err file_read(int fd, struct buf *out);

/* Opens `path` below `dir` (AT_FDCWD allowed), without following a last link, and reads it. */
enum err file_read_at(int dir, const char *path, struct buf *out);

/* Reads a file that the administrator named, which may well be a link. ERR_SYSTEM, ERR_LIMIT. */
enum err file_read_path(const char *path, struct buf *out);

/*
 * Replaces `name` in directory `dir` by `content`: new file, fsync, rename, fsync of the
 * directory. Afterwards the old or the new content is there, never a part of either.
 */
enum err file_replace(int dir, const char *name, struct slice content, mode_t mode);

/*
 * The same for a name that is still free: what lies there already is never touched.
 * ERR_SYSTEM, errno EEXIST: it is taken.
 */
enum err file_create(int dir, const char *name, struct slice content, mode_t mode);

/*
 * An anonymous file that nobody can change any more, positioned at its start: for handing bytes
 * to a program that is about to be executed. `fd` is CLOEXEC.
 */
enum err file_seal(const char *name, struct slice content, int *fd);
