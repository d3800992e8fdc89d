#include "sshd/listener/daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/listener/listener.h"

static enum log_level level_of(const struct listener *listener)
{
	const struct options *options = listener->options;
	enum log_level level = listener->settings != NULL ? listener->settings->conf->log_level
							  : LOG_LEVEL_INFO;

	if (options->is_quiet)
		return LOG_LEVEL_QUIET;
	if (options->debug > 0 && level < LOG_LEVEL_DEBUG1 + options->debug - 1)
		return LOG_LEVEL_DEBUG1 + options->debug - 1;
	return level;
}

/* Standard error itself becomes the file: what libraries print there belongs into it too. */
enum err daemonize_open_log(struct listener *listener)
{
	const char *path = listener->options->log_path;
	AUTO(fd_release) int fd = -1;

	if (path == NULL)
		return ERR_OK;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0) {
		fprintf(stderr, "Couldn't open logfile \"%s\": %s\n", path, strerror(errno));
		return ERR_SYSTEM;
	}
	return dup2(fd, STDERR_FILENO) < 0 ? ERR_SYSTEM : ERR_OK;
}

void daemonize_log(struct listener *listener)
{
	const struct log_sink *present = log_in_use();
	struct log_sink sink = {.kind = LOG_TO_STDERR, .fd = STDERR_FILENO};
	int facility = listener->settings != NULL ? listener->settings->conf->syslog_facility : LOG_AUTH;

	if (listener->options->log_path != NULL)
		sink.kind = LOG_TO_FILE;
	else if (!listener->options->logs_to_stderr && listener->has_log)
		sink = *present; /* connected already; a reload may change facility and level */
	else if (!listener->options->logs_to_stderr)
		log_open_system(&sink, level_of(listener), facility);
	sink.level = level_of(listener);
	sink.facility = facility;
	log_use(&sink);
	listener->has_log = true;
	/* Where there is no journal and no syslog, everybody's lines go where ours go. */
	listener->log_fd = sink.kind == LOG_TO_STDERR || sink.kind == LOG_TO_FILE ? STDERR_FILENO : -1;
}

static _Noreturn void wait_for_child(pid_t child, int fd)
{
	char is_up = 0;
	int status = 0;

	while (read(fd, &is_up, 1) < 0 && errno == EINTR)
		continue;
	if (is_up)
		_exit(EXIT_SUCCESS);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 255);
}

enum err daemonize_fork(struct listener *listener)
{
	int ends[2];
	pid_t child;

	if (listener->options->stays_in_foreground || listener->options->mode == MODE_INETD || getpid() == 1)
		return ERR_OK;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return ERR_SYSTEM;
	child = fork();
	if (child < 0)
		return ERR_SYSTEM;
	if (child > 0) {
		close(ends[1]);
		wait_for_child(child, ends[0]);
	}
	close(ends[0]);
	listener->detach_fd = ends[1];
	if (setsid() < 0 || chdir("/") != 0)
		return ERR_SYSTEM;
	return ERR_OK;
}

static void write_pid_file(const struct listener *listener)
{
	const char *path = listener->settings->conf->pid_file;
	AUTO(fd_release) int fd = -1;
	char text[16];
	char reason[256];

	if (path == NULL || listener->is_single)
		return;
	snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && fd_write_all(fd, slice_text(text)) == ERR_OK)
		return;
	snprintf(reason, sizeof(reason), "Couldn't create pid file \"%s\": %s", path, strerror(errno));
	LOG(ERROR, T("TEXT", reason));
}

/* Nothing of the terminal is left, except a standard error that is the log. */
static void let_terminal_go(const struct listener *listener)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	if (!listener->options->logs_to_stderr && listener->options->log_path == NULL)
		(void)dup2(null, STDERR_FILENO);
	close(null);
}

void daemonize_done(struct listener *listener)
{
	write_pid_file(listener);
	if (listener->detach_fd < 0)
		return;
	let_terminal_go(listener);
	IGNORE(fd_write_all(listener->detach_fd, LITERAL("1"))); /* a parent that was killed */
	fd_release(&listener->detach_fd);
}

void daemonize_end(const struct listener *listener)
{
	const char *path = listener->settings != NULL ? listener->settings->conf->pid_file : NULL;
	AUTO(fd_release) int fd = -1;
	char text[16] = "";

	if (path == NULL || listener->is_single)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && strtol(text, NULL, 10) == (long)getpid())
		unlink(path);
}
