#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/sandbox/identity.h"
#include "privsep/user/user.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* The superuser's, and nobody else may change it: so says sshd_config(5) of ChrootDirectory. */
static bool is_safe_directory(int fd)
{
	struct stat facts;

	return fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == 0 &&
	       (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/*
 * Walks to `path` component by component and checks each on its own descriptor, so that what
 * was checked is what is entered.
 */
static enum err open_safely(const char *path, int *out)
{
	AUTO(fd_release) int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char component[256];

	if (at < 0 || !is_safe_directory(at))
		return ERR_MODE;
	while (*(path += strspn(path, "/")) != 0) {
		size_t len = strcspn(path, "/");
		int next;

		if (len >= sizeof(component))
			return ERR_TOO_LONG;
		memcpy(component, path, len);
		component[len] = 0;
		path += len;
		next = openat(at, component, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (next < 0)
			return ERR_SYSTEM;
		fd_close(at);
		at = next;
		if (!is_safe_directory(at))
			return ERR_MODE;
	}
	*out = TAKE_FD(at);
	return ERR_OK;
}

static enum err enter_chroot(const char *path, const char **what)
{
	AUTO(fd_release) int directory = -1;
	enum err err;

	if (path[0] == 0)
		return ERR_OK;
	*what = "ChrootDirectory is not absolute";
	if (path[0] != '/')
		return ERR_MODE;
	*what = "bad ownership or modes for chroot directory or a directory above it, or it is not there";
	err = open_safely(path, &directory);
	if (err != ERR_OK)
		return err;
	*what = "chroot failed";
	if (fchdir(directory) != 0 || chroot(".") != 0 || chdir("/") != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

enum err user_become(struct user *user, const char **what)
{
	const struct user_setup *setup = &user->setup;

	*what = "/dev cannot be opened";
	user->dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (user->dev < 0)
		return ERR_SYSTEM;
	TRY(enter_chroot(setup->chroot, what));
	*what = "cannot become the user";
	if (setup->switches_identity)
		return identity_become(setup->uid, setup->gid, setup->groups, setup->group_count);
	return ERR_OK;
}
