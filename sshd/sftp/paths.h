/*
 * Paths of the client to something that *at() calls take.
 *
 * Without a jail a path goes to the kernel as it is, relative to the working directory. In a jail
 * every path is walked by openat2(2) from the jail's descriptor, which is "/" to whoever is in it:
 * absolute symbolic links and ".." end there too, and since the kernel itself does the walk, no
 * rename or replaced link can lead out between a check and a use. The last component of a name is
 * handed to calls that do not follow it, below a directory that was opened so.
 */
#pragma once

#include <sys/stat.h>

#include "sshd/base/err.h"
#include "sshd/wire/messages_sftp.h"

#define SFTP_PATH_ROOM (SFTP_PATH_LIMIT + 1) /* with its zero byte */

struct sftp_paths {
	int jail;                   /* a directory, borrowed; -1: none */
	char start[SFTP_PATH_ROOM]; /* in a jail: where relative paths begin, seen from inside */
};

/* Something to call fstatat(place.dir, place.name, &st, place.flags) on, and its like. */
struct sftp_place {
	int dir;
	const char *name;
	int flags; /* AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW or 0 */
	int owned; /* a descriptor closed by the release; -1: none */
	char text[SFTP_PATH_ROOM];
};

/*
 * All that follow: ERR_SYSTEM, errno says why (ENOENT for an empty path, ENAMETOOLONG). On
 * failure the place needs no release.
 */

/* The object a path leads to, a symbolic link at its end followed. */
enum err sftp_place_of(const struct sftp_paths *paths, struct slice path, struct sftp_place *place);

/* The name itself: what lstat, unlink, mkdir, rename and symlink work on. */
enum err sftp_place_of_name(
    const struct sftp_paths *paths, struct slice path, struct sftp_place *place);

/* An open file. */
void sftp_place_of_fd(int fd, struct sftp_place *place);

void sftp_place_release(struct sftp_place *place);

/* As open(2). Never waits for the other end of a FIFO, never gains a terminal. */
enum err sftp_path_open(
    const struct sftp_paths *paths, struct slice path, int flags, mode_t mode, int *fd);

/* As readlink(2), with a zero byte at the end. */
enum err sftp_path_read_link(
    const struct sftp_paths *paths, struct slice path, char target[SFTP_PATH_ROOM]);

/*
 * The absolute path without links, "." and "..". The last component need not exist; an empty
 * path is the directory that relative ones begin in. In a jail: as seen from inside.
 */
enum err sftp_path_resolve(
    const struct sftp_paths *paths, struct slice path, char resolved[SFTP_PATH_ROOM]);
