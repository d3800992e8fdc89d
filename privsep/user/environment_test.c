#include "privsep/user/environment.h"
#include "tests/support/suite.h"

static const struct environment_facts plain = {
    .user = "alice",
    .home = "/home/alice",
    .shell = "/bin/bash",
    .client = "192.0.2.1 4022 22",
    .connection = "192.0.2.1 4022 192.0.2.2 22",
    .tty = "/dev/pts/3",
    .term = "xterm",
};

static const struct {
	const char *why;
	struct slice added;
	enum err expect;
} refused[] = {
    {"no equals sign", BYTES('A', 0), ERR_MALFORMED},
    {"no name", BYTES('=', 'x', 0), ERR_MALFORMED},
    {"not ended", BYTES('A', '=', 'x'), ERR_MALFORMED},
    {"empty entry", BYTES(0), ERR_MALFORMED},
};

START_TEST(malformed_lists_are_refused_whole)
{
	struct environment_facts facts = plain;
	struct environment environment;
	enum err got;

	facts.added = refused[_i].added;
	got = environment_build(&facts, &environment);
	ck_assert_msg(got == refused[_i].expect, "%s: got %s", refused[_i].why, err_name(got));
	ck_assert_uint_eq(environment.count, 0);
	ck_assert_ptr_null(environment.entries[0]);
}
END_TEST

START_TEST(too_many_entries_are_refused)
{
	AUTO(buf_wipe) struct buf list = buf_empty(1u << 20);
	struct environment_facts facts = plain;
	struct environment environment;

	for (unsigned i = 0; i <= ENVIRONMENT_ENTRIES_LIMIT; i++) {
		ck_assert_int_eq(buf_append_format(&list, "N%u=", i), ERR_OK);
		ck_assert_int_eq(buf_append(&list, BYTES(0)), ERR_OK);
	}
	facts.added = buf_view(&list);
	ck_assert_int_eq(environment_build(&facts, &environment), ERR_LIMIT);
}
END_TEST

START_TEST(what_says_where_from_cannot_be_overridden)
{
	static const char added[] = "SSH_CONNECTION=lie\0SSH_TTY=lie\0LANG=C\0HOME=/elsewhere";
	AUTO(environment_wipe) struct environment environment;
	struct environment_facts facts = plain;

	facts.added = slice_over(added, sizeof(added));
	ck_assert_int_eq(environment_build(&facts, &environment), ERR_OK);
	ck_assert_str_eq(environment_get(&environment, "SSH_CONNECTION"), plain.connection);
	ck_assert_str_eq(environment_get(&environment, "SSH_TTY"), plain.tty);
	ck_assert_str_eq(environment_get(&environment, "LANG"), "C");
	ck_assert_str_eq(environment_get(&environment, "HOME"), "/elsewhere");
	ck_assert_ptr_null(environment.entries[environment.count]);
}
END_TEST

START_TEST(nothing_is_inherited)
{
	AUTO(environment_wipe) struct environment environment;

	setenv("LD_PRELOAD", "x", 1);
	ck_assert_int_eq(environment_build(&plain, &environment), ERR_OK);
	ck_assert_ptr_null(environment_get(&environment, "LD_PRELOAD"));
	ck_assert_str_eq(environment_get(&environment, "MAIL"), "/var/mail/alice");
	ck_assert_ptr_null(environment_get(&environment, "TZ"));
}
END_TEST

SUITE("environment", LOOP_TEST(malformed_lists_are_refused_whole, COUNT_OF(refused)),
    TEST(too_many_entries_are_refused), TEST(what_says_where_from_cannot_be_overridden),
    TEST(nothing_is_inherited))
