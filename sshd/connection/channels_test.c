/* Opening and numbering of channels, from either side. */
#include "sshd/connection/channels.h"

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
    {"tcpip", "direct-tcpip", 32768, TCPIP_FIELDS, ERR_OK,
        ">REFUSE 5 reason=1 \"not permitted\"\n"},
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
    TEST(a_denied_open_leaves_nothing), TEST(channels_have_a_limit), TEST(questions_have_a_limit),
    TEST(no_more_sessions_is_meant), TEST(numbers_are_used_again_and_serials_are_not),
    TEST(an_offer_is_confirmed_or_refused), TEST(an_offer_confirmed_with_silly_sizes_ends_it))
