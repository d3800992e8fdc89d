/* What a client may ask of a session, and what comes of it. */
#include "sshd/connection/recorder.h"

#include <stdio.h>

#include "sshd/wire/messages_channel_request.h"
#include "tests/support/suite.h"

#define PTY_FIELDS                                                                                 \
	BYTES(0, 0, 0, 2, 'v', 't', 0, 0, 0, 80, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6,  \
	    53, 0, 0, 0, 1, 0)
#define ENV_FIELDS    BYTES(0, 0, 0, 1, 'A', 0, 0, 0, 1, 'b')
#define STRING_FIELDS BYTES(0, 0, 0, 2, 'l', 's')
#define SIGNAL_FIELDS BYTES(0, 0, 0, 3, 'H', 'U', 'P')
#define BREAK_FIELDS  BYTES(0, 0, 1, 0xf4)
#define RESIZE_FIELDS BYTES(0, 0, 0, 100, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0, 0)
#define X11_FIELDS    BYTES(0, 0, 0, 0, 3, 'M', '-', '1', 0, 0, 0, 4, 'a', 'B', '0', '9', 0, 0, 0, 0)

/* ----------------------------------------------------------------------- one by one */

static const struct {
	const char *why;
	const char *type;
	struct slice fields;
	enum err expect;
	const char *lines;
} requests[] = {
    {"pty cut short", "pty-req", BYTES(0, 0, 0, 1, 'x'), ERR_TRUNCATED, ""},
    {"env cut short", "env", BYTES(0, 0, 0, 1, 'x'), ERR_TRUNCATED, ""},
    {"bytes behind shell", "shell", BYTES(0), ERR_TRAILING, ""},
    {"bytes behind exec", "exec", BYTES(0, 0, 0, 0, 0), ERR_TRAILING, ""},
    {"bytes behind subsystem", "subsystem", BYTES(0, 0, 0, 0, 0), ERR_TRAILING, ""},
    {"bytes behind the agent request", "auth-agent-req@openssh.com", BYTES(0), ERR_TRAILING, ""},
    {"x11 cut short", "x11-req", BYTES(0), ERR_TRUNCATED, ""},
    {"window-change cut short", "window-change", BYTES(0, 0, 0, 1), ERR_TRUNCATED, ""},
    {"break cut short", "break", BYTES(0, 0, 0), ERR_TRUNCATED, ""},
    {"signal cut short", "signal", BYTES(0, 0, 0), ERR_TRUNCATED, ""},
    {"bytes behind eow", "eow@openssh.com", BYTES(0), ERR_TRAILING, ""},
    {"a request nobody knows", "shel", BYTES(1, 2, 3), ERR_OK, ">FAILURE 7\n"},
    {"PuTTY's window timing", "winadj@putty.projects.tartarus.org", BYTES(), ERR_OK,
        ">FAILURE 7\n"},
    {"keepalive", "keepalive@openssh.com", BYTES(), ERR_OK, ">FAILURE 7\n"},
    {"exit-status is the server's", "exit-status", BYTES(0, 0, 0, 0), ERR_OK, ">FAILURE 7\n"},
    {"resize without a terminal", "window-change", RESIZE_FIELDS, ERR_OK, ">FAILURE 7\n"},
    {"break without a terminal", "break", BREAK_FIELDS, ERR_OK, ">FAILURE 7\n"},
    {"signal without a program", "signal", SIGNAL_FIELDS, ERR_OK, ">FAILURE 7\n"},
    {"an X11 cookie of half a byte", "x11-req",
        BYTES(0, 0, 0, 0, 1, 'M', 0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 0), ERR_OK, ">FAILURE 7\n"},
    {"an X11 cookie with a newline", "x11-req",
        BYTES(0, 0, 0, 0, 1, 'M', 0, 0, 0, 2, 'a', '\n', 0, 0, 0, 0), ERR_OK, ">FAILURE 7\n"},
    {"an X11 cookie with a zero byte", "x11-req",
        BYTES(0, 0, 0, 0, 1, 'M', 0, 0, 0, 2, 'a', 0, 0, 0, 0, 0), ERR_OK, ">FAILURE 7\n"},
    {"no X11 cookie", "x11-req", BYTES(0, 0, 0, 0, 1, 'M', 0, 0, 0, 0, 0, 0, 0, 0), ERR_OK,
        ">FAILURE 7\n"},
    {"an X11 protocol with a quote", "x11-req",
        BYTES(0, 0, 0, 0, 1, '\'', 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0), ERR_OK, ">FAILURE 7\n"},
    {"no X11 protocol", "x11-req", BYTES(0, 0, 0, 0, 0, 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0), ERR_OK,
        ">FAILURE 7\n"},
    {"x11", "x11-req", X11_FIELDS, ERR_OK, "?X11 r2 s1 many \"M-1\" \"aB09\" 0\n"},
    {"agent", "auth-agent-req@openssh.com", BYTES(), ERR_OK, "?AGENT r2 s1\n"},
    {"agent by its new name", "agent-req", BYTES(), ERR_OK, "?AGENT r2 s1\n"},
    {"pty", "pty-req", PTY_FIELDS, ERR_OK, "?PTY r2 s1 \"vt\" 80x24 0x0 modes=5\n"},
    {"env", "env", ENV_FIELDS, ERR_OK, "?ENV r2 s1 \"A\" \"b\"\n"},
    {"shell", "shell", BYTES(), ERR_OK, "?START r2 s1 shell \"\"\n"},
    {"exec", "exec", STRING_FIELDS, ERR_OK, "?START r2 s1 exec \"ls\"\n"},
    {"subsystem", "subsystem", STRING_FIELDS, ERR_OK, "?START r2 s1 subsystem \"ls\"\n"},
    {"eow before anything runs", "eow@openssh.com", BYTES(), ERR_OK, ">SUCCESS 7\n"},
};

START_TEST(one_request_on_a_fresh_session)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	enum err got;

	open_session_channel(recorder);
	forget(recorder);
	got = feed_request(recorder, 0, requests[_i].type, true, requests[_i].fields);
	ck_assert_msg(got == requests[_i].expect, "%s: got %s", requests[_i].why, err_name(got));
	expect(recorder, requests[_i].lines);
}
END_TEST

START_TEST(no_reply_when_none_is_wanted)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	const char *lines;
	enum err got;

	open_session_channel(recorder);
	got = feed_request(recorder, 0, requests[_i].type, false, requests[_i].fields);
	ck_assert_int_eq(got, requests[_i].expect);
	if (got == ERR_OK && recorder->last_request == 2)
		deny(recorder, 2);
	ck_assert_int_eq(buf_c_string(&recorder->lines, &lines), ERR_OK);
	ck_assert_ptr_null(strstr(lines, ">FAILURE"));
	ck_assert_ptr_null(strstr(lines, ">SUCCESS"));
}
END_TEST

/* Once something is being started, the session is furnished. */
static const struct {
	const char *type;
	struct slice fields;
} early[] = {
    {"pty-req", PTY_FIELDS},
    {"env", ENV_FIELDS},
    {"x11-req", X11_FIELDS},
    {"auth-agent-req@openssh.com", BYTES()},
    {"shell", BYTES()},
    {"exec", STRING_FIELDS},
    {"subsystem", STRING_FIELDS},
};

START_TEST(only_before_the_start)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	start_program(recorder, false);
	for (size_t i = 0; i < COUNT_OF(early); i++) {
		ck_assert_int_eq(
		    feed_request(recorder, 0, early[i].type, true, early[i].fields), ERR_OK);
		expect(recorder, ">FAILURE 7\n");
	}
}
END_TEST

START_TEST(no_second_start_while_the_first_is_out)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "shell", true, BYTES()), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "exec", true, STRING_FIELDS), ERR_OK);
	expect(recorder, "?START r2 s1 shell \"\"\n");
	grant(recorder, 2);
	expect(recorder, ">SUCCESS 7\n>FAILURE 7\n");
}
END_TEST

START_TEST(another_start_after_a_refusal)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "subsystem", true, STRING_FIELDS), ERR_OK);
	deny(recorder, 2);
	ck_assert_int_eq(feed_request(recorder, 0, "exec", true, STRING_FIELDS), ERR_OK);
	grant(recorder, 3);
	expect(recorder, "?START r2 s1 subsystem \"ls\"\n>FAILURE 7\n"
	                 "?START r3 s1 exec \"ls\"\n>SUCCESS 7\n");
}
END_TEST

START_TEST(a_terminal_once)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "pty-req", true, PTY_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "pty-req", true, PTY_FIELDS), ERR_OK);
	deny(recorder, 2);
	expect(recorder, "?PTY r2 s1 \"vt\" 80x24 0x0 modes=5\n>FAILURE 7\n>FAILURE 7\n");
	/* It was refused, so it may be asked for again; and a resize has nothing to resize. */
	ck_assert_int_eq(feed_request(recorder, 0, "window-change", false, RESIZE_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "pty-req", true, PTY_FIELDS), ERR_OK);
	grant(recorder, 3);
	ck_assert_int_eq(feed_request(recorder, 0, "window-change", false, RESIZE_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "break", true, BREAK_FIELDS), ERR_OK);
	grant(recorder, 4);
	expect(recorder, "?PTY r3 s1 \"vt\" 80x24 0x0 modes=5\n>SUCCESS 7\n"
	                 "?RESIZE r0 s1 100x50 0x0\n?BREAK r4 s1 500\n>SUCCESS 7\n");
}
END_TEST

START_TEST(sizes_are_clamped)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "pty-req", false, PTY_FIELDS), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(
	    feed_request(recorder, 0, "window-change", false,
	        BYTES(0, 0, 0xff, 0xff, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)),
	    ERR_OK);
	expect(recorder, "?RESIZE r0 s1 65535x65535 65535x0\n");
}
END_TEST

START_TEST(a_program_gets_signals_and_an_end_of_input_does_not_matter)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	start_program(recorder, false);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "signal", false, SIGNAL_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "signal", true, BYTES(0, 0, 0, 1, ' ')), ERR_OK);
	expect(recorder, "input ended 1\n?SIGNAL r3 s1 \"HUP\"\n");
	deny(recorder, 3);
	expect(recorder, ">FAILURE 7\n");
}
END_TEST

/* ------------------------------------------------------------------------------ limits */

static const struct {
	const char *type;
	size_t first, second; /* lengths of its one or two strings; the longest that pass */
	unsigned strings;
} limits[] = {
    {"exec", CONNECTION_COMMAND_LIMIT, 0, 1},
    {"subsystem", CONNECTION_COMMAND_LIMIT, 0, 1},
    {"env", CONNECTION_ENV_NAME_LIMIT, CONNECTION_ENV_VALUE_LIMIT, 2},
};

static enum err feed_strings(
    struct recorder *recorder, const char *type, size_t first, size_t second, unsigned strings)
{
	static uint8_t fields[300000], zeros[200000];
	struct writer w = writer_into((struct span){fields, sizeof(fields)});

	write_string(&w, slice_over(zeros, first));
	if (strings == 2)
		write_string(&w, slice_over(zeros, second));
	return feed_request(recorder, 0, type, true, writer_view(&w));
}

/* What is too long is refused; never cut, and the connection lives. */
START_TEST(too_long_is_refused)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	const size_t first = limits[_i].first, second = limits[_i].second;

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(
	    feed_strings(recorder, limits[_i].type, first + 1, 0, limits[_i].strings), ERR_OK);
	expect(recorder, ">FAILURE 7\n");
	if (limits[_i].strings == 2) {
		ck_assert_int_eq(
		    feed_strings(recorder, limits[_i].type, first, second + 1, 2), ERR_OK);
		expect(recorder, ">FAILURE 7\n");
	}
	ck_assert_int_eq(
	    feed_strings(recorder, limits[_i].type, first, second, limits[_i].strings), ERR_OK);
	ck_assert_uint_eq(recorder->last_request, 2);
}
END_TEST

START_TEST(so_many_variables_and_no_more)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	for (unsigned i = 0; i < CONNECTION_ENV_LIMIT; i++) {
		ck_assert_int_eq(feed_request(recorder, 0, "env", false, ENV_FIELDS), ERR_OK);
		grant(recorder, recorder->last_request);
	}
	forget(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "env", true, ENV_FIELDS), ERR_OK);
	expect(recorder, ">FAILURE 7\n");
}
END_TEST

/* ----------------------------------------------------------------------- reply order */

/* A small generator of its own: the sequences are the same on every machine. */
static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

#define SESSIONS 3u
#define ASKED    60u

/* What was asked on one session, in order: its request number, 0 when nobody was asked. */
struct script {
	uint32_t requests[ASKED];
	bool is_granted[ASKED];
	size_t count;
};

static size_t replies_in(const char *lines, unsigned peer, const struct script *script)
{
	char success[32], failure[32];
	size_t seen = 0;

	snprintf(success, sizeof(success), ">SUCCESS %u\n", peer);
	snprintf(failure, sizeof(failure), ">FAILURE %u\n", peer);
	for (const char *line = lines; *line != 0; line = strchr(line, '\n') + 1) {
		bool is_success = strncmp(line, success, strlen(success)) == 0;

		if (!is_success && strncmp(line, failure, strlen(failure)) != 0)
			continue;
		ck_assert_uint_lt(seen, script->count);
		ck_assert_int_eq(is_success, script->is_granted[seen]);
		seen++;
	}
	return seen;
}

static void ask_at_random(struct recorder *recorder, struct script *scripts, uint32_t *seed,
    uint32_t *waiting, size_t *waiting_count)
{
	uint32_t session = draw(seed, SESSIONS);
	struct script *script = &scripts[session];
	bool is_known = draw(seed, 3) > 0;

	ck_assert_int_eq(
	    feed_request(recorder, session, is_known ? "env" : "unknown", true, ENV_FIELDS),
	    ERR_OK);
	script->requests[script->count] = is_known ? recorder->last_request : 0;
	script->is_granted[script->count++] = false;
	if (is_known)
		waiting[(*waiting_count)++] = recorder->last_request;
}

static void answer_at_random(struct recorder *recorder, struct script *scripts, uint32_t *seed,
    uint32_t *waiting, size_t *waiting_count)
{
	uint32_t at = draw(seed, (uint32_t)*waiting_count);
	uint32_t request = waiting[at];
	bool is_granted = draw(seed, 2) == 0;

	waiting[at] = waiting[--*waiting_count];
	for (unsigned s = 0; s < SESSIONS; s++)
		for (size_t i = 0; i < scripts[s].count; i++)
			if (scripts[s].requests[i] == request)
				scripts[s].is_granted[i] = is_granted;
	if (is_granted)
		grant(recorder, request);
	else
		deny(recorder, request);
}

/* However the answers come: one reply each, with its outcome, in the order of the requests. */
START_TEST(replies_keep_the_order_of_requests)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct script scripts[SESSIONS] = {0};
	uint32_t waiting[ASKED], seed = (uint32_t)_i;
	size_t waiting_count = 0;
	const char *lines;

	for (unsigned s = 0; s < SESSIONS; s++)
		open_session_channel(recorder);
	forget(recorder);
	for (unsigned asked = 0; asked < ASKED;) {
		if (waiting_count > 0 && draw(&seed, 2) == 0) {
			answer_at_random(recorder, scripts, &seed, waiting, &waiting_count);
			continue;
		}
		ask_at_random(recorder, scripts, &seed, waiting, &waiting_count);
		asked++;
	}
	while (waiting_count > 0)
		answer_at_random(recorder, scripts, &seed, waiting, &waiting_count);
	ck_assert_int_eq(buf_c_string(&recorder->lines, &lines), ERR_OK);
	for (unsigned s = 0; s < SESSIONS; s++)
		ck_assert_uint_eq(replies_in(lines, 7 + s, &scripts[s]), scripts[s].count);
}
END_TEST

START_TEST(a_request_is_answered_once)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	const struct connection_answer again = {.request = 3, .is_granted = true};
	struct channel *channel;

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "env", true, ENV_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "env", true, ENV_FIELDS), ERR_OK);
	forget(recorder);
	/* The second one's outcome is known but has not left, and is not open to change. */
	deny(recorder, 3);
	ck_assert_int_eq(connection_answer(recorder->connection, &again, 0, &channel), ERR_BREACH);
	expect(recorder, "");
	grant(recorder, 2);
	expect(recorder, ">SUCCESS 7\n>FAILURE 7\n");
	ck_assert_int_eq(
	    connection_answer(recorder->connection, &(struct connection_answer){0}, 0, &channel),
	    ERR_BREACH);
}
END_TEST

/* What a closed channel left open does not hold up the replies to global requests. */
START_TEST(orphans_stand_in_nobodys_way)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	ck_assert_int_eq(feed_request(recorder, 0, "env", true, ENV_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(feed_global(recorder, "x", true, BYTES()), ERR_OK);
	expect(recorder, ">GLOBAL_FAILURE\n");
	ck_assert_ptr_null(grant(recorder, 2));
	expect(recorder, "");
}
END_TEST

SUITE("session_requests", LOOP_TEST(one_request_on_a_fresh_session, COUNT_OF(requests)),
    LOOP_TEST(no_reply_when_none_is_wanted, COUNT_OF(requests)), TEST(only_before_the_start),
    TEST(no_second_start_while_the_first_is_out), TEST(another_start_after_a_refusal),
    TEST(a_terminal_once), TEST(sizes_are_clamped),
    TEST(a_program_gets_signals_and_an_end_of_input_does_not_matter),
    LOOP_TEST(too_long_is_refused, COUNT_OF(limits)), TEST(so_many_variables_and_no_more),
    LOOP_TEST(replies_keep_the_order_of_requests, 200), TEST(a_request_is_answered_once),
    TEST(orphans_stand_in_nobodys_way))
