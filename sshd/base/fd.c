#include "sshd/base/fd.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sshd/base/auto.h"

void fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

void fd_release(int *fd)
{
	fd_close(*fd);
	*fd = -1;
}

enum err fd_set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

enum err fd_set_cloexec(int fd, bool close_on_exec)
{
	return fcntl(fd, F_SETFD, close_on_exec ? FD_CLOEXEC : 0) < 0 ? ERR_SYSTEM : ERR_OK;
}

enum err fd_write_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		bytes = slice_after(bytes, (size_t)n);
	}
	return ERR_OK;
}

enum err fd_close_from(int first)
{
	return syscall(SYS_close_range, (unsigned)first, ~0u, 0u) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err fd_arrange(const int *fds, size_t count, int first)
{
	int last = first + (int)count;
	int above[16];

	if (count > COUNT_OF(above))
		return ERR_RANGE;
	/* First out of the way, above every target, so that no dup2 hits one still needed. */
	for (size_t i = 0; i < count; i++) {
		above[i] = -1;
		if (fds[i] >= 0 && (above[i] = fcntl(fds[i], F_DUPFD, last)) < 0)
			return ERR_SYSTEM;
	}
	for (size_t i = 0; i < count; i++) {
		if (above[i] < 0)
			close(first + (int)i);
		else if (dup2(above[i], first + (int)i) < 0)
			return ERR_SYSTEM;
	}
	return fd_close_from(last);
}
