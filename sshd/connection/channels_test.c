/* Opening, numbering, data and ends of channels. */
#include "sshd/connection/channels.h"

#include "sshd/connection/channel_state.h"
#include "sshd/connection/recorder.h"
#include "tests/support/suite.h"

#define TCPIP_FIELDS BYTES(0, 0, 0, 1, 'h', 0, 0, 0, 22, 0, 0, 0, 1, 'o', 0, 0, 0, 9)

/* --------------------------------------------------------------------------- refusals */

START_TEST(numbers_without_a_handler_are_unsupported)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	const uint8_t number = (uint8_t)_i;
	enum err got = feed(recorder, slice_over(&number, 1));
	bool has_handler = (_i >= 80 && _i <= 82) || (_i >= 90 && _i <= 100);

	if (!has_handler)
		ck_assert_int_eq(got, ERR_UNSUPPORTED);
	else if (_i == 81 || _i == 82) /* these two are whole without a body */
		ck_assert_int_eq(got, ERR_OK);
	else
		ck_assert_int_eq(got, ERR_TRUNCATED);
	expect(recorder, "");
}
END_TEST

static const struct {
	const char *why;
	const char *type;
	uint32_t max_packet;
	struct slice fields;
	enum err expect;
	const char *lines;
} opens[] = {
    {"bytes behind a session", "session", 32768, BYTES(0), ERR_TRAILING, ""},
    {"tcpip cut short", "direct-tcpip", 32768, BYTES(0, 0, 0, 1, 'h'), ERR_TRUNCATED, ""},
    {"a type nobody knows", "sesion", 32768, BYTES(), ERR_OK,
	">REFUSE 5 reason=3 \"unknown channel type\"\n"},
    {"fields of an unknown type are not looked at", "x", 0, BYTES(1, 2, 3), ERR_OK,
	">REFUSE 5 reason=3 \"unknown channel type\"\n"},
    {"tcpip", "direct-tcpip", 32768, TCPIP_FIELDS, ERR_OK, ">REFUSE 5 reason=1 \"not permitted\"\n"},
    {"a type of the server", "forwarded-tcpip", 32768, TCPIP_FIELDS, ERR_OK,
	">REFUSE 5 reason=1 \"not permitted\"\n"},
    {"agent", "auth-agent@openssh.com", 32768, BYTES(), ERR_OK,
	">REFUSE 5 reason=1 \"not permitted\"\n"},
    {"packets of nothing", "session", 0, BYTES(), ERR_OK,
	">REFUSE 5 reason=4 \"the maximum packet size is too small\"\n"},
    {"packets of little", "session", 255, BYTES(), ERR_OK,
	">REFUSE 5 reason=4 \"the maximum packet size is too small\"\n"},
    {"the smallest packets", "session", 256, BYTES(), ERR_OK, "?SESSION_OPEN r1 s1\n"},
    {"the largest", "session", UINT32_MAX, BYTES(), ERR_OK, "?SESSION_OPEN r1 s1\n"},
};

START_TEST(opens_are_refused_or_asked_about)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	enum err got = feed_open(recorder, opens[_i].type, 5, 0, opens[_i].max_packet,
	    opens[_i].fields);

	ck_assert_msg(got == opens[_i].expect, "%s: got %s", opens[_i].why, err_name(got));
	expect(recorder, opens[_i].lines);
	ck_assert_uint_eq(connection_channel_count(recorder->connection), 0);
}
END_TEST

START_TEST(a_denied_open_leaves_nothing)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	const struct connection_answer again = {.request = 1, .is_granted = true};
	struct channel *channel;

	for (unsigned i = 0; i < 3 * CHANNEL_LIMIT; i++) {
		ck_assert_int_eq(feed_open(recorder, "session", 5, 0, 32768, BYTES()), ERR_OK);
		ck_assert_ptr_null(deny(recorder, recorder->last_request));
	}
	forget(recorder);
	ck_assert_int_eq(connection_answer(recorder->connection, &again, 0, &channel), ERR_BREACH);
	ck_assert_int_eq(feed_open(recorder, "session", 5, 0, 32768, BYTES()), ERR_OK);
	ck_assert_uint_eq(channel_number(grant(recorder, recorder->last_request)), 0);
}
END_TEST

START_TEST(channels_have_a_limit)
{
	const struct connection_settings settings = {.channel_limit = 2};
	AUTO(recorder_release) struct recorder *recorder = recorder_new(&settings);

	open_session_channel(recorder);
	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(feed_open(recorder, "session", 5, 0, 32768, BYTES()), ERR_OK);
	expect(recorder, ">REFUSE 5 reason=4 \"too many channels\"\n");
}
END_TEST

START_TEST(questions_have_a_limit)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = open_session_channel(recorder);

	ck_assert_int_eq(feed_request(recorder, 0, "env", true, BYTES(0, 0, 0, 0, 0, 0, 0, 0)), ERR_OK);
	/* Replies that are known but stand behind one that is not count as well. */
	for (unsigned i = 1; i < CONNECTION_PENDING_LIMIT; i++) {
		ck_assert(!connection_is_waiting(recorder->connection));
		ck_assert_int_eq(feed_request(recorder, 0, "unknown", true, BYTES()), ERR_OK);
	}
	ck_assert(connection_is_waiting(recorder->connection));
	ck_assert_int_eq(feed_request(recorder, 0, "unknown", true, BYTES()), ERR_AGAIN);
	ck_assert_ptr_eq(grant(recorder, recorder->last_request), channel);
	ck_assert(!connection_is_waiting(recorder->connection));
}
END_TEST

START_TEST(no_more_sessions_is_meant)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(feed_global(recorder, "no-more-sessions@openssh.com", false, BYTES()), ERR_OK);
	ck_assert_int_eq(feed_open(recorder, "session", 5, 0, 32768, BYTES()), ERR_UNEXPECTED);
	expect(recorder, "");
}
END_TEST

/* ------------------------------------------------------------------- numbers and windows */

START_TEST(numbers_are_used_again_and_serials_are_not)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *first = open_session_channel(recorder);
	struct channel *second = open_session_channel(recorder);

	ck_assert_uint_eq(channel_number(first), 0);
	ck_assert_uint_eq(channel_number(second), 1);
	ck_assert_int_eq(channel_close(first), ERR_OK);
	ck_assert_ptr_null(connection_find(recorder->connection, 1));
	/* Our CLOSE alone does not free the number: the peer's messages still name it. */
	ck_assert_uint_eq(channel_number(open_session_channel(recorder)), 2);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	first = open_session_channel(recorder);
	ck_assert_uint_eq(channel_number(first), 0);
	ck_assert_uint_eq(channel_serial(first), 4);
	ck_assert_ptr_eq(connection_find(recorder->connection, 4), first);
	ck_assert_uint_eq(connection_channel_count(recorder->connection), 3);
}
END_TEST

START_TEST(windows_shrink_to_the_floor_when_the_budget_is_spent)
{
	const struct connection_settings settings = {.window_budget = 3u << 20};
	AUTO(recorder_release) struct recorder *recorder = recorder_new(&settings);

	open_session_channel(recorder);
	open_session_channel(recorder);
	open_session_channel(recorder);
	expect(recorder, "?SESSION_OPEN r1 s1\n>CONFIRM 7 as 0 window=2097152\n"
			 "?SESSION_OPEN r2 s2\n>CONFIRM 8 as 1 window=1179648\n"
			 "?SESSION_OPEN r3 s3\n>CONFIRM 9 as 2 window=65536\n");
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	forget(recorder);
	open_session_channel(recorder);
	expect(recorder, "?SESSION_OPEN r4 s4\n>CONFIRM 9 as 0 window=2097152\n");
}
END_TEST

START_TEST(the_peers_window_is_kept_to)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(feed_open(recorder, "session", 7, 40000, 300, BYTES()), ERR_OK);
	channel = grant(recorder, recorder->last_request);
	ck_assert_uint_eq(channel_may_send(channel), 300);
	for (unsigned i = 0; i < 133; i++)
		pump(recorder, channel, CHANNEL_STDOUT, 300);
	ck_assert_uint_eq(channel_may_send(channel), 100);
	pump(recorder, channel, CHANNEL_STDERR, 100);
	ck_assert_uint_eq(channel_may_send(channel), 0);
	forget(recorder);
	ck_assert_int_eq(feed_adjust(recorder, 0, 0), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(feed_adjust(recorder, 0, 1), ERR_OK);
	ck_assert_int_eq(feed_adjust(recorder, 0, UINT32_MAX - 1), ERR_OK);
	expect(recorder, "window opened 1\n");
	ck_assert_int_eq(feed_adjust(recorder, 0, 1), ERR_RANGE);
}
END_TEST

START_TEST(headers_say_what_follows)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = open_session_channel(recorder);
	struct channel_extended_data extended;
	struct channel_data data;
	uint8_t packet[32];

	ck_assert_uint_eq(channel_may_send(channel), CHANNEL_MAX_PACKET);
	channel_data_header(channel, CHANNEL_STDOUT, 5, (struct span){packet, CHANNEL_DATA_HEADER});
	ck_assert_int_eq(channel_data_parse(slice_over(packet, CHANNEL_DATA_HEADER + 5), &data), ERR_OK);
	ck_assert_uint_eq(data.recipient_channel, 7);
	ck_assert_ptr_eq(data.data.ptr, packet + CHANNEL_DATA_HEADER);
	channel_data_header(channel, CHANNEL_STDERR, 5,
	    (struct span){packet, CHANNEL_EXTENDED_HEADER});
	ck_assert_int_eq(channel_extended_data_parse(slice_over(packet, CHANNEL_EXTENDED_HEADER + 5),
	    &extended), ERR_OK);
	ck_assert_uint_eq(extended.recipient_channel, 7);
	ck_assert_uint_eq(extended.data_type, SSH_EXTENDED_DATA_STDERR);
	ck_assert_ptr_eq(extended.data.ptr, packet + CHANNEL_EXTENDED_HEADER);
}
END_TEST

/* --------------------------------------------------------------------------------- data */

static const char *text_of(struct recorder *recorder)
{
	const char *text;

	ck_assert_int_eq(buf_c_string(&recorder->lines, &text), ERR_OK);
	return text;
}

START_TEST(data_beyond_the_window_end_the_connection)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	recorder->takes = 0;
	for (unsigned i = 0; i < CHANNEL_WINDOW / 32768; i++)
		ck_assert_int_eq(feed_bulk(recorder, 0, 32768), ERR_OK);
	ck_assert_uint_eq(channel_kept(channel), CHANNEL_WINDOW);
	expect(recorder, "");
	ck_assert_int_eq(feed_bulk(recorder, 0, 0), ERR_OK);
	ck_assert_int_eq(feed_bulk(recorder, 0, 1), ERR_LIMIT);
}
END_TEST

START_TEST(what_is_not_taken_is_kept_in_order)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	recorder->takes = 3;
	ck_assert_int_eq(feed_data(recorder, 0, "abcdef"), ERR_OK);
	recorder->takes = 100;
	ck_assert_int_eq(feed_data(recorder, 0, "ghi"), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	expect(recorder, "data \"abc\"\n");
	ck_assert_uint_eq(channel_kept(channel), 6);
	recorder->takes = 4;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "data \"defg\"\n");
	recorder->takes = 100;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "data \"hi\"\ninput ended 1\n");
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "");
}
END_TEST

START_TEST(data_before_the_start_wait)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = open_session_channel(recorder);

	recorder->takes = 0;
	ck_assert_int_eq(feed_request(recorder, 0, "shell", false, BYTES()), ERR_OK);
	ck_assert_int_eq(feed_data(recorder, 0, "ls\n"), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	grant(recorder, recorder->last_request);
	channel_has_streams(channel, true);
	forget(recorder);
	recorder->takes = 100;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "data \"ls\\012\"\ninput ended 1\n");
}
END_TEST

START_TEST(credit_comes_back_as_data_are_consumed)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	recorder->takes = 0;
	for (unsigned i = 0; i < 8; i++)
		ck_assert_int_eq(feed_bulk(recorder, 0, 65536), ERR_OK);
	expect(recorder, "");
	recorder->takes = 262143;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "");
	recorder->takes = 1;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "data \"\\000\"\n>ADJUST 7 +262144\n");
	ck_assert_uint_eq(channel_kept(channel), 262144);
}
END_TEST

START_TEST(no_credit_after_the_peers_eof)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	recorder->takes = 0;
	for (unsigned i = 0; i < 16; i++)
		ck_assert_int_eq(feed_bulk(recorder, 0, 65536), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	recorder->takes = SIZE_MAX;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	ck_assert_uint_eq(channel_kept(channel), 0);
	ck_assert_ptr_null(strstr(text_of(recorder), ">ADJUST"));
	ck_assert_ptr_nonnull(strstr(text_of(recorder), "input ended 1"));
}
END_TEST

START_TEST(extended_data_are_dropped_and_credited)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	static uint8_t payload[13 + 65536] = {95, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0};

	start_program(recorder, false);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(feed(recorder, SLICE_OF(payload)), ERR_OK);
	expect(recorder, ">ADJUST 7 +262144\n");
}
END_TEST

START_TEST(a_broken_input_is_told_and_drops)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	recorder->takes = 0;
	ck_assert_int_eq(feed_bulk(recorder, 0, 200000), ERR_OK);
	ck_assert_int_eq(channel_input_broken(channel, 0), ERR_OK);
	ck_assert_int_eq(channel_input_broken(channel, 0), ERR_OK);
	expect(recorder, ">REQUEST 7 eow@openssh.com\n");
	ck_assert_uint_eq(channel_kept(channel), 0);
	ck_assert_int_eq(feed_bulk(recorder, 0, 62144), ERR_OK);
	expect(recorder, ">ADJUST 7 +262144\n");
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	expect(recorder, "input ended 1\n");
}
END_TEST

START_TEST(eow_is_for_openssh_and_before_eof)
{
	const struct connection_settings settings = {.speaks_eow = _i == 1};
	AUTO(recorder_release) struct recorder *recorder = recorder_new(&settings);
	struct channel *channel = start_program(recorder, false);

	if (_i == 1) {
		ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
		forget(recorder);
	}
	ck_assert_int_eq(channel_input_broken(channel, 0), ERR_OK);
	expect(recorder, "");
}
END_TEST

/* A path of 100 ms: each window's worth comes within one round trip, so windows grow. */
static void upload_one_window(struct recorder *recorder, uint32_t window, uint64_t within_ms)
{
	for (uint32_t sent = 0; sent < window; sent += 32768) {
		ck_assert_int_eq(feed_bulk(recorder, 0, 32768), ERR_OK);
		recorder->now_ms += sent == 0 ? within_ms : 0;
	}
}

static uint32_t adjustments(struct recorder *recorder)
{
	const char *text = text_of(recorder), *at;
	uint32_t sum = 0;

	while ((at = strstr(text, ">ADJUST 7 +")) != NULL) {
		sum += (uint32_t)strtoul(at + 11, NULL, 10);
		text = at + 11;
	}
	forget(recorder);
	return sum;
}

START_TEST(windows_grow_with_the_path)
{
	static const struct {
		const char *why;
		size_t budget;
		uint64_t round_trip_ms, within_ms;
		uint32_t more;
	} paths[] = {
	    {"a near peer", 64u << 20, 0, 0, 0},
	    {"a slow reader", 64u << 20, 100, 200, 0},
	    {"no budget left", (2u << 20) - (64u << 10), 100, 100, 0},
	    {"a little budget left", 2u << 20, 100, 100, 64u << 10},
	    {"the window is the limit", 64u << 20, 100, 100, 2u << 20},
	    {"somebody was thinking", 64u << 20, 1001, 1001, 0},
	};

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		const struct connection_settings settings = {.window_budget = paths[i].budget};
		AUTO(recorder_release) struct recorder *recorder = recorder_new(&settings);
		uint32_t more;

		open_session_channel(recorder);
		recorder->now_ms += paths[i].round_trip_ms;
		ck_assert_int_eq(feed_request(recorder, 0, "shell", false, BYTES()), ERR_OK);
		grant(recorder, recorder->last_request);
		forget(recorder);
		recorder->now_ms += 5000;
		upload_one_window(recorder, CHANNEL_WINDOW, paths[i].within_ms);
		more = adjustments(recorder) - CHANNEL_WINDOW;
		ck_assert_msg(more == paths[i].more, "%s: %u more", paths[i].why, more);
	}
}
END_TEST

START_TEST(growth_stops_at_twice_the_path)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	uint32_t window = CHANNEL_WINDOW;

	open_session_channel(recorder);
	recorder->now_ms += 100;
	ck_assert_int_eq(feed_request(recorder, 0, "shell", false, BYTES()), ERR_OK);
	grant(recorder, recorder->last_request);
	forget(recorder);
	/* A link of 50,000 bytes per ms: 5 MB under way at once. */
	for (unsigned round = 0; round < 10; round++) {
		uint64_t link_ms = window / 50000;
		uint32_t before = window;

		upload_one_window(recorder, window, link_ms > 100 ? link_ms : 100);
		window += adjustments(recorder) - before;
	}
	ck_assert_uint_eq(window, 16u << 20);
}
END_TEST

/* --------------------------------------------------------------------------------- ends */

static const struct program_exit status_3 = {.status = 3};

START_TEST(output_then_eof_then_status_then_close)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, true);
	unsigned order = (unsigned)_i;

	/* The three ends of a program in all their orders. */
	for (unsigned step = 0; step < 3; step++, order /= 3) {
		if (order % 3 == 0)
			ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDOUT), ERR_OK);
		if (order % 3 == 1)
			ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDERR), ERR_OK);
		if (order % 3 == 2)
			ck_assert_int_eq(channel_program_exited(channel, &status_3), ERR_OK);
	}
	if (_i == 0 * 9 + 1 * 3 + 2 || _i == 0 * 9 + 2 * 3 + 1 || _i == 1 * 9 + 0 * 3 + 2 ||
	    _i == 1 * 9 + 2 * 3 + 0 || _i == 2 * 9 + 0 * 3 + 1 || _i == 2 * 9 + 1 * 3 + 0)
		expect(recorder, ">EOF 7\n>REQUEST 7 exit-status 3\n>CLOSE 7\nclosed 1\n"
				 "?SESSION_CLOSE r0 s1\n");
	else
		ck_assert_ptr_eq(connection_find(recorder->connection, 1), channel);
}
END_TEST

START_TEST(a_signal_is_reported_as_one)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);
	const struct program_exit killed = {.is_signal = true, .signal = LITERAL("SEGV"),
	    .dumped_core = true};

	ck_assert_int_eq(channel_program_exited(channel, &killed), ERR_OK);
	ck_assert_int_eq(channel_program_exited(channel, &status_3), ERR_OK);
	ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDOUT), ERR_OK);
	expect(recorder, ">EOF 7\n>REQUEST 7 exit-signal \"SEGV\" core\n>CLOSE 7\nclosed 1\n"
			 "?SESSION_CLOSE r0 s1\n");
}
END_TEST

/* "ssh host 'sleep 100 &'": the status is not withheld, the channel stays while output may come. */
START_TEST(the_status_does_not_wait_for_what_was_left_behind)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, true);

	ck_assert_int_eq(channel_program_idle(channel, CHANNEL_STDOUT), ERR_OK);
	ck_assert_int_eq(channel_program_idle(channel, CHANNEL_STDERR), ERR_OK);
	ck_assert_int_eq(channel_program_exited(channel, &status_3), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(channel_program_idle(channel, CHANNEL_STDOUT), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(channel_program_idle(channel, CHANNEL_STDERR), ERR_OK);
	expect(recorder, ">REQUEST 7 exit-status 3\n");
	pump(recorder, channel, CHANNEL_STDOUT, 10);
	ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDERR), ERR_OK);
	ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDOUT), ERR_OK);
	expect(recorder, ">DATA 10\n>EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
}
END_TEST

START_TEST(a_clients_close_is_answered_at_once)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	recorder->takes = 0;
	ck_assert_int_eq(feed_data(recorder, 0, "lost"), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "signal", true, BYTES(0, 0, 0, 3, 'H', 'U', 'P')),
	    ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	expect(recorder, "?SIGNAL r3 s1 \"HUP\"\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
	/* The answer comes late: nobody is told, and it is counted off. */
	ck_assert_ptr_null(grant(recorder, 3));
	expect(recorder, "");
	ck_assert_int_eq(feed_data(recorder, 0, "x"), ERR_UNEXPECTED);
	(void)channel;
}
END_TEST

START_TEST(eow_ends_the_output)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, true);

	ck_assert_int_eq(feed_request(recorder, 0, "eow@openssh.com", false, BYTES()), ERR_OK);
	expect(recorder, "output unwanted 1\n>EOF 7\n");
	ck_assert_uint_eq(channel_may_send(channel), 0);
	ck_assert_int_eq(feed_request(recorder, 0, "eow@openssh.com", false, BYTES()), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(channel_program_exited(channel, &status_3), ERR_OK);
	expect(recorder, ">REQUEST 7 exit-status 3\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
}
END_TEST

START_TEST(closing_from_here)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel = start_program(recorder, false);

	ck_assert_int_eq(channel_close(channel), ERR_OK);
	expect(recorder, ">EOF 7\n>CLOSE 7\nclosed 1\n?SESSION_CLOSE r0 s1\n");
	/* What was under way is dropped until the peer's CLOSE. */
	ck_assert_int_eq(feed_data(recorder, 0, "x"), ERR_OK);
	ck_assert_int_eq(feed_request(recorder, 0, "shell", true, BYTES()), ERR_OK);
	ck_assert_int_eq(feed_adjust(recorder, 0, UINT32_MAX), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	expect(recorder, "");
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_UNEXPECTED);
}
END_TEST

/* ----------------------------------------------------------------------------- our opens */

START_TEST(an_offer_is_confirmed_or_refused)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(connection_offer(recorder->connection, CHANNEL_AGENT, BYTES(), &channel),
	    ERR_OK);
	expect(recorder, ">OPEN auth-agent@openssh.com 0 window=2097152 packet=32768\n");
	ck_assert_uint_eq(channel_may_send(channel), 0);
	ck_assert_int_eq(feed_data(recorder, 0, "early"), ERR_UNEXPECTED);
	ck_assert_int_eq(feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 1, 0)),
	    ERR_OK);
	expect(recorder, "offer 1 open\n");
	ck_assert_uint_eq(channel_may_send(channel), 256);
	ck_assert_int_eq(feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 1, 0)),
	    ERR_UNEXPECTED);
	ck_assert_int_eq(connection_offer(recorder->connection, CHANNEL_X11, TCPIP_FIELDS, &channel),
	    ERR_OK);
	forget(recorder);
	ck_assert_int_eq(feed(recorder, BYTES(92, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)),
	    ERR_OK);
	expect(recorder, "offer 2 refused\n");
	ck_assert_uint_eq(connection_channel_count(recorder->connection), 1);
}
END_TEST

START_TEST(an_offer_confirmed_with_silly_sizes_ends_it)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(connection_offer(recorder->connection, CHANNEL_AGENT, BYTES(), &channel),
	    ERR_OK);
	forget(recorder);
	ck_assert_int_eq(feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 255)),
	    ERR_RANGE);
	expect(recorder, "");
}
END_TEST

/* Without a program: over when both have sent EOF and all is delivered. */
START_TEST(a_forward_closes_after_both_eofs)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(connection_offer(recorder->connection, CHANNEL_AGENT, BYTES(), &channel),
	    ERR_OK);
	ck_assert_int_eq(feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 1, 0)),
	    ERR_OK);
	channel_has_streams(channel, false);
	forget(recorder);
	recorder->takes = 0;
	ck_assert_int_eq(feed_data(recorder, 0, "tail"), ERR_OK);
	ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDOUT), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	expect(recorder, ">EOF 9\n");
	recorder->takes = 100;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "data \"tail\"\ninput ended 1\n>CLOSE 9\nclosed 1\n");
}
END_TEST

SUITE("channels", LOOP_TEST(numbers_without_a_handler_are_unsupported, 256),
    LOOP_TEST(opens_are_refused_or_asked_about, COUNT_OF(opens)),
    TEST(a_denied_open_leaves_nothing), TEST(channels_have_a_limit), TEST(questions_have_a_limit),
    TEST(no_more_sessions_is_meant), TEST(numbers_are_used_again_and_serials_are_not),
    TEST(windows_shrink_to_the_floor_when_the_budget_is_spent), TEST(the_peers_window_is_kept_to),
    TEST(headers_say_what_follows), TEST(data_beyond_the_window_end_the_connection),
    TEST(what_is_not_taken_is_kept_in_order), TEST(data_before_the_start_wait),
    TEST(credit_comes_back_as_data_are_consumed), TEST(no_credit_after_the_peers_eof),
    TEST(extended_data_are_dropped_and_credited),
    TEST(a_broken_input_is_told_and_drops), LOOP_TEST(eow_is_for_openssh_and_before_eof, 2),
    TEST(windows_grow_with_the_path), TEST(growth_stops_at_twice_the_path),
    LOOP_TEST(output_then_eof_then_status_then_close, 27), TEST(a_signal_is_reported_as_one),
    TEST(the_status_does_not_wait_for_what_was_left_behind),
    TEST(a_clients_close_is_answered_at_once), TEST(eow_ends_the_output),
    TEST(closing_from_here), TEST(an_offer_is_confirmed_or_refused),
    TEST(an_offer_confirmed_with_silly_sizes_ends_it),
    TEST(a_forward_closes_after_both_eofs))
