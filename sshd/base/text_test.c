#include "sshd/base/text.h"
#include "tests/support/suite.h"

static const struct {
	const char *text;
	uint64_t max;
	enum err expect;
	uint64_t value;
} numbers[] = {
    {"", 9, ERR_MALFORMED, 0},
    {"-1", 9, ERR_MALFORMED, 0},
    {" 1", 9, ERR_MALFORMED, 0},
    {"1 ", 9, ERR_MALFORMED, 0},
    {"0x1", 99, ERR_MALFORMED, 0},
    {"10", 9, ERR_RANGE, 0},
    {"18446744073709551616", UINT64_MAX, ERR_RANGE, 0},
    {"99999999999999999999999", UINT64_MAX, ERR_RANGE, 0},
    {"18446744073709551615", UINT64_MAX, ERR_OK, UINT64_MAX},
    {"007", 9, ERR_OK, 7},
};

START_TEST(numbers_are_digits_within_range)
{
	uint64_t value = 4242;
	enum err got = text_parse_u64(slice_text(numbers[_i].text), numbers[_i].max, &value);

	ck_assert_msg(got == numbers[_i].expect, "%s: got %s", numbers[_i].text, err_name(got));
	ck_assert_uint_eq(value, got == ERR_OK ? numbers[_i].value : 4242);
}
END_TEST

static const struct {
	const char *text, *bytes;
	enum err expect;
} base64[] = {
    {"A", "", ERR_MALFORMED},
    {"AA=A", "", ERR_MALFORMED},
    {"Zg=", "", ERR_MALFORMED},
    {"Zg===", "", ERR_MALFORMED},
    {"====", "", ERR_MALFORMED},
    {"Zm9v\n", "", ERR_MALFORMED},
    {"Zm-v", "", ERR_MALFORMED},
    {"", "", ERR_OK},
    {"Zg==", "f", ERR_OK},
    {"Zg", "f", ERR_OK},
    {"Zm8=", "fo", ERR_OK},
    {"Zm9v", "foo", ERR_OK},
    {"Zm9vYmFy", "foobar", ERR_OK},
};

START_TEST(base64_is_decoded_strictly)
{
	AUTO(buf_wipe) struct buf out = buf_empty(64);
	enum err got = text_parse_base64(slice_text(base64[_i].text), &out);

	ck_assert_msg(got == base64[_i].expect, "%s: got %s", base64[_i].text, err_name(got));
	if (got == ERR_OK)
		ck_assert(slice_is(buf_view(&out), base64[_i].bytes));
}
END_TEST

START_TEST(base64_goes_round)
{
	for (size_t len = 0; len < 40; len++) {
		AUTO(buf_wipe) struct buf text = buf_empty(128);
		AUTO(buf_wipe) struct buf back = buf_empty(128);
		uint8_t bytes[40];

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 37 + len);
		ck_assert_int_eq(text_append_base64(&text, slice_over(bytes, len), len % 2 == 0), ERR_OK);
		ck_assert_int_eq(text_parse_base64(buf_view(&text), &back), ERR_OK);
		ck_assert(slice_equal(buf_view(&back), slice_over(bytes, len)));
	}
}
END_TEST

static const struct {
	const char *why;
	struct slice text;
	bool is_utf8;
} utf8[] = {
    {"a zero byte", BYTES('a', 0), false},
    {"a lone continuation", BYTES(0x80), false},
    {"cut short", BYTES(0xe2, 0x82), false},
    {"overlong slash", BYTES(0xc0, 0xaf), false},
    {"overlong in three", BYTES(0xe0, 0x80, 0xaf), false},
    {"a surrogate", BYTES(0xed, 0xa0, 0x80), false},
    {"past the last point", BYTES(0xf4, 0x90, 0x80, 0x80), false},
    {"five bytes", BYTES(0xf8, 0x88, 0x80, 0x80, 0x80), false},
    {"empty", {0}, true},
    {"euro sign", BYTES(0xe2, 0x82, 0xac), true},
    {"the last point", BYTES(0xf4, 0x8f, 0xbf, 0xbf), true},
};

START_TEST(utf8_is_checked_whole)
{
	ck_assert_msg(text_is_utf8(utf8[_i].text) == utf8[_i].is_utf8, "%s", utf8[_i].why);
}
END_TEST

START_TEST(peer_text_is_made_safe)
{
	AUTO(buf_wipe) struct buf out = buf_empty(256);

	ck_assert_int_eq(text_append_escaped(&out, BYTES('a', '\\', '\n', 0x1b, 0x7f, 0xff, 'b'), 100), ERR_OK);
	ck_assert(slice_is(buf_view(&out), "a\\\\\\012\\033\\177\\377b"));
	buf_truncate(&out, 0);
	ck_assert_int_eq(text_append_escaped(&out, LITERAL("abcdef"), 3), ERR_OK);
	ck_assert(slice_is(buf_view(&out), "abc..."));
}
END_TEST

SUITE("text", LOOP_TEST(numbers_are_digits_within_range, COUNT_OF(numbers)),
    LOOP_TEST(base64_is_decoded_strictly, COUNT_OF(base64)), TEST(base64_goes_round),
    LOOP_TEST(utf8_is_checked_whole, COUNT_OF(utf8)), TEST(peer_text_is_made_safe))
