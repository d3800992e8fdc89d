#include "sshd/wire/reader.h"
#include "tests/support/suite.h"

static const struct {
	const char *why;
	struct slice wire;
	enum err expect;
} strings[] = {
    {"no length", BYTES(0, 0, 0), ERR_TRUNCATED},
    {"content missing", BYTES(0, 0, 0, 2, 'h'), ERR_TRUNCATED},
    {"length past limit", BYTES(0, 0, 0, 5, 'a', 'b', 'c', 'd', 'e'), ERR_TOO_LONG},
    {"length past everything", BYTES(0xff, 0xff, 0xff, 0xff, 'a'), ERR_TOO_LONG},
    {"one byte too many", BYTES(0, 0, 0, 1, 'h', 0), ERR_TRAILING},
    {"at the limit", BYTES(0, 0, 0, 4, 'a', 'b', 'c', 'd'), ERR_OK},
    {"empty", BYTES(0, 0, 0, 0), ERR_OK},
};

START_TEST(read_string_checks_lengths)
{
	struct reader r = reader_over(strings[_i].wire);
	struct slice s = read_string(&r, 4);
	enum err got = reader_finish(&r);

	ck_assert_msg(got == strings[_i].expect, "%s: got %s", strings[_i].why, err_name(got));
	if (got == ERR_OK)
		ck_assert_uint_eq(s.len, strings[_i].wire.len - 4);
}
END_TEST

START_TEST(errors_stick_and_reads_give_nothing)
{
	struct reader r = reader_over(BYTES(1, 2, 3, 4, 5));

	reader_fail(&r, ERR_RANGE);
	reader_fail(&r, ERR_MALFORMED);
	ck_assert_uint_eq(read_u32(&r), 0);
	ck_assert_uint_eq(read_rest(&r).len, 0);
	ck_assert_int_eq(reader_finish(&r), ERR_RANGE);
}
END_TEST

START_TEST(a_half_read_u64_is_zero)
{
	struct reader r = reader_over(BYTES(1, 2, 3, 4, 5));

	ck_assert_uint_eq(read_u64(&r), 0);
	ck_assert_int_eq(reader_finish(&r), ERR_TRUNCATED);
}
END_TEST

SUITE("reader", LOOP_TEST(read_string_checks_lengths, COUNT_OF(strings)),
    TEST(errors_stick_and_reads_give_nothing), TEST(a_half_read_u64_is_zero))
