#include "privsep/user/user_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define AUTH_INFO_TEMPLATE "/tmp/sshauth.XXXXXXXXXXXXXXX"
#define SHOWN_LIMIT        (1u << 20) /* bytes of a text shown at login */

/* -1: not there, or a thing that one could wait for. */
static int open_regular(const char *path, struct stat *facts)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, facts) != 0 || !S_ISREG(facts->st_mode))
		return -1;
	return TAKE_FD(fd);
}

static ssize_t read_some(int fd, struct span room)
{
	ssize_t got;

	do
		got = read(fd, room.ptr, room.len);
	while (got < 0 && errno == EINTR);
	return got;
}

enum err environment_file_read(const char *home, struct buf *out)
{
	AUTO(fd_release) int fd = -1;
	char path[PATH_MAX];
	struct stat facts;
	struct span room;
	ssize_t got;

	if (snprintf(path, sizeof(path), "%s/.ssh/environment", home) >= (int)sizeof(path))
		return ERR_OK;
	fd = open_regular(path, &facts);
	if (fd < 0 || facts.st_size <= 0 || facts.st_size > ENVIRONMENT_FILE_LIMIT)
		return ERR_OK;
	TRY(buf_reserve(out, (size_t)facts.st_size, &room));
	got = read_some(fd, (struct span){room.ptr, (size_t)facts.st_size});
	if (got > 0)
		buf_commit(out, (size_t)got);
	return ERR_OK;
}

bool login_is_hushed(const char *home)
{
	char path[PATH_MAX];
	struct stat facts;

	return snprintf(path, sizeof(path), "%s/.hushlogin", home) < (int)sizeof(path) &&
	       stat(path, &facts) == 0;
}

static bool write_all(int fd, struct slice text)
{
	while (text.len > 0) {
		ssize_t written = write(fd, text.ptr, text.len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		text = slice_after(text, (size_t)written);
	}
	return true;
}

void text_file_show(const char *path)
{
	struct stat facts;
	AUTO(fd_release) int fd = open_regular(path, &facts);
	size_t shown = 0;
	uint8_t bytes[4096];
	ssize_t got;

	while (fd >= 0 && shown < SHOWN_LIMIT && (got = read_some(fd, (struct span){bytes, sizeof(bytes)})) > 0) {
		if (!write_all(STDOUT_FILENO, slice_over(bytes, (size_t)got)))
			return;
		shown += (size_t)got;
	}
}

void auth_info_write(struct slice text, char path[static AUTH_INFO_PATH_SIZE])
{
	AUTO(fd_release) int fd = -1;

	path[0] = 0;
	if (text.len == 0)
		return;
	snprintf(path, AUTH_INFO_PATH_SIZE, "%s", AUTH_INFO_TEMPLATE);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		path[0] = 0;
	else if (!write_all(fd, text))
		auth_info_remove(path);
}

void auth_info_remove(char path[static AUTH_INFO_PATH_SIZE])
{
	if (path[0] != 0)
		(void)unlink(path);
	path[0] = 0;
}
