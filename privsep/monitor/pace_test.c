#include "privsep/monitor/pace.h"
#include "tests/support/suite.h"

START_TEST(a_burst_is_free_and_then_one_a_second)
{
	struct pace pace = pace_begin(3, 1000, 5000);

	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(pace_take(&pace, 5000), 0);
	ck_assert_uint_eq(pace_take(&pace, 5000), 1000);
	ck_assert_uint_eq(pace_take(&pace, 5000), 2000);
	/* Whoever waited as told pays for nobody else. */
	ck_assert_uint_eq(pace_take(&pace, 7000), 1000);
	ck_assert_uint_eq(pace_take(&pace, 8600), 400);
}
END_TEST

START_TEST(what_is_saved_has_a_limit)
{
	struct pace pace = pace_begin(2, 1000, 0);

	ck_assert_uint_eq(pace_take(&pace, 1000000), 0);
	ck_assert_uint_eq(pace_take(&pace, 1000000), 0);
	ck_assert_uint_eq(pace_take(&pace, 1000000), 1000);
}
END_TEST

START_TEST(a_try_takes_nothing_that_is_not_there)
{
	struct pace pace = pace_begin(1, 50, 0);

	ck_assert(pace_try(&pace, 0));
	ck_assert(!pace_try(&pace, 0));
	ck_assert(!pace_try(&pace, 49));
	ck_assert(pace_try(&pace, 50));
	ck_assert(!pace_try(&pace, 50));
}
END_TEST

START_TEST(a_clock_that_stands_still_or_goes_back_gives_nothing)
{
	struct pace pace = pace_begin(1, 1000, 5000);

	ck_assert_uint_eq(pace_take(&pace, 5000), 0);
	ck_assert_uint_eq(pace_take(&pace, 4000), 2000);
}
END_TEST

static const struct {
	const char *why;
	uint64_t asked, now, wanted, due;
} replies[] = {
    {"at once", 1000, 1000, 0, 2000},
    {"just in time", 1000, 2000, 0, 2000},
    {"a little late: the next step", 1000, 2001, 0, 2501},
    {"on a step", 1000, 2501, 0, 2501},
    {"very late", 1000, 9999, 0, 10016},
    {"a delay below the base", 1000, 1000, 700, 2000},
    {"a delay above it", 1000, 1000, 2000, 3002},
    {"a delay between steps", 1000, 1000, 2100, 3503},
    {"later than the delay", 1000, 4200, 2000, 4505},
    {"a clock that went back", 1000, 900, 0, 2000},
};

START_TEST(refusals_leave_on_a_grid)
{
	ck_assert_msg(reply_due_ms(GRID_OF_ATTEMPTS(1000), replies[_i].asked, replies[_i].now, replies[_i].wanted) ==
		replies[_i].due, "%s", replies[_i].why);
}
END_TEST

/* I13: never before the answer is known, and the same moment for all that are quicker than a step. */
START_TEST(quick_answers_cannot_be_told_apart)
{
	for (uint64_t now = 0; now <= 1000; now++)
		ck_assert_uint_eq(reply_due_ms(GRID_OF_ATTEMPTS(1000), 0, now, 0), 1000);
	ck_assert_uint_ge(reply_due_ms(GRID_OF_ATTEMPTS(0), 5, 7, 0), 7);
	for (uint64_t now = 0; now < 5000; now += 7)
		ck_assert_uint_ge(reply_due_ms(GRID_OF_QUERIES, 0, now, 0), now);
}
END_TEST

SUITE("pace", TEST(a_burst_is_free_and_then_one_a_second), TEST(what_is_saved_has_a_limit),
    TEST(a_try_takes_nothing_that_is_not_there), TEST(a_clock_that_stands_still_or_goes_back_gives_nothing),
    LOOP_TEST(refusals_leave_on_a_grid, COUNT_OF(replies)), TEST(quick_answers_cannot_be_told_apart))
