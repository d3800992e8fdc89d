#include "config/tokens.h"
#include "tests/support/suite.h"

static const struct token tokens[] = {{'h', "/home/alice"}, {'u', "alice%u"}, {'U', "1000"}};

static const struct {
	const char *text, *expect;
} cases[] = {
    {"", ""},
    {".ssh/keys", ".ssh/keys"},
    {"%h/.ssh/%u", "/home/alice/.ssh/alice%u"},
    {"%%h%U%%", "%h1000%"},
};

START_TEST(tokens_are_replaced_once)
{
	AUTO(buf_wipe) struct buf out = buf_empty(4096);

	ck_assert_int_eq(tokens_expand(cases[_i].text, tokens, COUNT_OF(tokens), &out), ERR_OK);
	ck_assert(slice_is(buf_view(&out), cases[_i].expect));
}
END_TEST

START_TEST(unknown_tokens_are_refused)
{
	AUTO(buf_wipe) struct buf out = buf_empty(4096);
	AUTO(buf_wipe) struct buf small = buf_empty(5);

	ck_assert_int_eq(tokens_expand("%q", tokens, COUNT_OF(tokens), &out), ERR_MALFORMED);
	ck_assert_int_eq(tokens_expand("x%", tokens, COUNT_OF(tokens), &out), ERR_MALFORMED);
	ck_assert_int_eq(tokens_expand("%h", tokens, COUNT_OF(tokens), &small), ERR_LIMIT);
}
END_TEST

SUITE("tokens", LOOP_TEST(tokens_are_replaced_once, COUNT_OF(cases)),
    TEST(unknown_tokens_are_refused))
