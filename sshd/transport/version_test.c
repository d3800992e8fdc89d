#include "sshd/transport/version.h"
#include "tests/support/suite.h"

#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10
#define X245 X50 X50 X50 X50 X10 X10 X10 X10 "xxxxx"

static const struct {
	const char *why;
	struct slice input;
	enum err expect;
	const char *text;
} cases[] = {
    {"something else", LITERAL("GET / HTTP/1.0\r\n"), ERR_VERSION, NULL},
    {"wrong from the first byte, without an end", LITERAL("X"), ERR_VERSION, NULL},
    {"wrong from the fourth byte", LITERAL("SSHX"), ERR_VERSION, NULL},
    {"lower case", LITERAL("ssh-2.0-x\r\n"), ERR_VERSION, NULL},
    {"a line before it", LITERAL("hello\r\nSSH-2.0-x\r\n"), ERR_VERSION, NULL},
    {"an empty line before it", LITERAL("\r\nSSH-2.0-x\r\n"), ERR_VERSION, NULL},
    {"no protocol version", LITERAL("SSH-\r\n"), ERR_VERSION, NULL},
    {"an end too early", LITERAL("SSH\r\n"), ERR_VERSION, NULL},
    {"no software version", LITERAL("SSH-2.0\r\n"), ERR_VERSION, NULL},
    {"no number", LITERAL("SSH-two-x\r\n"), ERR_VERSION, NULL},
    {"nothing between the dashes", LITERAL("SSH--x\r\n"), ERR_VERSION, NULL},
    {"a zero byte", LITERAL("SSH-2.0-x\0y\r\n"), ERR_VERSION, NULL},
    {"a carriage return inside", LITERAL("SSH-2.0-x\ry\r\n"), ERR_VERSION, NULL},
    {"two carriage returns", LITERAL("SSH-2.0-x\r\r\n"), ERR_VERSION, NULL},
    {"256 bytes with the end", LITERAL("SSH-2.0-" X245 "x\r\n"), ERR_VERSION, NULL},
    {"255 bytes without an end", LITERAL("SSH-2.0-" X245 "xx"), ERR_VERSION, NULL},
    {"major version 1", LITERAL("SSH-1.5-old\r\n"), ERR_UNSUPPORTED, NULL},
    {"major version 3", LITERAL("SSH-3.0-new\r\n"), ERR_UNSUPPORTED, NULL},
    {"nothing yet", LITERAL(""), ERR_AGAIN, NULL},
    {"a good beginning", LITERAL("SS"), ERR_AGAIN, NULL},
    {"254 bytes without an end", LITERAL("SSH-2.0-" X245 "x"), ERR_AGAIN, NULL},
    {"CR without LF yet", LITERAL("SSH-2.0-x\r"), ERR_AGAIN, NULL},
    {"as the RFC says", LITERAL("SSH-2.0-x\r\n"), ERR_OK, "SSH-2.0-x"},
    {"LF alone", LITERAL("SSH-2.0-x\n"), ERR_OK, "SSH-2.0-x"},
    {"1.99", LITERAL("SSH-1.99-x\n"), ERR_OK, "SSH-1.99-x"},
    {"a comment with spaces and brackets", LITERAL("SSH-2.0-phpseclib_3.0 (openssl, gmp)\r\n"),
        ERR_OK, "SSH-2.0-phpseclib_3.0 (openssl, gmp)"},
    {"an empty software version", LITERAL("SSH-2.0-\r\n"), ERR_OK, "SSH-2.0-"},
    {"255 bytes with the end", LITERAL("SSH-2.0-" X245 "\r\n"), ERR_OK, "SSH-2.0-" X245},
    {"a packet right behind it", LITERAL("SSH-2.0-x\r\n\0\0\1\2"), ERR_OK, "SSH-2.0-x"},
};

START_TEST(lines_are_checked)
{
	struct version_line line = {.line_len = 4242};
	enum err got = version_parse(cases[_i].input, &line);

	ck_assert_msg(got == cases[_i].expect, "%s: got %s", cases[_i].why, err_name(got));
	if (got != ERR_OK) {
		ck_assert_uint_eq(line.line_len, 4242);
		return;
	}
	ck_assert(slice_is(line.text, cases[_i].text));
	ck_assert_uint_eq(cases[_i].input.ptr[line.line_len - 1], '\n');
}
END_TEST

/* What is refused is refused as soon as the byte that spoils it is here; nothing changes later. */
START_TEST(verdicts_do_not_change_with_more_bytes)
{
	enum err before = ERR_AGAIN;

	for (size_t len = 0; len <= cases[_i].input.len; len++) {
		struct version_line line;
		enum err got = version_parse(slice_first(cases[_i].input, len), &line);

		ck_assert_msg(before == ERR_AGAIN || got == before, "%s at %zu: %s after %s",
		    cases[_i].why, len, err_name(got), err_name(before));
		before = got;
	}
}
END_TEST

SUITE("version", LOOP_TEST(lines_are_checked, COUNT_OF(cases)),
    LOOP_TEST(verdicts_do_not_change_with_more_bytes, COUNT_OF(cases)))
