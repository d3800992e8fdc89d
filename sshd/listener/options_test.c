#include "sshd/listener/options.h"
#include "tests/support/suite.h"

#define ARGS(...) (char *[]){(char *)"sshd", __VA_ARGS__, NULL}
#define TEXT(text) (char *)(text)

static int count_of(char *const *argv)
{
	int count = 0;

	while (argv[count] != NULL)
		count++;
	return count;
}

static enum err parse(char *const *argv, struct options *options, struct buf *complaint)
{
	return options_parse(count_of(argv), argv, options, complaint);
}

static const struct {
	const char *why;
	const char *arguments[4];
	const char *complaint;
} refusals[] = {
    {"no such flag", {"-z"}, "sshd: unknown option -- z"},
    {"no such flag in a cluster", {"-Dz"}, "sshd: unknown option -- z"},
    {"value missing", {"-D", "-p"}, "sshd: option requires an argument -- p"},
    {"value missing in a cluster", {"-Dp"}, "sshd: option requires an argument -- p"},
    {"the flag of a program we lack", {"-R"}, "sshd: not acceptable -- R"},
    {"no number", {"-u", "x"}, "sshd: not acceptable -- u x"},
    {"an empty file name", {"-E", ""}, "sshd: not acceptable -- E "},
    {"a word that is no flag", {"-D", "extra"}, "Extra argument extra."},
    {"a word behind --", {"--", "-D"}, "Extra argument -D."},
};

START_TEST(options_refuse_with_one_line)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(256);
	const char *argv[6] = {"sshd"};
	struct options options;
	const char *text = NULL;

	memcpy(argv + 1, refusals[_i].arguments, sizeof(refusals[_i].arguments));
	ck_assert_msg(parse((char *const *)(uintptr_t)argv, &options, &complaint) == ERR_MALFORMED, "%s",
	    refusals[_i].why);
	ck_assert_int_eq(buf_c_string(&complaint, &text), ERR_OK);
	ck_assert_str_eq(text, refusals[_i].complaint);
}
END_TEST

START_TEST(options_have_an_end)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(256);
	static char *argv[OPTION_VALUES_LIMIT + 3];
	struct options options;

	for (size_t i = 0; i < OPTION_VALUES_LIMIT + 2; i++)
		argv[i] = TEXT("-oPort=1");
	ck_assert_int_eq(parse(argv, &options, &complaint), ERR_MALFORMED);
}
END_TEST

static const struct {
	const char *why;
	char *const *argv;
	struct options expect;
} cases[] = {
    {"nothing", ARGS(NULL), {0}},
    {"in the foreground", ARGS(TEXT("-D")), {.stays_in_foreground = true}},
    {"a cluster", ARGS(TEXT("-Deq")),
	{.stays_in_foreground = true, .logs_to_stderr = true, .is_quiet = true}},
    {"debug thrice and more", ARGS(TEXT("-ddd"), TEXT("-d")),
	{.debug = 3, .stays_in_foreground = true, .logs_to_stderr = true}},
    {"a glued value", ARGS(TEXT("-DE/var/log/x")),
	{.stays_in_foreground = true, .log_path = "/var/log/x"}},
    {"a value apart", ARGS(TEXT("-f"), TEXT("-odd-name")), {.config_path = "-odd-name"}},
    {"the dump beats the test", ARGS(TEXT("-T"), TEXT("-t")), {.mode = MODE_DUMP}},
    {"inetd", ARGS(TEXT("-ie")), {.mode = MODE_INETD, .logs_to_stderr = true}},
    {"old flags without effect", ARGS(TEXT("-Q"), TEXT("-b1024"), TEXT("-k"), TEXT("60")), {0}},
    {"an old flag with a warning", ARGS(TEXT("-r")), {.uses_deprecated = true}},
};

static void expect_text(const char *got, const char *expected)
{
	ck_assert((got == NULL) == (expected == NULL));
	if (got != NULL)
		ck_assert_str_eq(got, expected);
}

START_TEST(options_mean_what_they_mean_to_openssh)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(256);
	const struct options *expect = &cases[_i].expect;
	struct options got;

	ck_assert_msg(parse(cases[_i].argv, &got, &complaint) == ERR_OK, "%s", cases[_i].why);
	ck_assert_msg(got.mode == expect->mode && got.debug == expect->debug &&
		got.stays_in_foreground == expect->stays_in_foreground &&
		got.logs_to_stderr == expect->logs_to_stderr && got.is_quiet == expect->is_quiet &&
		got.uses_deprecated == expect->uses_deprecated,
	    "%s", cases[_i].why);
	ck_assert_uint_eq(got.setting_count, 0);
	ck_assert_uint_eq(got.utmp_host_len, UTMP_HOST_LEN_DEFAULT);
	expect_text(got.config_path, expect->config_path);
	expect_text(got.log_path, expect->log_path);
}
END_TEST

START_TEST(settings_keep_their_order)
{
	static const struct option_setting expect[] = {
	    {"PortGiven", "2222"},
	    {NULL, "LogLevel=DEBUG"},
	    {"HostKey", "/k"},
	    {"HostCertificate", "/c"},
	    {"LoginGraceTime", "30"},
	    {"AddressFamily", "inet6"},
	    {NULL, "LibexecDir /x"},
	};
	char *const *argv = ARGS(TEXT("-p2222"), TEXT("-o"), TEXT("LogLevel=DEBUG"), TEXT("-h"),
	    TEXT("/k"), TEXT("-c/c"), TEXT("-g30"), TEXT("-6"), TEXT("-oLibexecDir /x"),
	    TEXT("-C"), TEXT("user=a"), TEXT("-u0"));
	AUTO(buf_wipe) struct buf complaint = buf_empty(256);
	struct options got;

	ck_assert_int_eq(parse(argv, &got, &complaint), ERR_OK);
	ck_assert_uint_eq(got.setting_count, COUNT_OF(expect));
	for (size_t i = 0; i < COUNT_OF(expect); i++) {
		expect_text(got.settings[i].keyword, expect[i].keyword);
		ck_assert_str_eq(got.settings[i].value, expect[i].value);
	}
	ck_assert_uint_eq(got.connections.count, 1);
	ck_assert_str_eq(got.connections.items[0], "user=a");
	ck_assert_uint_eq(got.utmp_host_len, 0);
}
END_TEST

SUITE("options", LOOP_TEST(options_refuse_with_one_line, COUNT_OF(refusals)), TEST(options_have_an_end),
    LOOP_TEST(options_mean_what_they_mean_to_openssh, COUNT_OF(cases)), TEST(settings_keep_their_order))
