#include "sshd/sftp/options.h"

#include <stdlib.h>
#include <syslog.h>

#include "sshd/sftp/server.h"
#include "tests/support/suite.h"

static const struct sftp_account account = {"alice", "/home/alice"};

static enum err parse(const char *const argv[], struct sftp_options *options)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(1024);
	int argc = 0;
	enum err err;

	while (argv[argc] != NULL)
		argc++;
	err = sftp_options_parse(argc, (char *const *)argv, &account, options, &complaint);
	ck_assert_msg(
	    (err == ERR_OK) == (buf_len(&complaint) == 0), "a complaint goes with a refusal");
	return err;
}

static const struct {
	const char *why;
	const char *argv[6];
} refused[] = {
    {"unknown flag", {"sftp-server", "-x"}},
    {"unknown flag behind a known one", {"sftp-server", "-Rx"}},
    {"value missing", {"sftp-server", "-d"}},
    {"value missing behind a flag", {"sftp-server", "-Rd"}},
    {"empty start directory", {"sftp-server", "-d", ""}},
    {"unknown token", {"sftp-server", "-d", "/srv/%h"}},
    {"token cut off", {"sftp-server", "-d", "/srv/%"}},
    {"umask not octal", {"sftp-server", "-u", "0x12"}},
    {"umask with an 8", {"sftp-server", "-u", "028"}},
    {"umask too large", {"sftp-server", "-u", "1000"}},
    {"umask negative", {"sftp-server", "-u", "-1"}},
    {"file mode too large", {"sftp-server", "-m", "4644"}},
    {"directory mode empty", {"sftp-server", "-M", ""}},
    {"unknown level", {"sftp-server", "-l", "LOUD"}},
    {"unknown facility", {"sftp-server", "-f", "MAIL"}},
    {"unknown query", {"sftp-server", "-Q", "ciphers"}},
    {"unknown request to deny", {"sftp-server", "-P", "open,wirte"}},
    {"unknown request to permit", {"sftp-server", "-p", "read,"}},
    {"no request", {"sftp-server", "-P", ""}},
    {"empty jail", {"sftp-server", "-J", ""}},
};

START_TEST(parse_refuses)
{
	struct sftp_options options = {.jail = 4242};
	enum err got = parse(refused[_i].argv, &options);

	ck_assert_msg(got == ERR_CONFIG, "%s: got %s", refused[_i].why, err_name(got));
	ck_assert_int_eq(options.jail, 4242);
}
END_TEST

static void fill(char *text, size_t len)
{
	memset(text, 'a', len);
	text[0] = '/';
	text[len] = 0;
}

START_TEST(what_cannot_be_kept_whole_is_refused)
{
	static char long_path[20000];
	const char *argv[] = {"sftp-server", "-d", long_path, NULL};
	const char *jail[] = {"sftp-server", "-J", long_path, NULL};
	struct sftp_options options;

	fill(long_path, SFTP_PATH_LIMIT);
	ck_assert_int_eq(parse(argv, &options), ERR_OK);
	ck_assert_uint_eq(strlen(options.start), SFTP_PATH_LIMIT);
	fill(long_path, SFTP_PATH_LIMIT + 1);
	ck_assert_int_eq(parse(argv, &options), ERR_TOO_LONG);
	ck_assert_int_eq(parse(jail, &options), ERR_TOO_LONG);
	fill(long_path, 10000);
	ck_assert_int_eq(parse(argv, &options), ERR_TOO_LONG);
	/* It fits as it is written, but not with its token expanded. */
	fill(long_path, SFTP_PATH_LIMIT);
	memcpy(long_path + SFTP_PATH_LIMIT - 2, "%d", 2);
	ck_assert_int_eq(parse(argv, &options), ERR_TOO_LONG);
}
END_TEST

START_TEST(a_hundred_arguments_are_all_heard)
{
	const char *argv[102] = {"sftp-server"};
	struct sftp_options options;

	for (unsigned i = 1; i < 99; i++)
		argv[i] = "-e";
	argv[99] = "-u";
	argv[100] = "027";
	ck_assert_int_eq(parse(argv, &options), ERR_OK);
	ck_assert(options.has_umask);
	ck_assert_uint_eq(options.umask, 027);
	argv[100] = "bad";
	ck_assert_int_eq(parse(argv, &options), ERR_CONFIG);
}
END_TEST

START_TEST(defaults_are_those_of_openssh)
{
	const char *argv[] = {"sftp-server", NULL};
	struct sftp_options options;

	ck_assert_int_eq(parse(argv, &options), ERR_OK);
	ck_assert_int_eq(options.action, SFTP_SERVE);
	ck_assert(!options.is_read_only && !options.has_umask && !options.logs_to_stderr);
	ck_assert(!options.has_level && !options.has_facility);
	ck_assert(!options.has_file_mode && !options.has_directory_mode);
	ck_assert_uint_eq(options.permitted, SFTP_REQUESTS_ALL);
	ck_assert_int_eq(options.level, LOG_LEVEL_ERROR);
	ck_assert_int_eq(options.facility, LOG_AUTH);
	ck_assert_int_eq(options.jail, -1);
	ck_assert_str_eq(options.start, "");
	ck_assert_str_eq(options.jail_path, "");
}
END_TEST

START_TEST(every_flag_is_understood)
{
	const char *argv[] = {"sftp-server", "-eR", "-lVERBOSE", "-f", "local3", "-d", "%d/%u%%",
	    "-u", "0022", "-m", "640", "-M750", "-J", "/srv/%u", "-Pmkdir,rmdir", "word", "-p",
	    "open,mkdir", "--", "-x", NULL};
	struct sftp_options options;

	ck_assert_int_eq(parse(argv, &options), ERR_OK);
	ck_assert(options.logs_to_stderr && options.is_read_only && options.has_umask);
	ck_assert(options.has_level && options.has_facility);
	ck_assert_int_eq(options.level, LOG_LEVEL_VERBOSE);
	ck_assert_int_eq(options.facility, LOG_LOCAL3);
	ck_assert_str_eq(options.start, "/home/alice/alice%");
	ck_assert_str_eq(options.jail_path, "/srv/alice");
	ck_assert_uint_eq(options.umask, 022);
	ck_assert_uint_eq(options.file_mode, 0640);
	ck_assert_uint_eq(options.directory_mode, 0750);
	ck_assert_uint_eq(options.permitted, sftp_request_named(LITERAL("open")));
}
END_TEST

START_TEST(questions_are_told_from_service)
{
	const char *query[] = {"sftp-server", "-Q", "requests", NULL};
	const char *help[] = {"sftp-server", "-h", NULL};
	struct sftp_options options;

	ck_assert_int_eq(parse(query, &options), ERR_OK);
	ck_assert_int_eq(options.action, SFTP_SHOW_REQUESTS);
	ck_assert_int_eq(parse(help, &options), ERR_OK);
	ck_assert_int_eq(options.action, SFTP_SHOW_USAGE);
}
END_TEST

SUITE("options", LOOP_TEST(parse_refuses, COUNT_OF(refused)),
    TEST(what_cannot_be_kept_whole_is_refused), TEST(a_hundred_arguments_are_all_heard),
    TEST(defaults_are_those_of_openssh), TEST(every_flag_is_understood),
    TEST(questions_are_told_from_service))
