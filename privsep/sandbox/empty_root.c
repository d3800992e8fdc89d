#include "privsep/sandbox/empty_root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

static enum err check_owner(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return ERR_SYSTEM;
	if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return ERR_MODE;
	return ERR_OK;
}

static void directory_release(DIR **directory)
{
	if (*directory != NULL)
		closedir(*directory);
	*directory = NULL;
}

static enum err check_empty(int fd)
{
	AUTO(fd_release) int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(directory_release) DIR *directory = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	if (directory == NULL)
		return ERR_SYSTEM;
	own = -1; /* the stream's now */
	errno = 0;
	while ((entry = readdir(directory)) != NULL) {
		bool is_dot = entry->d_name[0] == '.' && (entry->d_name[1] == 0 ||
		    (entry->d_name[1] == '.' && entry->d_name[2] == 0));

		if (!is_dot)
			return ERR_EXISTS;
	}
	return errno != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err empty_root_enter(const char *path)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return ERR_SYSTEM;
	TRY(check_owner(fd));
	TRY(check_empty(fd));
	if (fchdir(fd) != 0 || chroot(".") != 0 || chdir("/") != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

enum err empty_network_open(int *fd)
{
	AUTO(fd_release) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	AUTO(fd_release) int empty = -1;

	if (home < 0 || unshare(CLONE_NEWNET) != 0)
		return ERR_SYSTEM;
	empty = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (setns(home, CLONE_NEWNET) != 0)
		return ERR_SANDBOX; /* stuck without a network: the caller must not go on */
	if (empty < 0)
		return ERR_SYSTEM;
	*fd = TAKE_FD(empty);
	return ERR_OK;
}

enum err empty_network_enter(int fd)
{
	return setns(fd, CLONE_NEWNET) != 0 ? ERR_SYSTEM : ERR_OK;
}
