/* Where the record of a pending configuration lies, and who is the daemon that watches it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/pending.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"

enum err pending_name(const char *target, enum pending_file file, char name[static PENDING_NAME_SIZE])
{
	static const char *const endings[] = {
	    [PENDING_DAEMON] = "daemon", [PENDING_RECORD] = "pending", [PENDING_ROLLBACK] = "rollback"};

	if (strlen(target) > PENDING_PATH_LIMIT)
		return ERR_TOO_LONG;
	while (*target == '/')
		target++;
	snprintf(name, PENDING_NAME_SIZE, "%s.%s", target, endings[file]);
	for (char *at = name; *at != 0; at++)
		if (*at == '/')
			*at = '-';
	return ERR_OK;
}

enum err pending_directory(int *dir)
{
	int fd = open(SEKISHO_STATEDIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ERR_SYSTEM;
	*dir = fd;
	return ERR_OK;
}

enum err pending_load(
    int dir, const char *target, enum pending_file file, struct buf *bytes, struct pending *out)
{
	AUTO(fd_release) int fd = -1;
	char name[PENDING_NAME_SIZE];
	struct pending pending;
	struct stat st;

	TRY(pending_name(target, file, name));
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	if (fstat(fd, &st) != 0)
		return ERR_SYSTEM;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ERR_MALFORMED;
	TRY(file_read(fd, bytes));
	TRY(pending_parse(buf_view(bytes), &pending));
	/* Two paths may share a name. */
	if (!slice_is(pending.target, target))
		return ERR_MALFORMED;
	*out = pending;
	return ERR_OK;
}

bool pending_is_in_place(const struct pending *pending, const char *target)
{
	AUTO(buf_wipe) struct buf present = buf_empty(PENDING_FILE_LIMIT);

	return file_read_path(target, &present) == ERR_OK &&
	       slice_equal(buf_view(&present), pending->after);
}

static enum err open_daemon_file(int dir, const char *target, int flags, int *fd)
{
	char name[PENDING_NAME_SIZE];

	TRY(pending_name(target, PENDING_DAEMON, name));
	*fd = openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *fd < 0 ? ERR_SYSTEM : ERR_OK;
}

enum err pending_lock(int dir, const char *target)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	AUTO(fd_release) int fd = -1;
	struct stat st;

	do { /* a daemon that ends takes its file away, maybe just when we have opened it */
		fd_release(&fd);
		TRY(open_daemon_file(dir, target, O_RDWR | O_CREAT, &fd));
		if (fcntl(fd, F_SETLK, &lock) != 0 || fstat(fd, &st) != 0)
			return ERR_SYSTEM;
	} while (st.st_nlink == 0);
	(void)TAKE_FD(fd); /* closing it would end the lock */
	return ERR_OK;
}

pid_t pending_daemon(int dir, const char *target)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	AUTO(fd_release) int fd = -1;

	/* The kernel itself names the holder: no stale number can be meant. */
	if (open_daemon_file(dir, target, O_RDONLY, &fd) != ERR_OK ||
	    fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}
