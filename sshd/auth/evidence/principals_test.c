#include "sshd/auth/evidence/principals.h"
#include "tests/support/suite.h"

static const struct {
	const char *line;
	const char *options, *name; /* name NULL: nothing there */
} lines[] = {
    {"", NULL, NULL},
    {"  \t\r", NULL, NULL},
    {"# comment", NULL, NULL},
    {"alice", "", "alice"},
    {"  alice \t# comment", "", "alice"},
    {"no-pty alice", "no-pty", "alice"},
    {"command=\"echo # x\" alice", "command=\"echo # x\"", "alice"},
    {"command=\"a \\\" # b\",no-pty \t alice\r", "command=\"a \\\" # b\",no-pty", "alice"},
    {"a,b", "", "a,b"},
};

START_TEST(lines_are_taken_apart)
{
	struct slice options = LITERAL("untouched"), name = LITERAL("untouched");
	bool is_there = principals_line_parse(slice_text(lines[_i].line), &options, &name);

	ck_assert_msg(is_there == (lines[_i].name != NULL), "%s", lines[_i].line);
	ck_assert(slice_is(name, is_there ? lines[_i].name : "untouched"));
	ck_assert(slice_is(options, is_there ? lines[_i].options : "untouched"));
}
END_TEST

static unsigned remarks[KEY_REMARK_COUNT];

static bool is_alice(void *owner, struct slice name)
{
	(void)owner;
	return slice_is(name, "alice");
}

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

static enum verdict find(const char *file, struct key_options *options, unsigned *line)
{
	struct principals_search search = {
	    .names = is_alice, .remark = count_remark, .source_matches = is_from_here, .now_s = 1893553445};
	enum verdict verdict = PERMIT;

	memset(remarks, 0, sizeof(remarks));
	ck_assert_int_eq(principals_find(slice_text(file), &search, &verdict, options, line), ERR_OK);
	return verdict;
}

START_TEST(names_that_are_not_carried_do_not_count)
{
	static const char *const files[] = {"", "bob\n", "alicex\nxalice\n", "Alice", "alice,bob", "alice bob"};
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	unsigned line = 42;

	for (size_t i = 0; i < COUNT_OF(files); i++)
		ck_assert_int_eq(find(files[i], &options, &line), DENY);
	ck_assert_uint_eq(line, 42);
}
END_TEST

START_TEST(a_line_that_objects_is_passed_over)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	unsigned line = 0;

	ck_assert_int_eq(find("nonsense alice\nfrom=\"there\" alice\nexpiry-time=\"2020010100Z\" alice\n"
			      "cert-authority alice\nexpiry-time=\"20200101Z\" alice\nbob\nfrom=\"here\",no-pty alice\nalice\n",
			     &options, &line), PERMIT);
	ck_assert_uint_eq(line, 7);
	ck_assert(!(options.restrictions.permitted & MAY_HAVE_PTY));
	ck_assert_uint_eq(remarks[KEY_OPTIONS_BAD], 3);
	ck_assert_uint_eq(remarks[KEY_NOT_FROM_HERE], 1);
	ck_assert_uint_eq(remarks[KEY_EXPIRED], 1);
}
END_TEST

SUITE("principals", LOOP_TEST(lines_are_taken_apart, COUNT_OF(lines)),
    TEST(names_that_are_not_carried_do_not_count), TEST(a_line_that_objects_is_passed_over))
