#include "sshd/auth/evidence/restrictions.h"
#include "tests/support/suite.h"

START_TEST(a_set_only_shrinks)
{
	/* Every pair of sets of four representative permissions. */
	static const uint32_t bits[] = {MAY_HAVE_PTY, MAY_FORWARD_AGENT, MAY_OPEN_TCP, MAY_TUNNEL_ETHERNET};

	for (unsigned a = 0; a < 16; a++) {
		for (unsigned b = 0; b < 16; b++) {
			AUTO(restrictions_wipe) struct restrictions first = restrictions_none();
			AUTO(restrictions_wipe) struct restrictions second = restrictions_none();
			enum verdict verdict = DENY;

			first.permitted = second.permitted = 0;
			for (unsigned i = 0; i < 4; i++) {
				first.permitted |= a & 1u << i ? bits[i] : 0;
				second.permitted |= b & 1u << i ? bits[i] : 0;
			}
			ck_assert_int_eq(restrictions_narrow(&first, &second, &verdict), ERR_OK);
			ck_assert_int_eq(verdict, PERMIT);
			for (unsigned i = 0; i < 4; i++)
				ck_assert_int_eq((first.permitted & bits[i]) != 0, (a & b & 1u << i) != 0);
		}
	}
}
END_TEST

static const struct {
	const char *why;
	const char *first, *second;
	enum verdict expect;
	const char *command;
} commands[] = {
    {"none at all", NULL, NULL, PERMIT, NULL},
    {"only the first", "a", NULL, PERMIT, "a"},
    {"only the second", NULL, "b", PERMIT, "b"},
    {"the same twice", "a", "a", PERMIT, "a"},
    {"two that differ", "a", "b", DENY, NULL},
    {"one begins like the other", "ab", "a", DENY, NULL},
    {"an empty command is a command", "", "a", DENY, NULL},
};

static void force(struct restrictions *set, const char *command)
{
	if (command == NULL)
		return;
	set->has_command = true;
	ck_assert_int_eq(buf_append_text(&set->command, command), ERR_OK);
}

START_TEST(two_commands_must_be_one)
{
	AUTO(restrictions_wipe) struct restrictions first = restrictions_none();
	AUTO(restrictions_wipe) struct restrictions second = restrictions_none();
	enum verdict verdict = PERMIT;

	force(&first, commands[_i].first);
	force(&second, commands[_i].second);
	ck_assert_int_eq(restrictions_narrow(&first, &second, &verdict), ERR_OK);
	ck_assert_msg(verdict == commands[_i].expect, "%s", commands[_i].why);
	if (verdict != PERMIT)
		ck_assert_uint_eq(first.permitted, 0);
	else if (commands[_i].command != NULL)
		ck_assert_msg(first.has_command && slice_is(buf_view(&first.command), commands[_i].command),
		    "%s", commands[_i].why);
	else
		ck_assert(!first.has_command);
}
END_TEST

START_TEST(lists_of_both_stay)
{
	AUTO(restrictions_wipe) struct restrictions first = restrictions_none();
	AUTO(restrictions_wipe) struct restrictions second = restrictions_none();
	enum verdict verdict = DENY;

	ck_assert_int_eq(restrictions_add_endpoint(&first.opens, LITERAL("a:1")), ERR_OK);
	ck_assert_int_eq(restrictions_add_endpoint(&second.opens, LITERAL("b:2")), ERR_OK);
	ck_assert_int_eq(restrictions_add_endpoint(&second.opens, LITERAL("c:3")), ERR_OK);
	ck_assert_int_eq(restrictions_narrow(&first, &second, &verdict), ERR_OK);
	ck_assert_uint_eq(first.opens.count, 2);
	ck_assert(slice_equal(buf_view(&first.opens.lists[0]), LITERAL("a:1\0")));
	ck_assert(slice_equal(buf_view(&first.opens.lists[1]), LITERAL("b:2\0c:3\0")));
	ck_assert_uint_eq(first.listens.count, 0);
}
END_TEST

START_TEST(too_many_sources_permit_nothing)
{
	AUTO(restrictions_wipe) struct restrictions set = restrictions_none();
	AUTO(restrictions_wipe) struct restrictions one = restrictions_none();
	enum verdict verdict = PERMIT;

	ck_assert_int_eq(restrictions_add_endpoint(&one.listens, LITERAL("1")), ERR_OK);
	for (unsigned i = 0; i < RESTRICTION_LISTS_LIMIT; i++)
		ck_assert_int_eq(restrictions_narrow(&set, &one, &verdict), ERR_OK);
	ck_assert_int_eq(restrictions_narrow(&set, &one, &verdict), ERR_LIMIT);
	ck_assert_int_eq(verdict, DENY);
	ck_assert_uint_eq(set.permitted, 0);
}
END_TEST

START_TEST(different_tunnels_are_no_tunnel)
{
	AUTO(restrictions_wipe) struct restrictions first = restrictions_none();
	AUTO(restrictions_wipe) struct restrictions second = restrictions_none();
	enum verdict verdict = DENY;

	second.tunnel_unit = 2;
	ck_assert_int_eq(restrictions_narrow(&first, &second, &verdict), ERR_OK);
	ck_assert_uint_eq(first.tunnel_unit, 2);
	ck_assert(first.permitted & MAY_TUNNEL_ETHERNET);
	second.tunnel_unit = 3;
	ck_assert_int_eq(restrictions_narrow(&first, &second, &verdict), ERR_OK);
	ck_assert_uint_eq(first.permitted & (MAY_TUNNEL_ETHERNET | MAY_TUNNEL_POINT_TO_POINT), 0);
}
END_TEST

START_TEST(the_first_value_of_a_name_counts)
{
	AUTO(restrictions_wipe) struct restrictions set = restrictions_none();

	ck_assert_int_eq(restrictions_add_environment(&set, LITERAL("=x")), ERR_MALFORMED);
	ck_assert_int_eq(restrictions_add_environment(&set, LITERAL("no equals")), ERR_MALFORMED);
	ck_assert_int_eq(restrictions_add_environment(&set, LITERAL("A=1\0B")), ERR_MALFORMED);
	ck_assert_int_eq(restrictions_add_environment(&set, LITERAL("A=1")), ERR_OK);
	ck_assert_int_eq(restrictions_add_environment(&set, LITERAL("A=2")), ERR_OK);
	ck_assert_int_eq(restrictions_add_environment(&set, LITERAL("AB=3")), ERR_OK);
	ck_assert(slice_equal(buf_view(&set.environment), LITERAL("A=1\0AB=3\0")));
}
END_TEST

static const struct {
	const char *text;
	bool takes_bare_port;
	enum err expect;
	const char *host;
	uint16_t port;
} endpoints[] = {
    {"", true, ERR_MALFORMED, "", 0},
    {"host", true, ERR_MALFORMED, "", 0},
    {"host:", true, ERR_MALFORMED, "", 0},
    {":80", true, ERR_MALFORMED, "", 0},
    {"host:0", true, ERR_MALFORMED, "", 0},
    {"host:65536", true, ERR_MALFORMED, "", 0},
    {"host:80x", true, ERR_MALFORMED, "", 0},
    {"::1:80", true, ERR_MALFORMED, "", 0},
    {"[::1]", true, ERR_MALFORMED, "", 0},
    {"[::1]80", true, ERR_MALFORMED, "", 0},
    {"[]:80", true, ERR_MALFORMED, "", 0},
    {"80", false, ERR_MALFORMED, "", 0},
    {"80", true, ERR_OK, "*", 80},
    {"*", true, ERR_OK, "*", 0},
    {"host:80", false, ERR_OK, "host", 80},
    {"host:*", false, ERR_OK, "host", 0},
    {"[::1]:80", false, ERR_OK, "::1", 80},
};

START_TEST(endpoints_are_parsed_strictly)
{
	struct slice host = LITERAL("untouched");
	uint16_t port = 4242;
	enum err got = endpoint_parse(slice_text(endpoints[_i].text), endpoints[_i].takes_bare_port, &host, &port);

	ck_assert_msg(got == endpoints[_i].expect, "%s: got %s", endpoints[_i].text, err_name(got));
	ck_assert_msg(slice_is(host, got == ERR_OK ? endpoints[_i].host : "untouched"), "%s", endpoints[_i].text);
	ck_assert_uint_eq(port, got == ERR_OK ? endpoints[_i].port : 4242);
}
END_TEST

SUITE("restrictions", TEST(a_set_only_shrinks), LOOP_TEST(two_commands_must_be_one, COUNT_OF(commands)),
    TEST(lists_of_both_stay), TEST(too_many_sources_permit_nothing), TEST(different_tunnels_are_no_tunnel),
    TEST(the_first_value_of_a_name_counts), LOOP_TEST(endpoints_are_parsed_strictly, COUNT_OF(endpoints)))
