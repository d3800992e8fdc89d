/*
 * A configuration that `sshdctl apply --confirm` put in place and that nobody has confirmed yet:
 * the record of it, which sshdctl writes and the listener acts on. It lies in the state
 * directory and holds both files whole, so that one rename makes or ends it.
 *
 * Who takes the record away decides: sshdctl confirm removes it, the listener that rolls back
 * renames it first. What lies on disk between is always a whole old or a whole new file.
 */
#pragma once

#include <sys/types.h>

#include "sshd/base/buf.h"

#define PENDING_FILE_LIMIT   (4u << 20) /* bytes of one configuration, as of a snapshot */
#define PENDING_RECORD_LIMIT (9u << 20)
#define PENDING_PATH_LIMIT   200u
#define PENDING_WAIT_LIMIT_S 86400u
#define PENDING_NAME_SIZE    256

struct pending {
	struct slice target;   /* absolute, without links */
	uint64_t deadline_s;   /* CLOCK_REALTIME, since it outlives a reboot */
	uint32_t wait_s;       /* what was given for it: no clock makes it longer */
	uint32_t mode;         /* of the old file */
	struct slice before, after;
};

/* Appends the bytes of a record. ERR_TOO_LONG, ERR_LIMIT, ERR_NO_MEMORY. */
enum err pending_encode(const struct pending *pending, struct buf *out);

/* The slices point into `bytes`. ERR_MALFORMED, ERR_TRUNCATED, ERR_TRAILING, ERR_TOO_LONG. */
enum err pending_parse(struct slice bytes, struct pending *out);

/* Seconds until it is rolled back; 0: it is overdue. */
uint64_t pending_left_s(const struct pending *pending, uint64_t now_s);

/* ---- on disk (pending_file.c) ---- */

enum pending_file {
	PENDING_DAEMON,   /* locked by the listener that serves this configuration */
	PENDING_RECORD,   /* waits for confirmation */
	PENDING_ROLLBACK, /* a record whose time is over */
};

/* The file of that kind for a configuration. ERR_TOO_LONG. */
enum err pending_name(const char *target, enum pending_file file, char name[static PENDING_NAME_SIZE]);

/* SEKISHO_STATEDIR. ERR_SYSTEM. */
enum err pending_directory(int *dir);

/*
 * Reads the record of `target`; `bytes` holds it.
 * ERR_NOT_FOUND: there is none. ERR_SYSTEM, ERR_LIMIT. ERR_MALFORMED: it is
 * not ours to believe: another owner, others may write it, or another configuration's.
 */
enum err pending_load(
    int dir, const char *target, enum pending_file file, struct buf *bytes, struct pending *out);

/* Whether the file in place is the one that waits. */
bool pending_is_in_place(const struct pending *pending, const char *target);

/* As the daemon of `target`, until the end of the process. ERR_SYSTEM. */
enum err pending_lock(int dir, const char *target);

/* The pid of that daemon; 0: none is running. */
pid_t pending_daemon(int dir, const char *target);
