#include "sshd/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define READ_STEP 16384u

enum err file_read(int fd, struct buf *out)
{
	for (;;) {
		size_t left = out->limit - buf_len(out);
		struct span room;
		uint8_t one_more;
		ssize_t n;

		if (left == 0) {
			n = read(fd, &one_more, 1);
			if (n < 0 && errno == EINTR)
				continue;
			return n < 0 ? ERR_SYSTEM : n > 0 ? ERR_LIMIT : ERR_OK;
		}
		TRY(buf_reserve(out, left < READ_STEP ? left : READ_STEP, &room));
		n = read(fd, room.ptr, room.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_SYSTEM;
		if (n == 0)
			return ERR_OK;
		buf_commit(out, (size_t)n);
	}
}

enum err file_read_at(int dir, const char *path, struct buf *out)
{
	AUTO(fd_release) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);

	return fd < 0 ? ERR_SYSTEM : file_read(fd, out);
}

enum err file_read_path(const char *path, struct buf *out)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? ERR_SYSTEM : file_read(fd, out);
}

static enum err write_new(int dir, const char *name, struct slice content, mode_t mode)
{
	AUTO(fd_release) int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return ERR_SYSTEM;
	if (fchmod(fd, mode) != 0)
		return ERR_SYSTEM;
	TRY(fd_write_all(fd, content));
	return fsync(fd) != 0 ? ERR_SYSTEM : ERR_OK;
}

/* The new file under a name of its own, then its place by renameat2 with `flags`. */
static enum err put(int dir, const char *name, struct slice content, mode_t mode, unsigned flags)
{
	AUTO(fd_release) int directory = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char fresh[256];
	enum err err;
	int saved;

	if (directory < 0)
		return ERR_SYSTEM;
	if (snprintf(fresh, sizeof(fresh), ".%s.%ld", name, (long)getpid()) >= (int)sizeof(fresh))
		return ERR_TOO_LONG;
	/* Only a process that was killed and had our number can have left it. */
	if (unlinkat(directory, fresh, 0) != 0 && errno != ENOENT)
		return ERR_SYSTEM;
	err = write_new(directory, fresh, content, mode);
	if (err == ERR_OK && renameat2(directory, fresh, directory, name, flags) != 0)
		err = ERR_SYSTEM;
	if (err == ERR_OK && fsync(directory) != 0)
		return ERR_SYSTEM;
	if (err != ERR_OK) {
		saved = errno;
		unlinkat(directory, fresh, 0);
		errno = saved;
	}
	return err;
}

enum err file_replace(int dir, const char *name, struct slice content, mode_t mode)
{
	return put(dir, name, content, mode, 0);
}

enum err file_create(int dir, const char *name, struct slice content, mode_t mode)
{
	return put(dir, name, content, mode, RENAME_NOREPLACE);
}

enum err file_seal(const char *name, struct slice content, int *fd)
{
	AUTO(fd_release) int sealed = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

	if (sealed < 0)
		return ERR_SYSTEM;
	TRY(fd_write_all(sealed, content));
	if (lseek(sealed, 0, SEEK_SET) != 0 || fcntl(sealed, F_ADD_SEALS, seals) != 0)
		return ERR_SYSTEM;
	*fd = TAKE_FD(sealed);
	return ERR_OK;
}
