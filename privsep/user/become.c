#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/sandbox/identity.h"
#include "privsep/user/user.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* The superuser's, and nobody else may change it: so says sshd_config(5) of ChrootDirectory. */
static bool is_safe_directory(int fd, struct stat *facts)
{
	*facts = (struct stat){0};
	return fstat(fd, facts) == 0 && S_ISDIR(facts->st_mode) && facts->st_uid == 0 &&
	       (facts->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* What keeps a directory from being the root of a session, told so that it can be mended. */
static enum err complain(struct buf *what, const char *component, const struct stat *facts)
{
	if (!S_ISDIR(facts->st_mode))
		return buf_append_format(what, "chroot path \"%s\" is not a directory", component);
	return buf_append_format(what,
	    "bad ownership or modes for chroot directory component \"%s\" (owner %u, mode %04o)", component,
	    facts->st_uid, facts->st_mode & 07777);
}

static enum err check(int at, const char *path, size_t len, struct buf *what)
{
	char component[PATH_MAX];
	struct stat facts;

	if (is_safe_directory(at, &facts))
		return ERR_OK;
	snprintf(component, sizeof(component), "%.*s", (int)len, path);
	TRY(complain(what, component, &facts));
	return ERR_MODE;
}

static enum err step(int *at, const char *path, size_t from, size_t len, struct buf *what)
{
	char component[NAME_MAX + 1];
	int next;

	if (len - from >= sizeof(component))
		return ERR_TOO_LONG;
	memcpy(component, path + from, len - from);
	component[len - from] = 0;
	next = openat(*at, component, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (next < 0) {
		TRY(buf_append_format(what, "chroot directory \"%.*s\": %s", (int)len, path, strerror(errno)));
		return ERR_SYSTEM;
	}
	fd_close(*at);
	*at = next;
	return check(*at, path, len, what);
}

/*
 * Walks to `path` component by component and checks each on its own descriptor, so that what
 * was checked is what is entered.
 */
static enum err open_safely(const char *path, int *out, struct buf *what)
{
	AUTO(fd_release) int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t from = strspn(path, "/");

	if (at < 0)
		return ERR_SYSTEM;
	TRY(check(at, "/", 1, what));
	while (path[from] != 0) {
		size_t len = from + strcspn(path + from, "/");

		TRY(step(&at, path, from, len, what));
		from = len + strspn(path + len, "/");
	}
	*out = TAKE_FD(at);
	return ERR_OK;
}

static enum err fail(struct buf *what, const char *step)
{
	TRY(buf_append_format(what, "%s: %s", step, strerror(errno)));
	return ERR_SYSTEM;
}

static enum err enter_chroot(const char *path, struct buf *what)
{
	AUTO(fd_release) int directory = -1;

	if (path[0] == 0)
		return ERR_OK;
	if (path[0] != '/') {
		TRY(buf_append_format(what, "chroot path \"%s\" does not begin at root", path));
		return ERR_MODE;
	}
	TRY(open_safely(path, &directory, what));
	if (fchdir(directory) != 0 || chroot(".") != 0 || chdir("/") != 0)
		return fail(what, "chroot");
	return ERR_OK;
}

enum err user_become(struct user *user, struct buf *what)
{
	const struct user_setup *setup = &user->setup;

	user->dev = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (user->dev < 0)
		return fail(what, "/dev");
	if (setup->switches_identity)
		TRY(enter_chroot(setup->chroot, what));
	if (setup->switches_identity &&
	    identity_become(setup->uid, setup->gid, setup->groups, setup->group_count) != ERR_OK)
		return fail(what, "cannot become the user");
	return ERR_OK;
}
