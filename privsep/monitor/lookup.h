/* Files of the user's, read in the user's name by an sshd-user in its look-up role. */
#pragma once

#include "privsep/monitor/user_process.h"
#include "sshd/base/buf.h"

#define LOOKUP_FILE_LIMIT  (1u << 20) /* bytes of one file */
#define LOOKUP_FILES_LIMIT 8u         /* kept at a time */
#define LOOKUP_PATHS_LIMIT 60000u     /* bytes of what a pattern matches */
#define LOOKUP_TIME_MS     10000u
/* A key that is asked about and then used is looked for once. */
#define LOOKUP_KEEP_MS     10000u

struct looked_up {
	char *path;
	int error;             /* errno of opening it; 0: content is there */
	struct buf components; /* strict_modes.h */
	struct buf content;
	uint64_t at_ms;
};

struct lookup {
	struct user_process process;
	struct looked_up files[LOOKUP_FILES_LIMIT];
	unsigned file_count;
	struct looked_up *current; /* being received */
	struct buf paths;          /* of the last pattern */
	bool awaits_paths;
	bool is_ready, has_found, is_done, has_failed;
};

void lookup_init(struct monitor *m);
void lookup_wipe(struct monitor *m);

/*
 * The file at `path` (relative: to the account's home) as the account sees it. The process is
 * started when it is needed and stays until lookup_rest.
 *
 * file   stays until the next call; its `error` says whether it could be opened
 * ERR_TIMEOUT: no answer within LOOKUP_TIME_MS. ERR_LIMIT: longer than LOOKUP_FILE_LIMIT.
 * ERR_CLOSED: the connection ends. ERR_SYSTEM, ERR_BREACH: no answer is to be had.
 */
enum err lookup_file(struct monitor *m, const char *path, const struct looked_up **file);

/*
 * The paths that match a pattern of glob(7) in the account's eyes, each ended by a zero byte; they
 * stay until the next call. Errors as above.
 */
enum err lookup_paths(struct monitor *m, const char *pattern, struct slice *paths);

/* No more files for now: the process ends. */
void lookup_rest(struct monitor *m);
