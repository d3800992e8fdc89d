#include "config/parse.h"

#include <stdio.h>
#include <time.h>

#include "config/test_conf.h"

static const struct {
	const char *why;
	struct slice text;
	unsigned line, column, width;
	const char *told, *hint;
} refused[] = {
    /* clang-format off */
    {"unknown", LITERAL("\n\n  Foo bar"), 3, 3, 3, "unknown keyword \"Foo\"", NULL},
    {"a typo", LITERAL("MaxAuthTrys 3"), 1, 1, 11, "unknown keyword", "MaxAuthTries"},
    {"no value", LITERAL("Banner"), 1, 1, 6, "its value is missing", NULL},
    {"a value that is wrong", LITERAL("Port\t= abc"), 1, 8, 3, "not a port", NULL},
    {"a second value", LITERAL("Port 1 23"), 1, 8, 2, "takes one value", NULL},
    {"a quote", LITERAL("Banner  \"x"), 1, 9, 1, "quote is not closed", NULL},
    {"a zero byte", LITERAL("Banner /a\0b"), 1, 10, 1, "zero byte", NULL},
    {"a keyword of ours", LITERAL("StrictConfigFiles yes"), 1, 1, 17, "no place in sshd_config", "sekisho.conf"},
    {"a keyword of the command line", LITERAL("LibexecDir /x"), 1, 1, 10, "unknown keyword", NULL},
    {"a global keyword in a block", LITERAL("Match User u\n Port 22"), 2, 2, 4, "not allowed within a Match block", "line 1"},
    {"after a block that is wrong", LITERAL("Match Usr u\nBanner /x\nFoo"), 3, 1, 3, "unknown keyword", NULL},
    /* clang-format on */
};

static const struct diagnostic *last_error(const struct diagnostics *d)
{
	const struct diagnostic *found = NULL;

	for (const struct diagnostic *one = d->first; one != NULL; one = one->next)
		if (one->severity == SEVERITY_ERROR)
			found = one;
	return found;
}

START_TEST(errors_point_at_their_place)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	const struct diagnostic *error;

	ck_assert_int_eq(snapshot_of_text("t", refused[_i].text, NULL, 0, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_CONFIG);
	ck_assert_ptr_null(config);
	error = last_error(&d);
	ck_assert_msg(
	    strstr(error->text, refused[_i].told) != NULL, "%s: %s", refused[_i].why, error->text);
	ck_assert_msg(error->line == refused[_i].line && error->column == refused[_i].column &&
	                  error->width == refused[_i].width,
	    "%s: at %u:%u, %u wide", refused[_i].why, error->line, error->column, error->width);
	if (refused[_i].hint != NULL)
		ck_assert_msg(error->hint != NULL && strstr(error->hint, refused[_i].hint) != NULL,
		    "%s: hint %s", refused[_i].why, error->hint ? error->hint : "none");
}
END_TEST

static const struct {
	const char *text;
	enum severity severity;
	const char *told;
} accepted[] = {
    {"UseLogin yes", SEVERITY_WARNING, "deprecated"},
    {"UsePrivilegeSeparation", SEVERITY_WARNING, "deprecated"},
    {"Protocol 1,2", SEVERITY_NOTE, "is ignored"},
    {"DebianBanner no", SEVERITY_WARNING, "Debian"},
    {"GSSAPIAuthentication yes", SEVERITY_WARNING, "not built in"},
    {"HostbasedAuthentication yes", SEVERITY_NOTE, "no effect yet"},
    {"LogVerbose x", SEVERITY_NOTE, "only OpenSSH"},
    {"HostbasedAuthentication no", SEVERITY_NOTE, NULL},
    {"GSSAPIAuthentication no", SEVERITY_NOTE, NULL},
};

START_TEST(lines_without_effect_are_told)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	ck_assert_int_eq(
	    snapshot_of_text("t", slice_text(accepted[_i].text), NULL, 0, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_OK);
	if (accepted[_i].told == NULL)
		ck_assert_msg(d.first == NULL, "%s: told %s", accepted[_i].text, d.first->text);
	else
		ck_assert_msg(has_diagnostic(&d, accepted[_i].severity, accepted[_i].told),
		    "%s: told %s", accepted[_i].text, d.first ? d.first->text : "nothing");
}
END_TEST

START_TEST(all_errors_are_told_in_one_run)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	ck_assert_int_eq(
	    snapshot_of_text("t", LITERAL("A\nB\nPort x\nBanner /ok\nC\n"), NULL, 0, &snapshot),
	    ERR_OK);
	ck_assert_int_eq(config_parse_leniently(snapshot, &config, &d), ERR_OK);
	ck_assert_uint_eq(d.counts[SEVERITY_ERROR], 4);
	ck_assert_uint_eq(config->entry_count, 1);
}
END_TEST

START_TEST(options_take_no_blocks_and_no_files)
{
	static const char *const options[] = {"Match all", "Include /x", "Foo"};
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	ck_assert_int_eq(snapshot_of_text("t", LITERAL(""), options, 3, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_CONFIG);
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "Match is not possible with -o"));
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "Include is not possible with -o"));
	ck_assert_str_eq(d.last->file, "command line");
	ck_assert_uint_eq(d.last->line, 3);
}
END_TEST

START_TEST(diagnostics_show_the_line)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe) struct buf out = buf_empty(4096);

	ck_assert_int_eq(
	    snapshot_of_text("/etc/t", LITERAL("\tMaxAuthTrys \033[1m"), NULL, 0, &snapshot),
	    ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_CONFIG);
	ck_assert_int_eq(diagnostic_render(last_error(&d), &out), ERR_OK);
	ck_assert_msg(
	    slice_is(buf_view(&out),
	        "/etc/t:1:2: error: unknown keyword \"MaxAuthTrys\"; did you mean MaxAuthTries?\n"
	        "    \tMaxAuthTrys ?[1m\n"
	        "    \t^~~~~~~~~~~\n"),
	    "%.*s", (int)buf_len(&out), (const char *)buf_view(&out).ptr);
}
END_TEST

START_TEST(too_many_errors_are_counted)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe) struct buf text = buf_empty(1u << 20), out = buf_empty(1u << 20);
	struct slice rendered;

	for (unsigned i = 0; i < DIAGNOSTICS_LIMIT + 5; i++)
		ck_assert_int_eq(buf_append_text(&text, "X\n"), ERR_OK);
	ck_assert_int_eq(snapshot_of_text("t", buf_view(&text), NULL, 0, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_CONFIG);
	ck_assert_int_eq(diagnostics_render(&d, &out), ERR_OK);
	rendered = buf_view(&out);
	ck_assert(slice_is(slice_after(rendered, rendered.len - 18), "error: and 5 more\n"));
}
END_TEST

/* An ordinary file, as a connection resolves it. */
static const char typical[] =
    "Include /etc/ssh/sshd_config.d/*.conf\nPort 22\nListenAddress 0.0.0.0\nListenAddress ::\n"
    "HostKey /etc/ssh/ssh_host_ed25519_key\nHostKey /etc/ssh/ssh_host_rsa_key\n"
    "Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com\nMACs -umac-64*\n"
    "KexAlgorithms +diffie-hellman-group16-sha512\nLoginGraceTime 30s\nPermitRootLogin no\n"
    "MaxAuthTries 4\nMaxSessions 10\nPubkeyAuthentication yes\nPasswordAuthentication no\n"
    "KbdInteractiveAuthentication no\nUsePAM yes\nAllowAgentForwarding no\nX11Forwarding no\n"
    "PrintMotd no\nClientAliveInterval 5m\nAcceptEnv LANG LC_*\nAllowGroups ssh admins\n"
    "Subsystem sftp internal-sftp\n# a comment\n\nMatch Group sftponly\n"
    "\tChrootDirectory /srv/%u\n\tForceCommand internal-sftp\n\tAllowTcpForwarding no\n"
    "Match User git Address 10.0.0.0/8,192.168.0.0/16\n\tPermitTTY no\n";

START_TEST(lines_of_a_keyword_have_a_limit)
{
	AUTO(buf_wipe) struct buf text = buf_empty(1u << 20);
	AUTO(snapshot_release) struct snapshot *snapshot = NULL, *longer = NULL;
	AUTO(config_release) struct config *config = NULL, *none = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	for (unsigned i = 1; i <= 256; i++)
		ck_assert_int_eq(buf_append_format(&text, "Port %u\n", i), ERR_OK);
	ck_assert_int_eq(snapshot_of_text("t", buf_view(&text), NULL, 0, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_OK);
	ck_assert_int_eq(buf_append_text(&text, "Port 300\n"), ERR_OK);
	ck_assert_int_eq(snapshot_of_text("t", buf_view(&text), NULL, 0, &longer), ERR_OK);
	ck_assert_int_eq(config_parse(longer, &none, &d), ERR_CONFIG);
	ck_assert(has_diagnostic(&d, SEVERITY_ERROR, "more than 256 lines"));
}
END_TEST

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static bool serve_one(const struct snapshot *snapshot)
{
	const struct match_facts facts = {.user = "git", .address = "10.1.2.3"};
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};

	return config_parse(snapshot, &config, &d) == ERR_OK &&
	       conf_resolve(config, &facts, &conf, &d) == ERR_OK && !conf->permit_tty;
}

/* The bound is many times what an idle machine needs, so that a busy one does not fail. */
START_TEST(a_connection_costs_little)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	enum { ROUNDS = 1000 };
	struct timespec start;
	bool is_served = true;
	double each;

	ck_assert_int_eq(snapshot_of_text("t", LITERAL(typical), NULL, 0, &snapshot), ERR_OK);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < ROUNDS; i++)
		is_served = serve_one(snapshot) && is_served;
	each = seconds_since(&start) / ROUNDS * 1e6;
	printf("parse and resolve: %.1f us\n", each);
	ck_assert(is_served);
	ck_assert_msg(each < 1000, "%.1f us", each);
}
END_TEST

START_TEST(a_long_file_is_no_burden)
{
	AUTO(buf_wipe) struct buf text = buf_empty(SNAPSHOT_FILE_LIMIT);
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	struct timespec start;

	for (unsigned i = 0; i < 100000; i++)
		ck_assert_int_eq(buf_append_format(&text, "AllowUsers user%u\n", i), ERR_OK);
	ck_assert_int_eq(snapshot_of_text("t", buf_view(&text), NULL, 0, &snapshot), ERR_OK);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(config_parse(snapshot, &config, &d), ERR_OK);
	ck_assert_int_eq(conf_resolve(config, NULL, &conf, &d), ERR_OK);
	printf("100,000 lines: %.0f ms\n", seconds_since(&start) * 1e3);
	ck_assert_uint_eq(conf->allow_users.count, 100000);
	ck_assert_double_lt(seconds_since(&start), 5);
}
END_TEST

SUITE("parse", LOOP_TEST(errors_point_at_their_place, COUNT_OF(refused)),
    LOOP_TEST(lines_without_effect_are_told, COUNT_OF(accepted)),
    TEST(all_errors_are_told_in_one_run), TEST(options_take_no_blocks_and_no_files),
    TEST(diagnostics_show_the_line), TEST(too_many_errors_are_counted),
    TEST(lines_of_a_keyword_have_a_limit), TEST(a_connection_costs_little),
    TEST(a_long_file_is_no_burden))
