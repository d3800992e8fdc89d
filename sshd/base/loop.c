#include "sshd/base/loop.h"

#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "sshd/base/auto.h"

#define EVENTS_PER_STEP 32

uint64_t clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

enum err loop_init(struct loop *loop)
{
	*loop = (struct loop){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
	if (loop->epoll_fd < 0)
		return ERR_SYSTEM;
	loop->now_ms = clock_now_ms();
	return ERR_OK;
}

void loop_wipe(struct loop *loop)
{
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	*loop = (struct loop){.epoll_fd = -1};
}

static enum err control(struct loop *loop, int operation, struct loop_source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	if (epoll_ctl(loop->epoll_fd, operation, source->fd, &event) != 0)
		return ERR_SYSTEM;
	source->events = events;
	return ERR_OK;
}

enum err loop_add(struct loop *loop, struct loop_source *source, uint32_t events)
{
	TRY(control(loop, EPOLL_CTL_ADD, source, events));
	source->is_added = true;
	return ERR_OK;
}

enum err loop_watch(struct loop *loop, struct loop_source *source, uint32_t events)
{
	if (source->events == events)
		return ERR_OK;
	return control(loop, EPOLL_CTL_MOD, source, events);
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
	if (!source->is_added)
		return;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	source->is_added = false;
	/* An event of this wake-up that is still to be delivered must not reach a dead owner. */
	for (int i = 0; i < loop->pending_count; i++)
		if (loop->pending[i].data.ptr == source)
			loop->pending[i].data.ptr = NULL;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (!timer->is_armed)
		return;
	if (timer->previous != NULL)
		timer->previous->next = timer->next;
	else
		loop->first_due = timer->next;
	if (timer->next != NULL)
		timer->next->previous = timer->previous;
	timer->next = timer->previous = NULL;
	timer->is_armed = false;
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t due_ms)
{
	struct loop_timer *before = NULL;
	struct loop_timer *after = loop->first_due;

	loop_timer_cancel(loop, timer);
	after = loop->first_due;
	while (after != NULL && after->due_ms <= due_ms) {
		before = after;
		after = after->next;
	}
	timer->due_ms = due_ms;
	timer->previous = before;
	timer->next = after;
	timer->is_armed = true;
	if (before != NULL)
		before->next = timer;
	else
		loop->first_due = timer;
	if (after != NULL)
		after->previous = timer;
}

static int wait_until_due(const struct loop *loop, int wait_ms)
{
	uint64_t left;

	if (loop->first_due == NULL)
		return wait_ms;
	left = loop->first_due->due_ms > loop->now_ms ? loop->first_due->due_ms - loop->now_ms : 0;
	if (wait_ms >= 0 && left > (uint64_t)wait_ms)
		return wait_ms;
	return left > INT_MAX ? INT_MAX : (int)left;
}

static void fire_due_timers(struct loop *loop)
{
	/* A timer that arms itself for "now" waits for the next step: no endless round. */
	uint64_t now = loop->now_ms;

	while (loop->first_due != NULL && loop->first_due->due_ms <= now && !loop->is_stopped) {
		struct loop_timer *timer = loop->first_due;

		loop_timer_cancel(loop, timer);
		timer->fired(timer, now);
		if (timer->is_armed && timer->due_ms <= now)
			break;
	}
}

enum err loop_step(struct loop *loop, int wait_ms)
{
	struct epoll_event events[EVENTS_PER_STEP];
	int count;

	loop->now_ms = clock_now_ms();
	count = epoll_wait(loop->epoll_fd, events, EVENTS_PER_STEP, wait_until_due(loop, wait_ms));
	if (count < 0 && errno != EINTR)
		return ERR_SYSTEM;
	loop->now_ms = clock_now_ms();
	loop->pending = events;
	loop->pending_count = count < 0 ? 0 : count;
	for (int i = 0; i < loop->pending_count && !loop->is_stopped; i++) {
		struct loop_source *source = events[i].data.ptr;

		if (source != NULL)
			source->ready(source, events[i].events);
	}
	loop->pending = NULL;
	loop->pending_count = 0;
	fire_due_timers(loop);
	return ERR_OK;
}

enum err loop_run(struct loop *loop)
{
	while (!loop->is_stopped)
		TRY(loop_step(loop, -1));
	return ERR_OK;
}

void loop_stop(struct loop *loop)
{
	loop->is_stopped = true;
}
