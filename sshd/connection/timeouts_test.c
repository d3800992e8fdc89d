/* Idle channels, idle connections, and how their limits are told. */
#include "sshd/connection/timeouts.h"

#include "sshd/connection/recorder.h"
#include "tests/support/suite.h"

/* ------------------------------------------------------------------------- the text */

static const struct {
	const char *why;
	const char *text;
	enum err expect;
} texts[] = {
    {"no value", "session", ERR_MALFORMED},
    {"no type", "=5", ERR_MALFORMED},
    {"no number", "session=", ERR_MALFORMED},
    {"a unit", "session=5m", ERR_MALFORMED},
    {"a sign", "session=-1", ERR_MALFORMED},
    {"past 32 bits", "session=4294967296", ERR_MALFORMED},
    {"two blanks", "session=5  x11-connection=5", ERR_MALFORMED},
    {"nothing", "", ERR_OK},
    {"never", "session=0", ERR_OK},
    {"some", "session=5 *=4294967295 global=7", ERR_OK},
};

START_TEST(texts_are_checked)
{
	struct timeouts timeouts = {.count = 4242};
	enum err got = timeouts_parse(slice_text(texts[_i].text), &timeouts);

	ck_assert_msg(got == texts[_i].expect, "%s: got %s", texts[_i].why, err_name(got));
	if (got != ERR_OK)
		ck_assert_uint_eq(timeouts.count, 4242);
	else
		timeouts_wipe(&timeouts);
}
END_TEST

START_TEST(rows_have_a_limit)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4096);
	AUTO(timeouts_wipe) struct timeouts timeouts = {0};

	for (unsigned i = 0; i < TIMEOUT_ROWS_LIMIT; i++)
		ck_assert_int_eq(buf_append_text(&text, i == 0 ? "x=1" : " x=1"), ERR_OK);
	ck_assert_int_eq(timeouts_parse(buf_view(&text), &timeouts), ERR_OK);
	timeouts_wipe(&timeouts);
	ck_assert_int_eq(buf_append_text(&text, " x=1"), ERR_OK);
	ck_assert_int_eq(timeouts_parse(buf_view(&text), &timeouts), ERR_LIMIT);
}
END_TEST

static const struct {
	const char *rows;
	const char *type, *finer;
	uint64_t expect_s;
} finds[] = {
    {"", "session", "session:shell", 0},
    {"session=5", "session", "", 5},
    {"session=5", "session", "session:shell", 5},
    {"sessio=5", "session", "", 0},
    {"session?=5", "session", "", 0},
    {"se?sion=5", "session", "", 5},
    {"session:*=5", "session", "", 0},
    {"session:*=5", "session", "session:shell", 5},
    {"session:shell=5 *=6", "session", "session:command", 6},
    {"session:subsystem:sftp=5", "session", "session:subsystem:sftp", 5},
    {"*-connection=5", "x11-connection", "", 5},
    {"*-connection=5", "tun-connectio", "", 0},
    {"*t*t*=5", "direct-tcpip", "", 5},
    {"direct-*=5 direct-tcpip=6", "direct-tcpip", "", 5},
    {"direct-tcpip=0 *=6", "direct-tcpip", "", 0},
    {"*=5", "session", "", 5},
    {"***=5", "session", "", 5},
    {"global=5", "session", "", 0},
};

START_TEST(the_first_row_that_matches)
{
	AUTO(timeouts_wipe) struct timeouts timeouts = {0};
	uint64_t got;

	ck_assert_int_eq(timeouts_parse(slice_text(finds[_i].rows), &timeouts), ERR_OK);
	got = timeouts_find(&timeouts, slice_text(finds[_i].type), slice_text(finds[_i].finer));
	ck_assert_msg(
	    got == finds[_i].expect_s * 1000, "%s: %lu", finds[_i].rows, (unsigned long)got);
}
END_TEST

/* ------------------------------------------------------------------- on a connection */

static struct recorder *recorder_with(const char *timeouts, uint32_t unused_seconds)
{
	const struct connection_settings settings = {
	    .channel_timeouts = slice_text(timeouts), .unused_seconds = unused_seconds};

	return recorder_new(&settings);
}

/* Ticks at the times that the connection asks for and no other, up to `until_ms`. */
static enum err run_until(struct recorder *recorder, uint64_t until_ms)
{
	enum err err = ERR_OK;

	while (err == ERR_OK && recorder->tick_ms <= until_ms) {
		if (recorder->tick_ms > recorder->now_ms)
			recorder->now_ms = recorder->tick_ms;
		err = connection_tick(recorder->connection, recorder->now_ms, &recorder->tick_ms);
		ck_assert_uint_gt(recorder->tick_ms, recorder->now_ms);
	}
	if (err == ERR_OK)
		recorder->now_ms = until_ms;
	return err;
}

START_TEST(a_bad_text_makes_no_connection)
{
	const struct connection_sink sink = {0};
	const struct connection_settings settings = {.channel_timeouts = LITERAL("session")};
	struct connection *connection = NULL;

	ck_assert_int_eq(connection_new(&sink, &settings, &connection), ERR_MALFORMED);
	ck_assert_ptr_null(connection);
}
END_TEST

START_TEST(nothing_to_look_for)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_with("session=0 global=0", 0);
	uint64_t next_ms = 0;

	start_program(recorder, false);
	ck_assert_int_eq(connection_tick(recorder->connection, 1000, &next_ms), ERR_OK);
	ck_assert_uint_eq(next_ms, UINT64_MAX);
	ck_assert_int_eq(connection_tick(recorder->connection, 1000000, &next_ms), ERR_OK);
	expect(recorder, "");
}
END_TEST

START_TEST(an_idle_session_is_closed)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_with("session=10", 0);

	start_program(recorder, false);
	ck_assert_int_eq(run_until(recorder, 10999), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(run_until(recorder, 11000 + 1251), ERR_OK);
	expect(recorder, ">EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
}
END_TEST

/* Looking goes on while there is no channel, since nobody says when one is opened. */
START_TEST(a_session_opened_later_is_closed_too)
{
	AUTO(recorder_release)
	struct recorder *recorder = recorder_with(_i == 0 ? "session=8" : "global=8", 0);

	ck_assert_int_eq(run_until(recorder, 99999), ERR_OK);
	start_program(recorder, false);
	ck_assert_int_eq(run_until(recorder, 107998), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(run_until(recorder, 109001), ERR_OK);
	expect(recorder, ">EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
}
END_TEST

/* Never early; late by an eighth at most. In and out count, each of them alone. */
START_TEST(traffic_puts_it_off)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_with("session:shell=8", 0);
	struct channel *channel = start_program(recorder, false);

	for (unsigned i = 0; i < 4; i++) {
		ck_assert_int_eq(run_until(recorder, recorder->now_ms + 7000), ERR_OK);
		if (_i == 0)
			ck_assert_int_eq(feed_data(recorder, 0, "x"), ERR_OK);
		else
			pump(recorder, channel, CHANNEL_STDOUT, 1);
		forget(recorder);
	}
	ck_assert_int_eq(run_until(recorder, recorder->now_ms + 7999), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(run_until(recorder, recorder->now_ms + 1 + 1002), ERR_OK);
	expect(recorder, ">EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
}
END_TEST

START_TEST(subsystems_have_names_of_their_own)
{
	AUTO(recorder_release)
	struct recorder *recorder = recorder_with("session:subsystem:ls=5 session:*=100", 0);

	open_session_channel(recorder);
	ck_assert_int_eq(
	    feed_request(recorder, 0, "subsystem", false, BYTES(0, 0, 0, 2, 'l', 's')), ERR_OK);
	grant(recorder, recorder->last_request);
	start_program(recorder, false);
	ck_assert_int_eq(run_until(recorder, 20000), ERR_OK);
	expect(recorder, ">EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
}
END_TEST

START_TEST(all_channels_taken_together)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_with("global=8", 0);
	struct channel *first = start_program(recorder, false);

	start_program(recorder, false);
	ck_assert_int_eq(run_until(recorder, 7000), ERR_OK);
	pump(recorder, first, CHANNEL_STDOUT, 1);
	forget(recorder);
	ck_assert_int_eq(run_until(recorder, 14999), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(run_until(recorder, 17000), ERR_OK);
	expect(recorder, ">EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n"
	                 ">EOF 8\n>CLOSE 8\nclosed 2\n?SESSION_CLOSE r0 s2\n");
}
END_TEST

START_TEST(a_connection_without_channels_ends)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_with("", 8);
	struct channel *channel;

	ck_assert_int_eq(run_until(recorder, 8999), ERR_OK);
	channel = start_program(recorder, false);
	ck_assert_int_eq(run_until(recorder, 100000), ERR_OK);
	ck_assert_int_eq(channel_close(channel), ERR_OK);
	ck_assert_int_eq(run_until(recorder, 107999), ERR_OK);
	ck_assert_int_eq(run_until(recorder, 109002), ERR_TIMEOUT);
}
END_TEST

SUITE("timeouts", LOOP_TEST(texts_are_checked, COUNT_OF(texts)), TEST(rows_have_a_limit),
    LOOP_TEST(the_first_row_that_matches, COUNT_OF(finds)), TEST(a_bad_text_makes_no_connection),
    TEST(nothing_to_look_for), TEST(an_idle_session_is_closed),
    LOOP_TEST(a_session_opened_later_is_closed_too, 2), LOOP_TEST(traffic_puts_it_off, 2),
    TEST(subsystems_have_names_of_their_own), TEST(all_channels_taken_together),
    TEST(a_connection_without_channels_ends))
