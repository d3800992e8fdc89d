#include "config/pending.h"

#include "sshd/base/auto.h"
#include "tests/support/suite.h"

static const struct pending whole = {.target = LITERAL("/etc/ssh/sshd_config"),
    .deadline_s = 1000,
    .wait_s = 120,
    .mode = 0644,
    .before = LITERAL("Port 22\n"),
    .after = LITERAL("Port 2222\n")};

START_TEST(a_record_is_read_as_it_was_written)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(4096);
	struct pending got = {0};

	ck_assert_int_eq(pending_encode(&whole, &bytes), ERR_OK);
	ck_assert_int_eq(pending_parse(buf_view(&bytes), &got), ERR_OK);
	ck_assert(slice_equal(got.target, whole.target));
	ck_assert(slice_equal(got.before, whole.before));
	ck_assert(slice_equal(got.after, whole.after));
	ck_assert_uint_eq(got.deadline_s, 1000);
	ck_assert_uint_eq(got.wait_s, 120);
	ck_assert_uint_eq(got.mode, 0644);
}
END_TEST

START_TEST(a_part_of_a_record_is_none)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(4096);
	struct pending got = {.wait_s = 4242};

	ck_assert_int_eq(pending_encode(&whole, &bytes), ERR_OK);
	for (size_t len = 0; len < buf_len(&bytes); len++)
		ck_assert_int_ne(pending_parse(slice_first(buf_view(&bytes), len), &got), ERR_OK);
	ck_assert_int_eq(buf_append_text(&bytes, "x"), ERR_OK);
	ck_assert_int_eq(pending_parse(buf_view(&bytes), &got), ERR_TRAILING);
	ck_assert_uint_eq(got.wait_s, 4242);
}
END_TEST

START_TEST(no_clock_makes_the_wait_longer)
{
	static const struct { const char *why; uint64_t now_s, left_s; } cases[] = {
	    {"overdue for long", 5000, 0},
	    {"at the deadline", 1000, 0},
	    {"a second before", 999, 1},
	    {"at the beginning", 880, 120},
	    {"the clock was set back", 3, 120},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		ck_assert_msg(pending_left_s(&whole, cases[i].now_s) == cases[i].left_s, "%s", cases[i].why);
}
END_TEST

START_TEST(each_configuration_has_names_of_its_own)
{
	char name[PENDING_NAME_SIZE], path[PENDING_PATH_LIMIT + 2];

	ck_assert_int_eq(pending_name("/etc/ssh/sshd_config", PENDING_RECORD, name), ERR_OK);
	ck_assert_str_eq(name, "etc-ssh-sshd_config.pending");
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	ck_assert_int_eq(pending_name(path, PENDING_RECORD, name), ERR_TOO_LONG);
}
END_TEST

SUITE("pending", TEST(a_record_is_read_as_it_was_written), TEST(a_part_of_a_record_is_none),
    TEST(no_clock_makes_the_wait_longer), TEST(each_configuration_has_names_of_its_own))
