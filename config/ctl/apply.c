/*
 * sshdctl apply and confirm: a new configuration, put in place so that a kill at any point leaves
 * the old file or the new one, and so that the listener can put the old one back (pending.h).
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/ctl/guard.h"
#include "config/ctl/verbs.h"
#include "config/pending.h"
#include "config/resolve.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/text.h"

#define DEFAULT_TARGET SEKISHO_SYSCONFDIR "/sshd_config"
#define DEFAULT_MODE   0644
#define COMPLAINTS     (1u << 20)

struct change {
	char target[PATH_MAX];      /* absolute, without links */
	struct input before, after; /* before.config NULL: nothing is in place that could be read */
	struct slice old, new;      /* whole files */
	bool has_old;
	mode_t mode;
	int state;    /* the state directory, locked; -1: there is none */
	pid_t daemon; /* of ours, for this configuration; 0: none */
};

static void change_wipe(struct change *change)
{
	input_wipe(&change->before);
	input_wipe(&change->after);
	fd_release(&change->state);
}

/* Says what and why on standard error. */
static enum err refuse(const char *verb, const char *what, enum err err)
{
	fprintf(stderr, "sshdctl %s: %s%s%s\n", verb, what, err == ERR_CONFIG ? "" : ": ",
	    err == ERR_CONFIG   ? ""
	    : err == ERR_SYSTEM ? strerror(errno)
	                        : err_text(err));
	return ERR_CONFIG;
}

/* A link stays a link: what it leads to is replaced. A file that is not there yet has no links. */
static enum err find_target(const struct arguments *arguments, const char *verb, char target[static PATH_MAX])
{
	const char *named = arguments->path != NULL ? arguments->path : DEFAULT_TARGET;

	if (realpath(named, target) != NULL)
		return ERR_OK;
	if (errno != ENOENT || named[0] != '/' || strlen(named) >= PATH_MAX)
		return refuse(verb, named, ERR_SYSTEM);
	snprintf(target, PATH_MAX, "%s", named);
	return ERR_OK;
}

/* ---------------------------------------------------------------------------------- reading */

/* What is in place, if it can be read; faults of it are no reason against a better one. */
static enum err read_before(const struct arguments *arguments, struct change *change)
{
	struct arguments place = *arguments;
	struct stat st;
	enum err err;

	change->mode = DEFAULT_MODE;
	if (stat(change->target, &st) != 0)
		return errno == ENOENT ? ERR_OK : refuse("apply", change->target, ERR_SYSTEM);
	change->mode = st.st_mode & 07777;
	place.path = change->target;
	err = input_read(&place, &change->before);
	if (err != ERR_OK && err != ERR_CONFIG)
		return err;
	if (change->before.snapshot == NULL || change->before.snapshot->files[0].error != 0)
		return ERR_OK;
	change->has_old = true;
	change->old = change->before.snapshot->files[0].content;
	return ERR_OK;
}

/* The bytes that are checked here are those that are installed, whatever the file becomes. */
static enum err read_after(const struct arguments *arguments, struct change *change)
{
	AUTO(buf_wipe) struct buf told = buf_empty(COMPLAINTS);
	struct arguments fresh = *arguments;
	enum err err;

	fresh.path = arguments->rest[0];
	if (fresh.sekisho == NULL) /* that of the place where it will lie */
		fresh.sekisho = arena_format(&change->after.arena, "%.*s/sekisho.conf",
		    (int)(strrchr(change->target, '/') - change->target), change->target);
	if (fresh.sekisho == NULL)
		return ERR_NO_MEMORY;
	err = input_read(&fresh, &change->after);
	if (err == ERR_OK)
		err = config_check(change->after.config, &change->after.diagnostics);
	if (err != ERR_OK && err != ERR_CONFIG)
		return err;
	if (err == ERR_CONFIG || diagnostics_has_errors(&change->after.diagnostics))
		return input_complain(&change->after);
	IGNORE(diagnostics_render(&change->after.diagnostics, &told)); /* warnings: what fits is shown */
	IGNORE(fd_write_all(STDERR_FILENO, buf_view(&told)));
	change->new = change->after.snapshot->files[0].content;
	return ERR_OK;
}

/* ------------------------------------------------------------------------------- the daemon */

/* By the PidFile of what is in place: any sshd, also one that knows no confirmation. */
static pid_t daemon_by_pid_file(const struct change *change)
{
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(buf_wipe) struct buf text = buf_empty(64), name = buf_empty(64);
	const char *number;
	char path[64];
	long pid;

	if (change->before.config == NULL ||
	    conf_resolve(change->before.config, NULL, &conf, NULL) != ERR_OK || conf->pid_file == NULL ||
	    file_read_path(conf->pid_file, &text) != ERR_OK || buf_c_string(&text, &number) != ERR_OK)
		return 0;
	pid = strtol(number, NULL, 10);
	if (pid <= 1 || pid > INT_MAX)
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if (file_read_path(path, &name) != ERR_OK || !slice_is(buf_view(&name), "sshd\n"))
		return 0;
	return (pid_t)pid;
}

static void reload(const struct change *change)
{
	pid_t pid = change->daemon != 0 ? change->daemon : daemon_by_pid_file(change);

	if (pid == 0)
		fputs("no daemon is running: it will read the file when it starts\n", stdout);
	else if (kill(pid, SIGHUP) != 0)
		fprintf(stderr, "sshdctl apply: the daemon (pid %ld) cannot be told: %s\n", (long)pid,
		    strerror(errno));
	else
		printf("the daemon (pid %ld) is told to reload\n", (long)pid);
}

static void find_daemon(struct change *change)
{
	if (pending_directory(&change->state) != ERR_OK)
		return;
	(void)flock(change->state, LOCK_EX); /* one change at a time; where it cannot be, so be it */
	change->daemon = pending_daemon(change->state, change->target);
}

/* ------------------------------------------------------------------------------- the change */

/* A change that still waits must be settled before the next: else nobody knows what to go back to. */
static enum err refuse_if_waiting(const struct change *change)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(PENDING_RECORD_LIMIT);
	struct pending waiting;

	if (change->state < 0 ||
	    pending_load(change->state, change->target, PENDING_RECORD, &bytes, &waiting) != ERR_OK ||
	    !pending_is_in_place(&waiting, change->target))
		return ERR_OK;
	return refuse("apply",
	    "an earlier change still waits: sshdctl confirm keeps it, else it is rolled back in time",
	    ERR_CONFIG);
}

static enum err write_record(const struct change *change, uint32_t wait_s)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(PENDING_RECORD_LIMIT);
	struct pending pending = {.target = slice_text(change->target),
	    .wait_s = wait_s,
	    .mode = change->mode,
	    .before = change->old,
	    .after = change->new};
	char name[PENDING_NAME_SIZE];
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	pending.deadline_s = (uint64_t)now.tv_sec + wait_s;
	TRY(pending_encode(&pending, &bytes));
	TRY(pending_name(change->target, PENDING_RECORD, name));
	return file_replace(change->state, name, buf_view(&bytes), 0600);
}

/* One whose change never came, or was overwritten: it must not meet the same bytes again. */
static enum err drop_stale_record(const struct change *change)
{
	char name[PENDING_NAME_SIZE];

	if (change->state < 0 || pending_name(change->target, PENDING_RECORD, name) != ERR_OK)
		return ERR_OK;
	return unlinkat(change->state, name, 0) != 0 && errno != ENOENT ? ERR_SYSTEM : ERR_OK;
}

/* The record first: a new file without one would never be rolled back. */
static enum err install(const struct change *change, uint32_t wait_s)
{
	AUTO(fd_release) int dir = -1;
	const char *slash = strrchr(change->target, '/');
	char folder[PATH_MAX];
	enum err err = wait_s > 0 ? write_record(change, wait_s) : drop_stale_record(change);

	if (err != ERR_OK)
		return refuse("apply", "the old configuration cannot be kept for a way back", err);
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - change->target) + 1, change->target);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return refuse("apply", folder, ERR_SYSTEM);
	err = file_replace(dir, slash + 1, change->new, change->mode);
	return err != ERR_OK ? refuse("apply", change->target, err) : ERR_OK;
}

/* A terminal that is cut off, by the new configuration itself maybe, stops nothing half-way. */
static void hold_signals(void)
{
	static const int held[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < COUNT_OF(held); i++)
		sigaddset(&set, held[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static enum err apply(const struct arguments *arguments, bool *is_locked_out)
{
	AUTO(change_wipe) struct change change = {.state = -1};
	bool can_return = true;

	TRY(find_target(arguments, "apply", change.target));
	TRY(read_after(arguments, &change));
	find_daemon(&change);
	TRY(read_before(arguments, &change));
	if (!arguments->is_forced)
		TRY(guard_decide(arguments, change.before.config, change.after.config, &can_return));
	if (!can_return) {
		*is_locked_out = true;
		return ERR_CONFIG;
	}
	if (arguments->confirm_s > 0 && change.daemon == 0)
		return refuse("apply", "--confirm needs a running sshd of ours that serves this file", ERR_CONFIG);
	if (arguments->confirm_s > 0 && !change.has_old)
		return refuse("apply", "--confirm needs an old file to go back to", ERR_CONFIG);
	TRY(refuse_if_waiting(&change));
	if (change.has_old && slice_equal(change.old, change.new)) {
		puts("this configuration is in place already");
		return ERR_OK;
	}
	hold_signals();
	TRY(install(&change, arguments->confirm_s));
	printf("%s is in place\n", change.target);
	reload(&change);
	if (arguments->confirm_s > 0)
		printf("it is rolled back in %u seconds unless you say, best in a new login: sshdctl confirm\n",
		    arguments->confirm_s);
	return ERR_OK;
}

enum status verb_apply(int argc, char **argv)
{
	struct arguments arguments = {0};
	bool is_locked_out = false;
	enum err err;

	if (!arguments_parse(argc, argv, &arguments) || arguments.rest_count != 1 || arguments.root != NULL) {
		fputs("usage: sshdctl apply [--confirm TIME] [--force] [--key FILE] [-f TARGET] FILE\n", stderr);
		return STATUS_FAILED;
	}
	err = apply(&arguments, &is_locked_out);
	if (err != ERR_OK && err != ERR_CONFIG)
		output_failed("apply", err);
	if (is_locked_out)
		fputs("sshdctl apply: nothing was changed; --force changes it all the same\n", stderr);
	return err == ERR_OK ? STATUS_OK : is_locked_out ? STATUS_FINDINGS : STATUS_FAILED;
}

/* ------------------------------------------------------------------------------- confirming */

static enum err confirm(const struct arguments *arguments)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(PENDING_RECORD_LIMIT);
	AUTO(fd_release) int dir = -1;
	char target[PATH_MAX], name[PENDING_NAME_SIZE];
	struct pending pending;
	enum err err;

	TRY(find_target(arguments, "confirm", target));
	err = pending_directory(&dir);
	if (err == ERR_OK)
		err = pending_load(dir, target, PENDING_RECORD, &bytes, &pending);
	if (err == ERR_NOT_FOUND || (err == ERR_SYSTEM && errno == ENOENT))
		return refuse("confirm", "nothing waits: it was confirmed, or rolled back", ERR_CONFIG);
	if (err != ERR_OK)
		return refuse("confirm", target, err);
	/* The listener renames the record before it rolls back: only one of the two finds it. */
	TRY(pending_name(target, PENDING_RECORD, name));
	if (unlinkat(dir, name, 0) != 0)
		return refuse("confirm",
		    errno == ENOENT ? "too late: it is being rolled back" : strerror(errno), ERR_CONFIG);
	if (fsync(dir) != 0)
		return refuse("confirm", SEKISHO_STATEDIR, ERR_SYSTEM);
	if (!pending_is_in_place(&pending, target))
		return refuse("confirm", "the file in place is not the one that waited", ERR_CONFIG);
	printf("%s is kept\n", target);
	return ERR_OK;
}

enum status verb_confirm(int argc, char **argv)
{
	struct arguments arguments = {0};
	enum err err;

	if (!arguments_parse(argc, argv, &arguments) || arguments.rest_count != 0) {
		fputs("usage: sshdctl confirm [-f TARGET]\n", stderr);
		return STATUS_FAILED;
	}
	err = confirm(&arguments);
	if (err != ERR_OK && err != ERR_CONFIG)
		output_failed("confirm", err);
	return err == ERR_OK ? STATUS_OK : STATUS_FAILED;
}
