#include "sshd/listener/admission.h"
#include "tests/support/suite.h"

static const struct source here = {.address = {192, 0, 2, 1}, .bits = 32};
static const struct source there = {.address = {192, 0, 2, 2}, .bits = 32};

static struct admission admission_with(struct admission_policy policy, size_t count)
{
	struct admission admission = {.policy = policy};

	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(admission_begin(&admission, i + 1, &here), ERR_OK);
	return admission;
}

static const struct {
	const char *why;
	size_t startups;
	struct admission_policy policy;
	unsigned random_percent;
	enum admission_answer expect;
} cases[] = {
    {"full, whatever is drawn", 100, {10, 30, 100, PER_SOURCE_UNLIMITED}, 99, REFUSED_FULL},
    {"past full after a reload", 200, {10, 30, 100, PER_SOURCE_UNLIMITED}, 99, REFUSED_FULL},
    {"nobody may come", 0, {0, 30, 0, PER_SOURCE_UNLIMITED}, 99, REFUSED_FULL},
    {"at begin, unlucky", 10, {10, 30, 100, PER_SOURCE_UNLIMITED}, 29, REFUSED_FULL},
    {"half way it is 65 per cent, unlucky", 55, {10, 30, 100, PER_SOURCE_UNLIMITED}, 64, REFUSED_FULL},
    {"rate 100 refuses from begin on", 10, {10, 100, 20, PER_SOURCE_UNLIMITED}, 99, REFUSED_FULL},
    {"one number: begin is full", 5, {5, 100, 5, PER_SOURCE_UNLIMITED}, 99, REFUSED_FULL},
    {"this source has its share", 3, {10, 30, 100, 3}, 99, REFUSED_PER_SOURCE},
    {"this source may have none", 0, {10, 30, 100, 0}, 99, REFUSED_PER_SOURCE},
    {"one below its share", 2, {10, 30, 100, 3}, 0, ADMITTED},
    {"below begin, whatever is drawn", 9, {10, 30, 100, PER_SOURCE_UNLIMITED}, 0, ADMITTED},
    {"at begin, lucky", 10, {10, 30, 100, PER_SOURCE_UNLIMITED}, 30, ADMITTED},
    {"half way, lucky", 55, {10, 30, 100, PER_SOURCE_UNLIMITED}, 65, ADMITTED},
    {"one before full, lucky", 99, {10, 30, 100, PER_SOURCE_UNLIMITED}, 99, ADMITTED},
};

START_TEST(admission_answers)
{
	AUTO(admission_wipe) struct admission admission =
	    admission_with(cases[_i].policy, cases[_i].startups);

	ck_assert_msg(admission_ask(&admission, &here, cases[_i].random_percent) == cases[_i].expect, "%s",
	    cases[_i].why);
}
END_TEST

START_TEST(sources_do_not_count_for_each_other)
{
	AUTO(admission_wipe) struct admission admission =
	    admission_with((struct admission_policy){10, 30, 100, 2}, 2);

	ck_assert_int_eq(admission_ask(&admission, &here, 0), REFUSED_PER_SOURCE);
	ck_assert_int_eq(admission_ask(&admission, &there, 0), ADMITTED);
}
END_TEST

START_TEST(who_leaves_makes_room)
{
	AUTO(admission_wipe) struct admission admission =
	    admission_with((struct admission_policy){10, 30, 100, 2}, 2);

	admission_end(&admission, 4242);
	ck_assert_uint_eq(admission.count, 2);
	admission_end(&admission, 1);
	admission_end(&admission, 1);
	ck_assert_uint_eq(admission.count, 1);
	ck_assert_int_eq(admission_ask(&admission, &here, 0), ADMITTED);
}
END_TEST

SUITE("admission", LOOP_TEST(admission_answers, COUNT_OF(cases)),
    TEST(sources_do_not_count_for_each_other), TEST(who_leaves_makes_room))
