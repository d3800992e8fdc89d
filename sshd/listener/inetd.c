#include "sshd/listener/inetd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/listener.h"

#define FIRST_SPARE 10

static bool is_same(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
	    first.st_ino == second.st_ino;
}

static bool is_socket(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

enum err inetd_take(struct listener *listener)
{
	AUTO(fd_release) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct inetd *inetd = &listener->inetd;

	inetd->is_socket = is_socket(STDIN_FILENO) && is_same(STDIN_FILENO, STDOUT_FILENO);
	inetd->input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, FIRST_SPARE);
	inetd->output = inetd->is_socket ? inetd->input : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, FIRST_SPARE);
	if (null < 0 || inetd->input < 0 || inetd->output < 0)
		return ERR_SYSTEM;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return ERR_SYSTEM;
	if (!listener->options->logs_to_stderr && listener->options->log_path == NULL &&
	    dup2(null, STDERR_FILENO) < 0)
		return ERR_SYSTEM;
	TRY(fd_set_nonblocking(inetd->input));
	return fd_set_nonblocking(inetd->output);
}

void inetd_begin(struct listener *listener)
{
	struct connection_start start = {.input = listener->inetd.input, .output = listener->inetd.output,
	    .is_socket = listener->inetd.is_socket};
	socklen_t len = sizeof(start.peer);

	listener->inetd.has_begun = true;
	if (start.is_socket)
		(void)getpeername(start.input, (struct sockaddr *)&start.peer, &len);
	connection_begin(listener, &start);
}
