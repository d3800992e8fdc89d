/* Data in both directions, and the windows that they use. */
#include "sshd/connection/recorder.h"
#include "tests/support/suite.h"

/* ------------------------------------------------------------------------------- windows */

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
	ck_assert_int_eq(
	    channel_data_parse(slice_over(packet, CHANNEL_DATA_HEADER + 5), &data), ERR_OK);
	ck_assert_uint_eq(data.recipient_channel, 7);
	ck_assert_ptr_eq(data.data.ptr, packet + CHANNEL_DATA_HEADER);
	channel_data_header(
	    channel, CHANNEL_STDERR, 5, (struct span){packet, CHANNEL_EXTENDED_HEADER});
	ck_assert_int_eq(
	    channel_extended_data_parse(slice_over(packet, CHANNEL_EXTENDED_HEADER + 5), &extended),
	    ERR_OK);
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

SUITE("channel_data", TEST(windows_shrink_to_the_floor_when_the_budget_is_spent),
    TEST(the_peers_window_is_kept_to), TEST(headers_say_what_follows),
    TEST(data_beyond_the_window_end_the_connection), TEST(what_is_not_taken_is_kept_in_order),
    TEST(data_before_the_start_wait), TEST(credit_comes_back_as_data_are_consumed),
    TEST(no_credit_after_the_peers_eof), TEST(extended_data_are_dropped_and_credited),
    TEST(a_broken_input_is_told_and_drops), LOOP_TEST(eow_is_for_openssh_and_before_eof, 2),
    TEST(windows_grow_with_the_path), TEST(growth_stops_at_twice_the_path))
