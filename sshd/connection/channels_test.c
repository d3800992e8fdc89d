/* Opening and numbering of channels, from either side. */
#include "sshd/connection/channels.h"

#include "sshd/connection/recorder.h"
#include "tests/support/suite.h"

#define TCPIP_FIELDS_TO(...)                                                                       \
	BYTES(0, 0, 0, 1, 'h', 0, __VA_ARGS__, 0, 0, 0, 1, 'o', 0, 0, 0, 9)
#define TCPIP_FIELDS TCPIP_FIELDS_TO(0, 0, 22)

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
    {"tcpip to port 0", "direct-tcpip", 32768, TCPIP_FIELDS_TO(0, 0, 0), ERR_OK,
        ">REFUSE 5 reason=2 \"there is no such port\"\n"},
    {"tcpip past the last port", "direct-tcpip", 32768, TCPIP_FIELDS_TO(1, 0, 0), ERR_OK,
        ">REFUSE 5 reason=2 \"there is no such port\"\n"},
    {"tcpip in packets of nothing", "direct-tcpip", 0, TCPIP_FIELDS, ERR_OK,
        ">REFUSE 5 reason=4 \"the maximum packet size is too small\"\n"},
    {"tcpip", "direct-tcpip", 32768, TCPIP_FIELDS, ERR_OK,
        "?DIRECT_TCPIP r1 s1 \"h\" 22 from \"o\" 9\n"},
    {"a path cut short", "direct-streamlocal@openssh.com", 32768, BYTES(0, 0, 0, 2, '/'),
        ERR_TRUNCATED, ""},
    {"a path", "direct-streamlocal@openssh.com", 32768,
        BYTES(0, 0, 0, 2, '/', 'p', 0, 0, 0, 0, 0, 0, 0, 0), ERR_OK,
        "?DIRECT_STREAMLOCAL r1 s1 \"/p\"\n"},
    {"a tun of no known mode", "tun@openssh.com", 32768, BYTES(0, 0, 0, 3, 0, 0, 0, 7), ERR_OK,
        ">REFUSE 5 reason=2 \"there is no such mode\"\n"},
    {"a tun", "tun@openssh.com", 32768, BYTES(0, 0, 0, 1, 0, 0, 0, 7), ERR_OK,
        "?OPEN_TUN r1 s1 1 7\n"},
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
	enum err got =
	    feed_open(recorder, opens[_i].type, 5, 0, opens[_i].max_packet, opens[_i].fields);

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

	ck_assert_int_eq(
	    feed_request(recorder, 0, "env", true, BYTES(0, 0, 0, 0, 0, 0, 0, 0)), ERR_OK);
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

/* However many opens take their time, the connection goes on; one too many is refused. */
START_TEST(slow_opens_are_in_nobodys_way)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	for (unsigned i = 0; i < CONNECTION_OPENING_LIMIT; i++)
		ck_assert_int_eq(feed_open(recorder, "direct-tcpip", i, 9, 512, TCPIP_FIELDS), ERR_OK);
	forget(recorder);
	ck_assert(!connection_is_waiting(recorder->connection));
	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 500, 9, 512, TCPIP_FIELDS), ERR_OK);
	expect(recorder, ">REFUSE 500 reason=4 \"too many connections are being opened\"\n");
	ck_assert_int_eq(feed_open(recorder, "session", 501, 9, 512, BYTES()), ERR_OK);
	expect(recorder, "?SESSION_OPEN r129 s129\n");
	/* The last one first: there is no order among them. */
	ck_assert_ptr_nonnull(grant(recorder, CONNECTION_OPENING_LIMIT));
	expect(recorder, ">CONFIRM 127 as 127 window=65536\n");
	ck_assert_ptr_null(deny(recorder, 1));
	expect(recorder, ">REFUSE 0 reason=1 \"no\"\n");
	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 502, 9, 512, TCPIP_FIELDS), ERR_OK);
	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 503, 9, 512, TCPIP_FIELDS), ERR_OK);
	expect(recorder, "?DIRECT_TCPIP r130 s130 \"h\" 22 from \"o\" 9\n"
			 "?DIRECT_TCPIP r131 s131 \"h\" 22 from \"o\" 9\n");
	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 504, 9, 512, TCPIP_FIELDS), ERR_OK);
	expect(recorder, ">REFUSE 504 reason=4 \"too many connections are being opened\"\n");
}
END_TEST

/* A forward whose descriptor broke in both directions is closed: nothing is left to wait for. */
START_TEST(a_broken_forward_is_closed)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 5, 9, 512, TCPIP_FIELDS), ERR_OK);
	channel = grant(recorder, 1);
	channel_has_streams(channel, false);
	forget(recorder);
	ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDOUT), ERR_OK);
	expect(recorder, ">EOF 5\n");
	ck_assert_int_eq(channel_input_broken(channel, 0), ERR_OK);
	expect(recorder, ">CLOSE 5\nclosed 1\n");
}
END_TEST

/* The peer has heard and said all: what it said last must not be lost with its CLOSE. */
START_TEST(a_forward_delivers_before_it_closes)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 5, 9, 512, TCPIP_FIELDS), ERR_OK);
	channel = grant(recorder, 1);
	channel_has_streams(channel, false);
	ck_assert_int_eq(channel_program_eof(channel, CHANNEL_STDOUT), ERR_OK);
	recorder->takes = 2;
	forget(recorder);
	ck_assert_int_eq(feed_data(recorder, 0, "last"), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_EOF, 0), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	expect(recorder, "data \"la\"\n");
	ck_assert_ptr_eq(connection_next_channel(recorder->connection, NULL), channel);
	recorder->takes = 2;
	ck_assert_int_eq(channel_drain(channel, 0), ERR_OK);
	expect(recorder, "data \"st\"\n>CLOSE 5\nclosed 1\n");
	ck_assert_uint_eq(connection_channel_count(recorder->connection), 0);
}
END_TEST

/* Its descriptor broke instead: nothing to wait for. */
START_TEST(a_closing_forward_that_breaks_is_closed)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(feed_open(recorder, "direct-tcpip", 5, 9, 512, TCPIP_FIELDS), ERR_OK);
	channel = grant(recorder, 1);
	channel_has_streams(channel, false);
	recorder->takes = 0;
	ck_assert_int_eq(feed_data(recorder, 0, "last"), ERR_OK);
	ck_assert_int_eq(feed_notice(recorder, SSH_MSG_CHANNEL_CLOSE, 0), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(channel_input_broken(channel, 0), ERR_OK);
	expect(recorder, ">CLOSE 5\nclosed 1\n");
}
END_TEST

START_TEST(no_more_sessions_is_meant)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);

	open_session_channel(recorder);
	forget(recorder);
	ck_assert_int_eq(
	    feed_global(recorder, "no-more-sessions@openssh.com", false, BYTES()), ERR_OK);
	ck_assert_int_eq(feed_open(recorder, "session", 5, 0, 32768, BYTES()), ERR_UNEXPECTED);
	expect(recorder, "");
}
END_TEST

/* ----------------------------------------------------------------------------- numbers */

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

/* ----------------------------------------------------------------------------- our opens */

START_TEST(an_offer_is_confirmed_or_refused)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(
	    connection_offer(recorder->connection, CHANNEL_AGENT, BYTES(), &channel), ERR_OK);
	expect(recorder, ">OPEN auth-agent@openssh.com 0 window=2097152 packet=32768\n");
	ck_assert_uint_eq(channel_may_send(channel), 0);
	ck_assert_int_eq(feed_data(recorder, 0, "early"), ERR_UNEXPECTED);
	ck_assert_int_eq(
	    feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 1, 0)), ERR_OK);
	expect(recorder, "offer 1 open\n");
	ck_assert_uint_eq(channel_may_send(channel), 256);
	ck_assert_int_eq(feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 1, 0)),
	    ERR_UNEXPECTED);
	ck_assert_int_eq(
	    connection_offer(recorder->connection, CHANNEL_X11, TCPIP_FIELDS, &channel), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(
	    feed(recorder, BYTES(92, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)), ERR_OK);
	expect(recorder, "offer 2 refused\n");
	ck_assert_uint_eq(connection_channel_count(recorder->connection), 1);
}
END_TEST

START_TEST(an_offer_confirmed_with_silly_sizes_ends_it)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(
	    connection_offer(recorder->connection, CHANNEL_AGENT, BYTES(), &channel), ERR_OK);
	forget(recorder);
	ck_assert_int_eq(
	    feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 255)), ERR_RANGE);
	expect(recorder, "");
}
END_TEST

SUITE("channels", LOOP_TEST(numbers_without_a_handler_are_unsupported, 256),
    LOOP_TEST(opens_are_refused_or_asked_about, COUNT_OF(opens)),
    TEST(a_denied_open_leaves_nothing), TEST(channels_have_a_limit), TEST(questions_have_a_limit), TEST(slow_opens_are_in_nobodys_way), TEST(a_broken_forward_is_closed),
    TEST(a_forward_delivers_before_it_closes), TEST(a_closing_forward_that_breaks_is_closed),
    TEST(no_more_sessions_is_meant), TEST(numbers_are_used_again_and_serials_are_not),
    TEST(an_offer_is_confirmed_or_refused), TEST(an_offer_confirmed_with_silly_sizes_ends_it))
