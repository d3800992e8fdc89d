/* REALPATH: a path made absolute, by reading one link after the other. */
#include <errno.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/paths.h"

#define LINK_LIMIT 40u /* what the kernel follows in one path */

struct walk {
	const struct sftp_paths *paths;
	char done[SFTP_PATH_ROOM]; /* absolute without links; "" is the root */
	char left[SFTP_PATH_ROOM]; /* what is still to be walked */
	unsigned link_count;
};

static enum err too_long(void)
{
	errno = ENAMETOOLONG;
	return ERR_SYSTEM;
}

/* left = first + "/" + left */
static enum err walk_prepend(struct walk *walk, const char *first)
{
	size_t first_len = strlen(first);
	size_t left_len = strlen(walk->left);

	if (first_len + 1 + left_len >= SFTP_PATH_ROOM)
		return too_long();
	memmove(walk->left + first_len + 1, walk->left, left_len + 1);
	memcpy(walk->left, first, first_len);
	walk->left[first_len] = '/';
	return ERR_OK;
}

static void walk_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');

	if (slash != NULL)
		*slash = 0;
}

static enum err walk_into(struct walk *walk, struct slice component)
{
	size_t len = strlen(walk->done);

	if (len + 1 + component.len >= SFTP_PATH_ROOM)
		return too_long();
	walk->done[len] = '/';
	memcpy(walk->done + len + 1, component.ptr, component.len);
	walk->done[len + 1 + component.len] = 0;
	return ERR_OK;
}

static enum err walk_link(struct walk *walk, const char *target)
{
	if (++walk->link_count > LINK_LIMIT) {
		errno = ELOOP;
		return ERR_SYSTEM;
	}
	if (target[0] == '/')
		walk->done[0] = 0;
	else
		walk_up(walk);
	return walk_prepend(walk, target);
}

/* Takes the next component off what is left, and the slashes around it. Empty: none. */
static struct slice walk_next(struct walk *walk, char component[SFTP_PATH_ROOM])
{
	size_t start = strspn(walk->left, "/");
	size_t len = strcspn(walk->left + start, "/");
	size_t next = start + len + strspn(walk->left + start + len, "/");

	memcpy(component, walk->left + start, len);
	memmove(walk->left, walk->left + next, strlen(walk->left + next) + 1);
	return slice_over(component, len);
}

static enum err walk_step(struct walk *walk, struct slice component)
{
	char target[SFTP_PATH_ROOM];

	if (slice_is(component, "."))
		return ERR_OK;
	if (slice_is(component, "..")) {
		walk_up(walk);
		return ERR_OK;
	}
	TRY(walk_into(walk, component));
	if (sftp_path_read_link(walk->paths, slice_text(walk->done), target) == ERR_OK)
		return walk_link(walk, target);
	/* EINVAL: it is there and no link. What is last may yet be to come. */
	if (errno == EINVAL || (errno == ENOENT && walk->left[0] == 0))
		return ERR_OK;
	return ERR_SYSTEM;
}

static enum err walk_begin(struct walk *walk, struct slice path)
{
	if (path.len >= SFTP_PATH_ROOM)
		return too_long();
	if (path.len > 0)
		memcpy(walk->left, path.ptr, path.len);
	walk->left[path.len] = 0;
	if (walk->left[0] == '/')
		return ERR_OK;
	if (walk->paths->jail >= 0)
		return walk_prepend(walk, walk->paths->start);
	/* The kernel's answer has no links in it, so it is not walked again. */
	if (getcwd(walk->done, sizeof(walk->done)) == NULL)
		return ERR_SYSTEM;
	if (strcmp(walk->done, "/") == 0)
		walk->done[0] = 0;
	return ERR_OK;
}

enum err sftp_path_resolve(
    const struct sftp_paths *paths, struct slice path, char resolved[SFTP_PATH_ROOM])
{
	struct walk walk = {.paths = paths};
	char component[SFTP_PATH_ROOM];

	TRY(walk_begin(&walk, path));
	for (;;) {
		struct slice next = walk_next(&walk, component);

		if (next.len == 0)
			break;
		TRY(walk_step(&walk, next));
	}
	if (walk.done[0] == 0)
		TRY(walk_into(&walk, LITERAL("")));
	memcpy(resolved, walk.done, strlen(walk.done) + 1);
	return ERR_OK;
}
