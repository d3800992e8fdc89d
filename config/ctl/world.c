#include "config/ctl/world.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>

#include "config/lexer.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"

#define DATABASE_LIMIT (4u << 20)

/* False: the path is too long to be one. */
static bool place(const struct host *host, const char *path, char *out, size_t size)
{
	return snprintf(out, size, "%s%s", host->root ? host->root : "", path) < (int)size;
}

static enum err look(void *owner, const char *path, struct stat *st)
{
	char full[PATH_MAX];

	if (!place(owner, path, full, sizeof(full)))
		return ERR_SYSTEM;
	if (stat(full, st) == 0)
		return ERR_OK;
	return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_SYSTEM;
}

static enum err read_path(void *owner, const char *path, struct buf *out)
{
	char full[PATH_MAX];

	if (!place(owner, path, full, sizeof(full)))
		return ERR_SYSTEM;
	AUTO(fd_release) int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	return file_read(fd, out);
}

/* A tree's own passwd or group file: a line that begins with "name:". */
static bool is_in_database(struct host *host, const char *path, const char *name)
{
	AUTO(buf_wipe) struct buf content = buf_empty(DATABASE_LIMIT);
	struct slice text, line;
	size_t len = strlen(name);

	if (read_path(host, path, &content) != ERR_OK)
		return true; /* nothing is known, so nothing is said */
	text = buf_view(&content);
	while (text_next_line(&text, &line))
		if (slice_starts(line, name) && line.len > len && line.ptr[len] == ':')
			return true;
	return false;
}

static bool has_user(void *owner, const char *name)
{
	struct host *host = owner;

	return host->root ? is_in_database(host, "/etc/passwd", name) : getpwnam(name) != NULL;
}

static bool has_group(void *owner, const char *name)
{
	struct host *host = owner;

	return host->root ? is_in_database(host, "/etc/group", name) : getgrnam(name) != NULL;
}

struct lint_world world_of(struct host *host)
{
	return (struct lint_world){host, look, read_path, has_user, has_group};
}
