/* How channels end: by the program, by the client, from here. */
#include "sshd/connection/recorder.h"
#include "tests/support/suite.h"

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
	const struct program_exit killed = {
	    .is_signal = true, .signal = LITERAL("SEGV"), .dumped_core = true};

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
	ck_assert_int_eq(
	    feed_request(recorder, 0, "signal", true, BYTES(0, 0, 0, 3, 'H', 'U', 'P')), ERR_OK);
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

/* Without a program: over when both have sent EOF and all is delivered. */
START_TEST(a_forward_closes_after_both_eofs)
{
	AUTO(recorder_release) struct recorder *recorder = recorder_new(NULL);
	struct channel *channel;

	ck_assert_int_eq(
	    connection_offer(recorder->connection, CHANNEL_AGENT, BYTES(), &channel), ERR_OK);
	ck_assert_int_eq(
	    feed(recorder, BYTES(91, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 1, 0)), ERR_OK);
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

SUITE("channel_end", LOOP_TEST(output_then_eof_then_status_then_close, 27),
    TEST(a_signal_is_reported_as_one), TEST(the_status_does_not_wait_for_what_was_left_behind),
    TEST(a_clients_close_is_answered_at_once), TEST(eow_ends_the_output), TEST(closing_from_here),
    TEST(a_forward_closes_after_both_eofs))
