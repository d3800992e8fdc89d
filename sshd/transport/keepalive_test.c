#include "sshd/transport/keepalive.h"
#include "tests/support/suite.h"

/* One line of each story: packets seen so far, the time, and what is to be done. */
struct line {
	uint64_t packets, now_s;
	enum keepalive_verdict expect;
};

static const struct {
	const char *why;
	uint64_t interval_s;
	unsigned count_max;
	struct line lines[8];
} stories[] = {
    {"off", 0, 3, {{0, 1000000, KEEPALIVE_QUIET}}},
    {"a client that died: three probes and an interval for the last", 15, 3,
        {{0, 14, KEEPALIVE_QUIET}, {0, 15, KEEPALIVE_PROBE}, {0, 16, KEEPALIVE_QUIET},
            {0, 30, KEEPALIVE_PROBE}, {0, 45, KEEPALIVE_PROBE}, {0, 59, KEEPALIVE_QUIET},
            {0, 60, KEEPALIVE_GIVE_UP}}},
    {"any packet is an answer", 15, 1,
        {{0, 15, KEEPALIVE_PROBE}, {1, 29, KEEPALIVE_QUIET}, {1, 43, KEEPALIVE_QUIET},
            {1, 44, KEEPALIVE_PROBE}, {1, 59, KEEPALIVE_GIVE_UP}}},
    {"a busy client is never probed", 15, 1,
        {{5, 10, KEEPALIVE_QUIET}, {6, 20, KEEPALIVE_QUIET}, {7, 30, KEEPALIVE_QUIET},
            {8, 44, KEEPALIVE_QUIET}}},
    {"an answer at the last moment", 15, 1, {{0, 15, KEEPALIVE_PROBE}, {1, 30, KEEPALIVE_QUIET}}},
    {"count 0 probes for ever", 15, 0,
        {{0, 15, KEEPALIVE_PROBE}, {0, 30, KEEPALIVE_PROBE}, {0, 45, KEEPALIVE_PROBE},
            {0, 6000, KEEPALIVE_PROBE}}},
    {"late ticks are not made up for", 15, 2,
        {{0, 100, KEEPALIVE_PROBE}, {0, 101, KEEPALIVE_QUIET}, {0, 115, KEEPALIVE_PROBE},
            {0, 130, KEEPALIVE_GIVE_UP}}},
};

START_TEST(stories_end_as_told)
{
	struct keepalive keepalive;

	keepalive_init(&keepalive, stories[_i].interval_s * 1000, stories[_i].count_max, 0);
	for (size_t i = 0; i < COUNT_OF(stories[0].lines) && stories[_i].lines[i].now_s > 0; i++) {
		const struct line *line = &stories[_i].lines[i];
		enum keepalive_verdict got =
		    keepalive_tick(&keepalive, line->packets, line->now_s * 1000);

		ck_assert_msg(got == line->expect, "%s: at %lu got %d", stories[_i].why,
		    (unsigned long)line->now_s, got);
		if (got != KEEPALIVE_GIVE_UP)
			ck_assert(keepalive_deadline_ms(&keepalive) > line->now_s * 1000);
	}
}
END_TEST

SUITE("keepalive", LOOP_TEST(stories_end_as_told, COUNT_OF(stories)))
