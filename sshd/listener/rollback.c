#include "sshd/listener/rollback.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/pending.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/log.h"
#include "sshd/listener/listener.h"
#include "sshd/listener/reload.h"

#define RETRY_S 10u

/* What the records of our configuration go by; false: it has no name of that kind. */
static bool target_of(const struct options *options, char target[static PATH_MAX])
{
	return realpath(settings_path(options), target) != NULL;
}

static uint64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec;
}

static enum err replace(const char *target, const struct pending *pending)
{
	AUTO(fd_release) int dir = -1;
	char folder[PATH_MAX];
	const char *slash = strrchr(target, '/');

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - target) + 1, target);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return ERR_SYSTEM;
	return file_replace(dir, slash + 1, pending->before, pending->mode);
}

/*
 * Acts on a record whose time is over; it goes only when that is done. A file that somebody
 * has changed meanwhile is his.
 */
static bool undo(int dir, const char *target)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(PENDING_RECORD_LIMIT);
	char name[PENDING_NAME_SIZE];
	struct pending pending;
	bool is_changed = false;
	enum err err = pending_load(dir, target, PENDING_ROLLBACK, &bytes, &pending);

	if (err == ERR_NOT_FOUND)
		return false;
	if (err == ERR_OK && pending_is_in_place(&pending, target)) {
		err = replace(target, &pending);
		is_changed = err == ERR_OK;
	}
	if (err != ERR_OK) {
		LOG(ROLLBACK_FAILED, T("FILE", target),
		    T("REASON", err == ERR_SYSTEM ? strerror(errno) : err_text(err)));
		return false;
	}
	if (is_changed)
		LOG(ROLLED_BACK, T("FILE", target));
	if (pending_name(target, PENDING_ROLLBACK, name) == ERR_OK && unlinkat(dir, name, 0) == 0)
		(void)fsync(dir); /* else it is found again, and is not in place any more */
	return is_changed;
}

bool rollback_overdue(const struct options *options)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(PENDING_RECORD_LIMIT);
	AUTO(fd_release) int dir = -1;
	char target[PATH_MAX], record[PENDING_NAME_SIZE], claimed[PENDING_NAME_SIZE];
	struct pending pending;
	bool is_changed;

	if (!target_of(options, target) || pending_directory(&dir) != ERR_OK)
		return false;
	is_changed = undo(dir, target);
	if (pending_load(dir, target, PENDING_RECORD, &bytes, &pending) != ERR_OK ||
	    pending_left_s(&pending, now_s()) > 0)
		return is_changed;
	/* The rename is what decides between us and a late `sshdctl confirm`. */
	if (pending_name(target, PENDING_RECORD, record) != ERR_OK ||
	    pending_name(target, PENDING_ROLLBACK, claimed) != ERR_OK ||
	    renameat(dir, record, dir, claimed) != 0)
		return is_changed;
	return undo(dir, target) || is_changed;
}

static void on_due(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, rollback);

	(void)now_ms;
	if (rollback_overdue(listener->options))
		reload_begin(listener);
	else
		rollback_watch(listener); /* confirmed, or the clock was set */
}

void rollback_watch(struct listener *listener)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(PENDING_RECORD_LIMIT);
	AUTO(fd_release) int dir = -1;
	char target[PATH_MAX], seconds[24];
	struct pending pending;
	uint64_t left_s;

	loop_timer_cancel(&listener->loop, &listener->rollback);
	listener->rollback.fired = on_due;
	if (listener->is_single || !target_of(listener->options, target) ||
	    pending_directory(&dir) != ERR_OK)
		return;
	if (pending_load(dir, target, PENDING_ROLLBACK, &bytes, &pending) == ERR_OK) {
		left_s = RETRY_S; /* it failed: the disk may have room later */
	} else {
		buf_wipe(&bytes);
		if (pending_load(dir, target, PENDING_RECORD, &bytes, &pending) != ERR_OK)
			return;
		left_s = pending_left_s(&pending, now_s());
		snprintf(seconds, sizeof(seconds), "%lu", (unsigned long)left_s);
		if (left_s > 0)
			LOG(CONFIRMATION_AWAITED, T("FILE", target), T("SECONDS", seconds));
		else
			left_s = RETRY_S; /* it could not be claimed */
	}
	loop_timer_set(&listener->loop, &listener->rollback, listener->loop.now_ms + left_s * 1000);
}

void rollback_announce(struct listener *listener)
{
	AUTO(fd_release) int dir = -1;
	char target[PATH_MAX];

	if (listener->is_single || !target_of(listener->options, target))
		return;
	/* The service manager has made it, or we do: but not for a server that runs beside the host's. */
	if (geteuid() == 0 && listener->options->config_path == NULL)
		(void)mkdir(SEKISHO_STATEDIR, 0755);
	if (pending_directory(&dir) == ERR_OK)
		listener->is_announced = pending_lock(dir, target) == ERR_OK;
}

void rollback_withdraw(struct listener *listener)
{
	AUTO(fd_release) int dir = -1;
	char target[PATH_MAX], name[PENDING_NAME_SIZE];

	if (listener->is_announced && target_of(listener->options, target) &&
	    pending_name(target, PENDING_DAEMON, name) == ERR_OK && pending_directory(&dir) == ERR_OK)
		(void)unlinkat(dir, name, 0); /* a file that nobody locks says the same */
}
