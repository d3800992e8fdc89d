#include "sshd/sftp/paths.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* The kernel answers EAGAIN when something was renamed during the walk: again, but not for ever. */
#define WALK_ATTEMPTS 128

static enum err fail(int error)
{
	errno = error;
	return ERR_SYSTEM;
}

static bool is_relative(struct slice path)
{
	return path.len == 0 || path.ptr[0] != '/';
}

/* Appends to the C string in `text`. */
static enum err text_add(char text[SFTP_PATH_ROOM], struct slice more)
{
	size_t len = strlen(text);

	if (more.len >= SFTP_PATH_ROOM - len)
		return fail(ENAMETOOLONG);
	memcpy(text + len, more.ptr, more.len);
	text[len + more.len] = 0;
	return ERR_OK;
}

/* The path as the kernel shall get it; in a jail it is absolute. */
static enum err kernel_text(
    const struct sftp_paths *paths, struct slice path, char text[SFTP_PATH_ROOM])
{
	text[0] = 0;
	if (path.len == 0)
		return fail(ENOENT);
	if (paths->jail >= 0 && is_relative(path)) {
		TRY(text_add(text, slice_text(paths->start)));
		TRY(text_add(text, LITERAL("/")));
	}
	return text_add(text, path);
}

static enum err open_in_jail(int jail, const char *text, int flags, mode_t mode, int *fd)
{
	struct open_how how = {
	    .flags = (uint64_t)(flags | O_CLOEXEC),
	    .mode = flags & O_CREAT ? mode : 0,
	    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int got = -1;

	for (unsigned i = 0; i < WALK_ATTEMPTS; i++) {
		got = (int)syscall(SYS_openat2, jail, text, &how, sizeof(how));
		if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (got < 0)
		return ERR_SYSTEM;
	*fd = got;
	return ERR_OK;
}

enum err sftp_path_open(
    const struct sftp_paths *paths, struct slice path, int flags, mode_t mode, int *fd)
{
	char text[SFTP_PATH_ROOM];
	int got;

	TRY(kernel_text(paths, path, text));
	/* openat2 refuses what has no meaning for O_PATH. */
	if (!(flags & O_PATH))
		flags |= O_NOCTTY | O_NONBLOCK;
	if (paths->jail >= 0)
		return open_in_jail(paths->jail, text, flags, mode, fd);
	got = open(text, flags | O_CLOEXEC, mode);
	if (got < 0)
		return ERR_SYSTEM;
	*fd = got;
	return ERR_OK;
}

void sftp_place_of_fd(int fd, struct sftp_place *place)
{
	place->dir = fd;
	place->name = "";
	place->flags = AT_EMPTY_PATH;
	place->owned = -1;
}

void sftp_place_release(struct sftp_place *place)
{
	fd_close(place->owned);
	place->owned = -1;
}

enum err sftp_place_of(const struct sftp_paths *paths, struct slice path, struct sftp_place *place)
{
	TRY(kernel_text(paths, path, place->text));
	if (paths->jail < 0) {
		place->dir = AT_FDCWD;
		place->name = place->text;
		place->flags = 0;
		place->owned = -1;
		return ERR_OK;
	}
	TRY(open_in_jail(paths->jail, place->text, O_PATH, 0, &place->owned));
	place->dir = place->owned;
	place->name = "";
	place->flags = AT_EMPTY_PATH;
	return ERR_OK;
}

static bool is_dots(const char *name)
{
	return name[0] == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * Splits text, which is absolute, into the directory and the last component. Slashes at the end
 * go: with them the kernel would follow a link that stands there. What is no name, as "/.." at
 * the end, becomes "." in the directory that the whole leads to: every call refuses that as it
 * refuses "." outside.
 */
static enum err split_in_jail(int jail, struct sftp_place *place)
{
	size_t len = strlen(place->text);
	char *slash;

	while (len > 1 && place->text[len - 1] == '/')
		place->text[--len] = 0;
	slash = strrchr(place->text, '/');
	if (is_dots(slash + 1)) {
		TRY(open_in_jail(jail, place->text, O_PATH | O_DIRECTORY, 0, &place->owned));
		place->name = ".";
		return ERR_OK;
	}
	*slash = 0;
	TRY(open_in_jail(jail, slash == place->text ? "/" : place->text, O_PATH | O_DIRECTORY, 0,
	    &place->owned));
	place->name = slash + 1;
	return ERR_OK;
}

enum err sftp_place_of_name(
    const struct sftp_paths *paths, struct slice path, struct sftp_place *place)
{
	TRY(kernel_text(paths, path, place->text));
	place->flags = AT_SYMLINK_NOFOLLOW;
	if (paths->jail < 0) {
		place->dir = AT_FDCWD;
		place->name = place->text;
		place->owned = -1;
		return ERR_OK;
	}
	TRY(split_in_jail(paths->jail, place));
	place->dir = place->owned;
	return ERR_OK;
}

enum err sftp_path_read_link(
    const struct sftp_paths *paths, struct slice path, char target[SFTP_PATH_ROOM])
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};
	ssize_t len;

	TRY(sftp_place_of_name(paths, path, &place));
	len = readlinkat(place.dir, place.name, target, SFTP_PATH_ROOM);
	if (len < 0)
		return ERR_SYSTEM;
	if (len >= (ssize_t)SFTP_PATH_ROOM)
		return fail(ENAMETOOLONG);
	target[len] = 0;
	return ERR_OK;
}
