#include "privsep/monitor/conversation.h"
#include "tests/support/suite.h"

static const struct {
	const char *text, *expect;
} texts[] = {
    {"", ""},
    {"Password: ", "Password: "},
    {"two\nlines\tand a tab", "two\nlines\tand a tab"},
    {"\033[2Jclear\r\a\x7f\b", "[2Jclear"},
    {"umlaut \xc3\xa4", "umlaut \xc3\xa4"},
    {"0123456789abcdefghij", "0123456789abcdef"},
};

/* What a module says must not move a cursor. */
START_TEST(control_characters_are_dropped)
{
	AUTO(buf_wipe) struct buf out = buf_empty(64);

	if (texts[_i].text[0] == '0') {
		ck_assert_int_eq(conversation_clean(texts[_i].text, 16, &out), ERR_OK);
	} else {
		ck_assert_int_eq(conversation_clean(texts[_i].text, 64, &out), ERR_OK);
	}
	ck_assert(slice_is(buf_view(&out), texts[_i].expect));
}
END_TEST

SUITE("conversation", LOOP_TEST(control_characters_are_dropped, COUNT_OF(texts)))
