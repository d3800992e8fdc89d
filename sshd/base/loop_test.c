#include <unistd.h>

#include "sshd/base/fd.h"
#include "sshd/base/loop.h"
#include "tests/support/suite.h"

struct counted {
	struct loop_source source;
	struct loop_timer timer;
	struct loop *loop;
	struct counted *victim;
	int calls;
};

static void on_ready(struct loop_source *source, uint32_t events)
{
	struct counted *counted = CONTAINER_OF(source, struct counted, source);

	(void)events;
	counted->calls++;
	if (counted->victim != NULL)
		loop_remove(counted->loop, &counted->victim->source);
}

static void on_fired(struct loop_timer *timer, uint64_t now_ms)
{
	struct counted *counted = CONTAINER_OF(timer, struct counted, timer);

	counted->calls++;
	if (counted->victim == counted)
		loop_timer_set(counted->loop, timer, now_ms);
}

START_TEST(a_removed_source_hears_nothing_more)
{
	struct loop loop;
	int ends[2];
	struct counted first = {0}, second = {0};

	ck_assert_int_eq(loop_init(&loop), ERR_OK);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	/* Both are ready in the same step; whichever comes first removes the other. */
	first = (struct counted){.source = {.fd = ends[0], .ready = on_ready}, .loop = &loop, .victim = &second};
	second = (struct counted){.source = {.fd = dup(ends[0]), .ready = on_ready}, .loop = &loop, .victim = &first};
	ck_assert_int_eq(loop_add(&loop, &first.source, EPOLLIN), ERR_OK);
	ck_assert_int_eq(loop_add(&loop, &second.source, EPOLLIN), ERR_OK);
	ck_assert_int_eq(loop_step(&loop, 1000), ERR_OK);
	ck_assert_int_eq(first.calls + second.calls, 1);
	loop_wipe(&loop);
	fd_close(ends[0]);
	fd_close(ends[1]);
	fd_close(second.source.fd);
}
END_TEST

START_TEST(timers_fire_in_order_and_once)
{
	struct loop loop;
	struct counted late = {0}, early = {0}, again = {0}, cancelled = {0};

	ck_assert_int_eq(loop_init(&loop), ERR_OK);
	late.timer.fired = early.timer.fired = again.timer.fired = cancelled.timer.fired = on_fired;
	again.loop = &loop;
	again.victim = &again; /* arms itself for "now": must not keep the step busy for ever */
	loop_timer_set(&loop, &late.timer, loop.now_ms + 3600000);
	loop_timer_set(&loop, &cancelled.timer, loop.now_ms);
	loop_timer_set(&loop, &early.timer, loop.now_ms);
	loop_timer_set(&loop, &again.timer, loop.now_ms);
	loop_timer_cancel(&loop, &cancelled.timer);
	ck_assert_ptr_eq(loop.first_due, &early.timer);
	ck_assert_int_eq(loop_step(&loop, 0), ERR_OK);
	ck_assert_int_eq(early.calls, 1);
	ck_assert_int_eq(again.calls, 1);
	ck_assert_int_eq(late.calls, 0);
	ck_assert_int_eq(cancelled.calls, 0);
	loop_timer_cancel(&loop, &again.timer);
	ck_assert_ptr_eq(loop.first_due, &late.timer);
	loop_wipe(&loop);
}
END_TEST

SUITE("loop", TEST(a_removed_source_hears_nothing_more), TEST(timers_fire_in_order_and_once))
