/*
 * ChannelTimeout and UnusedConnectionTimeout: how long channels may be idle, by patterns of
 * their types, and a connection be without any. Nothing here reads a clock.
 */
#pragma once

#include "sshd/base/buf.h"

#define TIMEOUT_ROWS_LIMIT 32u
#define TIMEOUT_TEXT_LIMIT 4096u

struct timeout_row {
	struct slice pattern; /* into `text` */
	uint64_t after_ms;    /* 0: never */
};

struct timeouts {
	struct buf text;
	struct timeout_row rows[TIMEOUT_ROWS_LIMIT];
	size_t count;
	uint64_t shortest_ms; /* of the rows; 0: none ever ends a channel */
	uint64_t global_ms;   /* all channels taken together; 0: never */
};

/*
 * Pairs of "type=seconds" with a blank between them; the types may hold * and ?. The text is
 * copied.
 *
 * ERR_MALFORMED: not of this form. ERR_LIMIT: more than TIMEOUT_ROWS_LIMIT.
 */
enum err timeouts_parse(struct slice text, struct timeouts *out);
void timeouts_wipe(struct timeouts *timeouts);

/*
 * The first row that matches the type or its finer name ("session" and "session:shell"), or 0.
 * "global" is never matched by a pattern.
 */
uint64_t timeouts_find(const struct timeouts *timeouts, struct slice type, struct slice finer);

/* When to look again for channels that are not there yet: `next_ms`, if that is not sooner. */
void timeouts_next_look(const struct timeouts *timeouts, uint64_t now_ms, uint64_t *next_ms);

/* One thing that may be idle. It is looked at now and then, and what happened in between is
 * taken to have happened at the later end: it may end a little late and never early. */
struct idle_watch {
	bool is_begun;
	uint64_t since_ms;
};

/* True: idle for `after_ms`. Else `next_ms` becomes the time to look again, if that is sooner. */
bool idle_watch_look(
    struct idle_watch *watch, bool was_used, uint64_t after_ms, uint64_t now_ms, uint64_t *next_ms);
