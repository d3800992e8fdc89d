/* The only event loop: descriptors that become ready and timers that fall due. */
#pragma once

#include <sys/epoll.h>

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/*
 * Something with a descriptor. Its owner embeds it, fills `fd` and `ready` and keeps it alive
 * while it is added. `ready` may add, change and remove any source, itself included.
 */
struct loop_source {
	int fd;
	void (*ready)(struct loop_source *source, uint32_t events);
	uint32_t events; /* what the loop watches for now: kept by the loop */
	bool is_added;
};

/* Something that happens once at a time. Embedded like a source; re-arm it as often as wanted. */
struct loop_timer {
	void (*fired)(struct loop_timer *timer, uint64_t now_ms);
	uint64_t due_ms;
	struct loop_timer *next, *previous; /* kept by the loop */
	bool is_armed;
};

struct loop {
	int epoll_fd;
	bool is_stopped;
	uint64_t now_ms;              /* read once per wake-up */
	struct loop_timer *first_due; /* sorted by due_ms */
	struct epoll_event *pending;  /* the rest of this wake-up, so that remove can blank it */
	int pending_count;
};

/* ERR_SYSTEM. */
enum err loop_init(struct loop *loop);
void loop_wipe(struct loop *loop);

/* `events` as in epoll (EPOLLIN, EPOLLOUT, EPOLLET, ...). ERR_SYSTEM. */
enum err loop_add(struct loop *loop, struct loop_source *source, uint32_t events);

/* Changes what is watched; costs nothing when it is the same. 0: only errors and hang-ups. */
enum err loop_watch(struct loop *loop, struct loop_source *source, uint32_t events);

/* Before the descriptor is closed. A source that is not added is fine. */
void loop_remove(struct loop *loop, struct loop_source *source);

void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t due_ms);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/*
 * Waits for the next events (at most `wait_ms`; -1: until something happens), calls their
 * owners, then the timers that are due. ERR_SYSTEM.
 */
enum err loop_step(struct loop *loop, int wait_ms);

/* Steps until loop_stop. */
enum err loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Milliseconds of CLOCK_BOOTTIME: time goes on while the machine sleeps. */
uint64_t clock_now_ms(void);
