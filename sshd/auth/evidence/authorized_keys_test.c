#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/base/text.h"
#include "tests/support/suite.h"

/* Blobs of the right shape: string type, string of 32 bytes. */
#define BLOB(byte) "\0\0\0\x0bssh-ed25519\0\0\0\x20" byte byte byte byte byte byte byte byte                    \
	byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte  \
	    byte byte byte byte byte byte
static const struct slice blob_a = {(const uint8_t *)BLOB("a"), 51};
static const struct slice blob_b = {(const uint8_t *)BLOB("b"), 51};

static void add_line(struct buf *file, const char *options, struct slice blob, const char *comment)
{
	ck_assert_int_eq(buf_append_text(file, options), ERR_OK);
	ck_assert_int_eq(buf_append_text(file, *options ? " ssh-ed25519 " : "ssh-ed25519 "), ERR_OK);
	ck_assert_int_eq(text_append_base64(file, blob, true), ERR_OK);
	ck_assert_int_eq(buf_append_text(file, comment), ERR_OK);
	ck_assert_int_eq(buf_append_text(file, "\n"), ERR_OK);
}

/* ----------------------------------------------------------------- options */

static const struct {
	const char *why;
	const char *text;
} bad_options[] = {
    {"an unknown option", "nonsense"},
    {"an unknown option behind a known one", "no-pty,nonsense"},
    {"a known name goes on", "no-ptyx"},
    {"no- where there is none", "no-restrict"},
    {"no- in front of a value", "no-command=\"x\""},
    {"a flag with a value", "no-pty=\"x\""},
    {"a value without quotes", "command=ls"},
    {"a quote that does not end", "command=\"ls"},
    {"a quote that ends in a backslash", "command=\"ls\\\""},
    {"something behind the quote", "command=\"ls\"x"},
    {"a comma at the end", "no-pty,"},
    {"two commas", "no-pty,,no-user-rc"},
    {"command twice", "command=\"a\",command=\"a\""},
    {"from twice", "from=\"a\",from=\"b\""},
    {"an empty from", "from=\"\""},
    {"principals twice", "principals=\"a\",principals=\"b\""},
    {"a command without a value", "command"},
    {"environment without a name", "environment=\"=x\""},
    {"environment without a value", "environment=\"x\""},
    {"environment with a strange name", "environment=\"A B=x\""},
    {"permitopen without a port", "permitopen=\"host\""},
    {"permitopen of a bare port", "permitopen=\"80\""},
    {"permitlisten of nothing", "permitlisten=\"\""},
    {"a tunnel that is no number", "tunnel=\"x\""},
    {"a date too short", "expiry-time=\"2026010\""},
    {"a date that does not exist", "expiry-time=\"20260231\""},
    {"an hour that does not exist", "expiry-time=\"202601012400\""},
    {"a date with letters", "expiry-time=\"2026o101\""},
};

START_TEST(a_bad_option_spoils_the_line)
{
	struct key_options options = {.is_authority = true};
	const char *complaint = NULL;

	ck_assert_msg(key_options_parse(slice_text(bad_options[_i].text), NULL, &options, &complaint) ==
		ERR_MALFORMED, "%s", bad_options[_i].why);
	ck_assert_ptr_nonnull(complaint);
	ck_assert(options.is_authority);
}
END_TEST

static const struct {
	const char *text;
	uint32_t permitted;
} flags[] = {
    {"", MAY_EVERYTHING},
    {"no-pty", MAY_EVERYTHING & ~(uint32_t)MAY_HAVE_PTY},
    {"NO-PTY", MAY_EVERYTHING & ~(uint32_t)MAY_HAVE_PTY},
    {"no-agent-forwarding", MAY_EVERYTHING & ~(uint32_t)MAY_FORWARD_AGENT},
    {"no-X11-forwarding", MAY_EVERYTHING & ~(uint32_t)MAY_FORWARD_X11},
    {"no-user-rc", MAY_EVERYTHING & ~(uint32_t)MAY_RUN_USER_RC},
    {"no-port-forwarding", MAY_EVERYTHING & ~(uint32_t)MAY_FORWARD_PORTS},
    {"restrict", 0},
    {"pty,restrict", 0},
    {"restrict,pty", MAY_HAVE_PTY},
    {"restrict,port-forwarding", MAY_FORWARD_PORTS},
    {"restrict,X11-forwarding,agent-forwarding", MAY_FORWARD_X11 | MAY_FORWARD_AGENT},
    {"no-pty,pty", MAY_EVERYTHING},
    {"restrict,tunnel=\"1\"", 0},
};

START_TEST(flags_make_the_set)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	const char *complaint;

	ck_assert_int_eq(key_options_parse(slice_text(flags[_i].text), NULL, &options, &complaint), ERR_OK);
	ck_assert_msg(options.restrictions.permitted == flags[_i].permitted, "%s: %x", flags[_i].text,
	    options.restrictions.permitted);
}
END_TEST

START_TEST(values_are_taken_as_written)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	const char *complaint;
	struct slice text = LITERAL("command=\"say \\\"hi, you\\\" \\n\",from=\"10.0.0.0/8,!10.1.*\",principals=\"a,,root\","
				    "environment=\"A=1\",environment=\"B=\",environment=\"A=2\",permitopen=\"h:1\","
				    "permitopen=\"[::1]:*\",permitlisten=\"8080\",tunnel=\"3\",cert-authority,"
				    "no-touch-required,verify-required,expiry-time=\"20300102030405Z\",expiry-time=\"20310101Z\"");

	ck_assert_int_eq(key_options_parse(text, NULL, &options, &complaint), ERR_OK);
	ck_assert(slice_is(buf_view(&options.restrictions.command), "say \"hi, you\" \\n"));
	ck_assert(slice_is(buf_view(&options.from), "10.0.0.0/8,!10.1.*"));
	ck_assert(slice_equal(buf_view(&options.principals), LITERAL("a\0root\0")));
	ck_assert(slice_equal(buf_view(&options.restrictions.environment), LITERAL("A=1\0B=\0")));
	ck_assert(slice_equal(buf_view(&options.restrictions.opens.lists[0]), LITERAL("h:1\0[::1]:*\0")));
	ck_assert(slice_equal(buf_view(&options.restrictions.listens.lists[0]), LITERAL("8080\0")));
	ck_assert_uint_eq(options.restrictions.tunnel_unit, 3);
	ck_assert(options.is_authority && options.has_touch && !options.touch_required && options.verify_required);
	ck_assert_uint_eq(options.expires_s, 1893553445); /* the earlier one */
}
END_TEST

static int64_t one_hour_east(int64_t local_time_s)
{
	(void)local_time_s;
	return 3600;
}

START_TEST(a_time_without_z_is_local)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	static const struct local_zone zone = {one_hour_east};
	const char *complaint;

	ck_assert_int_eq(key_options_parse(LITERAL("expiry-time=\"203001020304\""), &zone, &options, &complaint),
	    ERR_OK);
	ck_assert_uint_eq(options.expires_s, 1893553440 - 3600);
}
END_TEST

/* ------------------------------------------------------------------- lines */

static const struct {
	const char *why;
	const char *text;
	const char *options, *type, *base64, *comment;
} lines[] = {
    {"a key", "ssh-ed25519 AAAAx", "", "ssh-ed25519", "AAAAx", ""},
    {"blanks around", " \t ssh-ed25519 \t AAAAx  me \r\n", "", "ssh-ed25519", "AAAAx", "me"},
    {"with options", "no-pty ssh-rsa AAAAx me too", "no-pty", "ssh-rsa", "AAAAx", "me too"},
    {"blanks in quotes", "command=\"a b\" ssh-rsa AAAAx", "command=\"a b\"", "ssh-rsa", "AAAAx", ""},
    {"a quote in quotes", "command=\"a\\\" b\" ssh-rsa AAAAx", "command=\"a\\\" b\"", "ssh-rsa", "AAAAx", ""},
    {"behind a comment", "# ssh-rsa AAAAy\n\nssh-rsa AAAAx", "", "ssh-rsa", "AAAAx", ""},
    {"behind a line that is none", "hello world\nssh-rsa AAAAx", "", "ssh-rsa", "AAAAx", ""},
    {"a comment that looks like a key", "no-pty ssh-rsa AAAAx ssh-dss AAAAy", "no-pty", "ssh-rsa", "AAAAx",
	"ssh-dss AAAAy"},
};

START_TEST(lines_are_taken_apart)
{
	struct slice file = slice_text(lines[_i].text);
	struct authorized_line line;
	unsigned number = 0;

	ck_assert_msg(authorized_line_next(&file, &number, &line), "%s", lines[_i].why);
	ck_assert_msg(slice_is(line.options, lines[_i].options), "%s", lines[_i].why);
	ck_assert_msg(slice_is(line.key_type, lines[_i].type), "%s", lines[_i].why);
	ck_assert_msg(slice_is(line.key_base64, lines[_i].base64), "%s", lines[_i].why);
	ck_assert_msg(slice_is(line.comment, lines[_i].comment), "%s", lines[_i].why);
	ck_assert(!authorized_line_next(&file, &number, &line));
}
END_TEST

static const char *const no_lines[] = {"", "\n\n", "#", "ssh-ed25519", "ssh-ed25519 BAAAx", "command=\"a ssh-rsa AAAAx",
    "a b ssh-rsa AAAAx"};

START_TEST(lines_without_a_key_are_none)
{
	struct slice file = slice_text(no_lines[_i]);
	struct authorized_line line;
	unsigned number = 0;

	ck_assert_msg(!authorized_line_next(&file, &number, &line), "%s", no_lines[_i]);
}
END_TEST

/* ------------------------------------------------------------------ search */

static unsigned remarks[KEY_REMARK_COUNT];

static bool is_from_here(void *owner, struct slice patterns)
{
	(void)owner;
	return slice_is(patterns, "here");
}

static void count_remark(void *owner, unsigned line, enum key_remark remark, struct slice detail)
{
	(void)owner;
	(void)line;
	(void)detail;
	remarks[remark]++;
}

static enum verdict search_for(struct slice blob, bool wants_authority, const struct buf *file, unsigned *line,
    struct key_options *options)
{
	struct key_search search = {
	    .blob = blob,
	    .wants_authority = wants_authority,
	    .now_s = 1893553445,
	    .source_matches = is_from_here,
	    .remark = count_remark,
	};
	enum verdict verdict = PERMIT;

	memset(remarks, 0, sizeof(remarks));
	ck_assert_int_eq(authorized_keys_search(buf_view(file), &search, &verdict, options, line), ERR_OK);
	return verdict;
}

START_TEST(the_first_line_that_counts_is_found)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	unsigned line = 0;

	add_line(&file, "", blob_b, "");
	add_line(&file, "nonsense", blob_a, "");
	add_line(&file, "from=\"there\"", blob_a, "");
	add_line(&file, "expiry-time=\"20300102030405Z\"", blob_a, "");
	add_line(&file, "cert-authority", blob_a, "");
	add_line(&file, "no-pty,from=\"here\"", blob_a, " me");
	add_line(&file, "", blob_a, "");
	ck_assert_int_eq(search_for(blob_a, false, &file, &line, &options), PERMIT);
	ck_assert_uint_eq(line, 6);
	ck_assert(!(options.restrictions.permitted & MAY_HAVE_PTY));
	ck_assert_uint_eq(remarks[KEY_OPTIONS_BAD], 1);
	ck_assert_uint_eq(remarks[KEY_NOT_FROM_HERE], 1);
	ck_assert_uint_eq(remarks[KEY_EXPIRED], 1);
}
END_TEST

START_TEST(an_authority_is_no_key_and_a_key_no_authority)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	unsigned line = 0;

	add_line(&file, "cert-authority", blob_a, "");
	add_line(&file, "", blob_b, "");
	ck_assert_int_eq(search_for(blob_a, false, &file, &line, &options), DENY);
	ck_assert_int_eq(search_for(blob_b, true, &file, &line, &options), DENY);
	ck_assert_int_eq(search_for(blob_a, true, &file, &line, &options), PERMIT);
	ck_assert_uint_eq(line, 1);
}
END_TEST

START_TEST(a_key_that_is_not_there_is_not_found)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	unsigned line = 42;

	add_line(&file, "", blob_b, "");
	ck_assert_int_eq(buf_append_text(&file, "ssh-rsa AAAA\nssh-ed25519 AAAA====\n"), ERR_OK);
	ck_assert_int_eq(search_for(blob_a, false, &file, &line, &options), DENY);
	ck_assert_int_eq(search_for(slice_first(blob_b, 40), false, &file, &line, &options), DENY);
	ck_assert_int_eq(search_for((struct slice){0}, false, &file, &line, &options), DENY);
	ck_assert_uint_eq(line, 42);
}
END_TEST

START_TEST(a_last_line_without_an_end_counts)
{
	AUTO(buf_wipe) struct buf file = buf_empty(65536);
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	unsigned line = 0;

	add_line(&file, "", blob_a, "");
	buf_truncate(&file, buf_len(&file) - 1);
	ck_assert_int_eq(search_for(blob_a, false, &file, &line, &options), PERMIT);
}
END_TEST

SUITE("authorized_keys", LOOP_TEST(a_bad_option_spoils_the_line, COUNT_OF(bad_options)),
    LOOP_TEST(flags_make_the_set, COUNT_OF(flags)), TEST(values_are_taken_as_written), TEST(a_time_without_z_is_local),
    LOOP_TEST(lines_are_taken_apart, COUNT_OF(lines)), LOOP_TEST(lines_without_a_key_are_none, COUNT_OF(no_lines)),
    TEST(the_first_line_that_counts_is_found), TEST(an_authority_is_no_key_and_a_key_no_authority),
    TEST(a_key_that_is_not_there_is_not_found), TEST(a_last_line_without_an_end_counts))
