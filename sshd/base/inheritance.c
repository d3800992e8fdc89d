#include "sshd/base/inheritance.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define SIGNAL_MAX 64

static const char oom_path[] = "/proc/self/oom_score_adj";

/* Whatever their parent did with these, sshd handles them, so exec puts them at default. */
static const int always_default[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGPIPE};

static uint64_t bit_of(int signal_number)
{
	return 1ull << (signal_number - 1);
}

static void save_signals(struct inheritance *saved)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int n = 1; n <= SIGNAL_MAX; n++) {
		struct sigaction action;

		if (sigismember(&blocked, n) == 1)
			saved->blocked_signals |= bit_of(n);
		if (sigaction(n, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			saved->ignored_signals |= bit_of(n);
	}
}

static enum err save_limits(struct inheritance *saved)
{
	for (int resource = 0; resource < INHERITANCE_LIMITS; resource++) {
		struct rlimit limit;

		if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
			return ERR_SYSTEM;
		saved->soft_limits[resource] = limit.rlim_cur;
	}
	return ERR_OK;
}

static void save_oom_score_adj(struct inheritance *saved)
{
	AUTO(fd_release) int fd = open(oom_path, O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return;
	saved->oom_score_adj = (int32_t)strtol(text, NULL, 10);
	saved->has_oom_score_adj = true;
}

enum err inheritance_save(struct inheritance *saved)
{
	struct inheritance found = {0};

	save_signals(&found);
	TRY(save_limits(&found));
	save_oom_score_adj(&found);
	found.umask = umask(022);
	umask(found.umask);
	*saved = found;
	return ERR_OK;
}

static bool is_always_default(int signal_number)
{
	for (size_t i = 0; i < COUNT_OF(always_default); i++)
		if (always_default[i] == signal_number)
			return true;
	return false;
}

static void restore_dispositions(const struct inheritance *saved)
{
	for (int n = 1; n <= SIGNAL_MAX; n++) {
		bool is_ignored = (saved->ignored_signals & bit_of(n)) != 0 && !is_always_default(n);
		struct sigaction action = {.sa_handler = is_ignored ? SIG_IGN : SIG_DFL};

		/* KILL, STOP and libc's own two refuse: they have nothing to restore. */
		(void)sigaction(n, &action, NULL);
	}
}

enum err oom_score_adjust(int value)
{
	AUTO(fd_release) int fd = open(oom_path, O_WRONLY | O_CLOEXEC);
	char text[16];

	if (fd < 0)
		return ERR_SYSTEM;
	snprintf(text, sizeof(text), "%d", value);
	return fd_write_all(fd, slice_text(text));
}

enum err inheritance_restore(const struct inheritance *saved)
{
	restore_dispositions(saved);
	for (int resource = 0; resource < INHERITANCE_LIMITS; resource++) {
		struct rlimit limit;

		if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
			return ERR_SYSTEM;
		if (limit.rlim_cur == saved->soft_limits[resource])
			continue;
		limit.rlim_cur = saved->soft_limits[resource];
		if (setrlimit((__rlimit_resource_t)resource, &limit) != 0)
			return ERR_SYSTEM;
	}
	if (saved->has_oom_score_adj)
		IGNORE(oom_score_adjust(saved->oom_score_adj)); /* see the header */
	umask(saved->umask);
	return ERR_OK;
}

void inheritance_restore_mask(const struct inheritance *saved)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	for (int n = 1; n <= SIGNAL_MAX; n++)
		if (saved->blocked_signals & bit_of(n))
			sigaddset(&blocked, n);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}
