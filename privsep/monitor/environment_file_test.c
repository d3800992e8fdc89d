#include <stdio.h>

#include "privsep/monitor/environment_file.h"
#include "tests/support/suite.h"

/* What is read, as "[name|value]" one behind the other. */
static const struct { const char *why; struct slice text; const char *expect; } cases[] = {
	{ "nothing at all",          { 0 },                          "" },
	{ "empty lines",             LITERAL("\n \n\t\n"),      "" },
	{ "comments",                LITERAL("#A=1\n  # B=2\n"), "" },
	{ "no assignment",           LITERAL("A\nexport\n"),    "" },
	{ "no name",                 LITERAL("=1\n"),           "" },
	{ "a zero byte",             LITERAL("A=1\0B=2\n"),     "" },
	{ "one",                     LITERAL("A=1\n"),          "[A|1]" },
	{ "without a last newline",  LITERAL("A=1\nB=2"),       "[A|1][B|2]" },
	{ "indented",                LITERAL(" \tA=1\n"),       "[A|1]" },
	{ "quotes are not taken off", LITERAL("A=\"1 2\"\n"),   "[A|\"1 2\"]" },
	{ "blanks at the end stay",  LITERAL("A= 1 \n"),        "[A| 1 ]" },
	{ "an equals sign in it",    LITERAL("A=b=c\n"),        "[A|b=c]" },
	{ "an empty value",          LITERAL("A=\n"),           "[A|]" },
	{ "good ones after bad",     LITERAL("x\n\nA=1\n"),     "[A|1]" },
};

START_TEST(assignments_are_taken)
{
	struct slice rest = cases[_i].text, name, value;
	char got[256] = "";
	size_t len = 0;

	while (environment_file_next(&rest, &name, &value))
		len += (size_t)snprintf(got + len, sizeof(got) - len, "[%.*s|%.*s]", (int)name.len,
		    (const char *)name.ptr, (int)value.len, (const char *)value.ptr);
	ck_assert_msg(strcmp(got, cases[_i].expect) == 0, "%s: got %s", cases[_i].why, got);
	ck_assert_uint_eq(rest.len, 0);
}
END_TEST

SUITE("environment_file", LOOP_TEST(assignments_are_taken, COUNT_OF(cases)))
