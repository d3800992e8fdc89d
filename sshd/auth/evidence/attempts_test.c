#include "sshd/auth/evidence/attempts.h"
#include "tests/support/suite.h"

static enum verdict refused(struct attempts *attempts, enum auth_method method)
{
	return attempts_count(attempts, method, RESULT_FAILED, false);
}

START_TEST(the_last_allowed_failure_ends_the_connection)
{
	struct attempts attempts = {.limit = 3};

	ck_assert_int_eq(refused(&attempts, METHOD_PASSWORD), PERMIT);
	ck_assert_int_eq(refused(&attempts, METHOD_PASSWORD), PERMIT);
	ck_assert_int_eq(refused(&attempts, METHOD_PASSWORD), DENY);
}
END_TEST

START_TEST(only_the_first_none_is_free)
{
	struct attempts attempts = {.limit = 1};

	ck_assert_int_eq(refused(&attempts, METHOD_NONE), PERMIT);
	ck_assert_int_eq(refused(&attempts, METHOD_NONE), DENY);
	attempts = (struct attempts){.limit = 2};
	ck_assert_int_eq(refused(&attempts, METHOD_PASSWORD), PERMIT);
	ck_assert_int_eq(refused(&attempts, METHOD_NONE), DENY);
}
END_TEST

START_TEST(a_refused_question_is_a_failure)
{
	struct attempts attempts = {.limit = 2};

	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true), PERMIT);
	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true), DENY);
}
END_TEST

START_TEST(questions_answered_yes_have_a_limit_too)
{
	struct attempts attempts = {.limit = 2};

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_POSTPONED, true), PERMIT);
	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_POSTPONED, true), DENY);
	attempts = (struct attempts){.limit = 2, .queries_limit = 1};
	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_POSTPONED, true), PERMIT);
	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_POSTPONED, true), DENY);
}
END_TEST

START_TEST(queries_may_be_counted_apart)
{
	struct attempts attempts = {.limit = 1, .queries_limit = 3};

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true), PERMIT);
	ck_assert_uint_eq(attempts.failures, 0);
	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true), DENY);
	attempts = (struct attempts){.limit = 1, .queries_limit = 3};
	ck_assert_int_eq(refused(&attempts, METHOD_PUBLICKEY), DENY);
}
END_TEST

START_TEST(partial_success_costs_nothing)
{
	struct attempts attempts = {.limit = 1};

	ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_PARTIAL, false), PERMIT);
	ck_assert_uint_eq(attempts.failures, 0);
}
END_TEST

START_TEST(repeated_failures_are_shown_sooner)
{
	struct attempts attempts = {.limit = 6};

	ck_assert(!attempts_deserve_notice(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true));
	ck_assert(attempts_deserve_notice(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, false));
	ck_assert(attempts_deserve_notice(&attempts, METHOD_PASSWORD, RESULT_FAILED, true));
	ck_assert(attempts_deserve_notice(&attempts, METHOD_PUBLICKEY, RESULT_ACCEPTED, true));
	/* Keys that were only asked about are no reason yet, three bad signatures are. */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(attempts_count(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true), PERMIT);
	ck_assert(!attempts_deserve_notice(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true));
	attempts = (struct attempts){.limit = 6};
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(refused(&attempts, METHOD_PUBLICKEY), PERMIT);
	ck_assert(attempts_deserve_notice(&attempts, METHOD_PUBLICKEY, RESULT_FAILED, true));
}
END_TEST

SUITE("attempts", TEST(the_last_allowed_failure_ends_the_connection), TEST(only_the_first_none_is_free),
    TEST(a_refused_question_is_a_failure), TEST(questions_answered_yes_have_a_limit_too),
    TEST(queries_may_be_counted_apart), TEST(partial_success_costs_nothing), TEST(repeated_failures_are_shown_sooner))
