#include "sshd/base/buf.h"
#include "tests/support/suite.h"

START_TEST(the_limit_holds_to_the_byte)
{
	AUTO(buf_wipe) struct buf buf = buf_empty(10);
	struct span room = {(uint8_t *)"untouched", 4242};

	ck_assert_int_eq(buf_append_text(&buf, "0123456789"), ERR_OK);
	ck_assert_int_eq(buf_append_text(&buf, "x"), ERR_LIMIT);
	ck_assert_int_eq(buf_reserve(&buf, SIZE_MAX, &room), ERR_LIMIT);
	ck_assert_uint_eq(room.len, 4242);
	buf_consume(&buf, 4);
	ck_assert_int_eq(buf_append_text(&buf, "abcd"), ERR_OK);
	ck_assert(slice_is(buf_view(&buf), "456789abcd"));
}
END_TEST

START_TEST(a_room_never_passes_the_limit)
{
	AUTO(buf_wipe) struct buf buf = buf_empty(300);
	struct span room;

	ck_assert_int_eq(buf_reserve(&buf, 1, &room), ERR_OK);
	ck_assert_uint_ge(room.len, 1);
	ck_assert_uint_le(room.len, 300);
}
END_TEST

START_TEST(contents_survive_growth_and_consumption)
{
	AUTO(buf_wipe) struct buf buf = buf_empty(1u << 20);
	uint8_t byte = 0, expected = 0;

	/* Appends three and consumes two, so that every way of moving is taken. */
	for (unsigned i = 0; i < 30000; i++) {
		ck_assert_int_eq(buf_append(&buf, slice_over(&byte, 1)), ERR_OK);
		byte++;
		if (i % 3 == 2) {
			ck_assert_uint_eq(buf_view(&buf).ptr[0], expected);
			buf_consume(&buf, 2);
			expected = (uint8_t)(expected + 2);
		}
	}
	ck_assert_uint_eq(buf_len(&buf), 10000);
	ck_assert_uint_eq(buf_view(&buf).ptr[0], expected);
}
END_TEST

START_TEST(a_c_string_has_no_zero_inside)
{
	AUTO(buf_wipe) struct buf buf = buf_empty(16);
	const char *text = "untouched";

	ck_assert_int_eq(buf_append(&buf, BYTES('a', 0, 'b')), ERR_OK);
	ck_assert_int_eq(buf_c_string(&buf, &text), ERR_MALFORMED);
	ck_assert_str_eq(text, "untouched");
	buf_truncate(&buf, 1);
	ck_assert_int_eq(buf_c_string(&buf, &text), ERR_OK);
	ck_assert_str_eq(text, "a");
	ck_assert_uint_eq(buf_len(&buf), 1);
}
END_TEST

START_TEST(secrets_are_wiped_when_consumed)
{
	AUTO(buf_wipe) struct buf buf = buf_empty_secret(64);
	const uint8_t *at;

	ck_assert_int_eq(buf_append_text(&buf, "hunter2 and more"), ERR_OK);
	at = buf_view(&buf).ptr;
	buf_consume(&buf, 7);
	for (int i = 0; i < 7; i++)
		ck_assert_uint_eq(at[i], 0);
	buf_truncate(&buf, 2);
	ck_assert_uint_eq(at[9], 0);
}
END_TEST

SUITE("buf", TEST(the_limit_holds_to_the_byte), TEST(a_room_never_passes_the_limit),
    TEST(contents_survive_growth_and_consumption), TEST(a_c_string_has_no_zero_inside),
    TEST(secrets_are_wiped_when_consumed))
