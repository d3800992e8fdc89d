#include "sshd/transport/state.h"
#include "tests/support/suite.h"
#include "tests/support/transport_checks.h"

START_TEST(either_side_or_both_may_rekey)
{
	struct pair_settings settings = {.is_lax = _i & 1};
	struct slice session_id;
	struct pair pair;

	log_in(&pair, &settings);
	session_id = transport_session_id(pair.server);
	for (unsigned round = 1; round <= 4; round++) {
		if (round != 2)
			transport_rekey_now(pair.server);
		if (round != 1)
			ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
		pair_run(&pair);
		ck_assert_int_eq(pair.server_err, ERR_OK);
		ck_assert_int_eq(pair.client_err, ERR_OK);
		ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], round);
		ck_assert_uint_eq(pair.client->exchange_count, 1 + round);
		echo_once(&pair);
	}
	ck_assert(slice_equal(session_id, digest_view(&pair.client->session_id)));
	ck_assert(!slice_equal(session_id, digest_view(&pair.client->H)));
	pair_wipe(&pair);
}
END_TEST

START_TEST(bytes_bring_a_rekey)
{
	static const uint8_t data[4096] = {SSH_MSG_CHANNEL_DATA};
	struct pair_settings settings = {.rekey_bytes = 100000};
	struct pair pair;

	log_in(&pair, &settings);
	for (unsigned i = 0; i < 100; i++) {
		if (_i == 0)
			ck_assert_int_eq(transport_send(pair.server, SLICE_OF(data)), ERR_OK);
		else
			ck_assert_int_eq(client_send(pair.client, SLICE_OF(data)), ERR_OK);
		pair_run(&pair);
		ck_assert_int_eq(pair.server_err, ERR_OK);
	}
	/* 400 KiB: four times, or five when the packets' overhead adds up. */
	ck_assert_uint_ge(pair.event_counts[TRANSPORT_REKEYED], 4);
	ck_assert_uint_le(pair.event_counts[TRANSPORT_REKEYED], 5);
	pair_wipe(&pair);
}
END_TEST

START_TEST(time_brings_a_rekey_to_idle_connections_too)
{
	struct pair_settings settings = {.rekey_seconds = 3600};
	struct pair pair;
	uint64_t deadline;

	log_in(&pair, &settings);
	deadline = transport_deadline_ms(pair.server);
	ck_assert_uint_eq(deadline, pair.now_ms + 3600 * 1000);
	pair.now_ms = deadline - 1;
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 0);
	pair.now_ms = deadline;
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms), ERR_OK);
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	pair_wipe(&pair);
}
END_TEST

START_TEST(we_do_not_rekey_before_login)
{
	struct pair_settings settings = {.rekey_bytes = 16, .rekey_seconds = 1};
	struct pair pair;

	begin(&pair, &settings);
	shake_hands(&pair);
	pair.now_ms += 10000;
	echo_once(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEY], 0);
	/* But a client may. */
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	pair_wipe(&pair);
}
END_TEST

/* After our KEXINIT nothing from 50 up leaves until NEWKEYS; replies wait in order. */
START_TEST(payloads_wait_for_newkeys)
{
	struct pair_settings settings = {.leaves_questions = true};
	struct buf I_S = buf_empty(8192);
	struct pair pair;
	size_t before;

	begin(&pair, &(struct pair_settings){0});
	shake_hands(&pair);
	ck_assert_int_eq(transport_authenticated(pair.server), ERR_OK);
	pair.settings.leaves_questions = settings.leaves_questions;
	transport_rekey_now(pair.server);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.question.kind, TRANSPORT_REKEY);
	ck_assert(transport_may_send_data(pair.server)); /* the question does not stop anything */
	ck_assert_int_eq(pair_kexinit(&settings, 9, false, &I_S), ERR_OK);
	ck_assert_int_eq(transport_answer_rekey(pair.server, buf_view(&I_S)), ERR_OK);
	ck_assert(!transport_may_send_data(pair.server));
	before = transport_output_len(pair.server);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("cone")), ERR_OK);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("dtwo")), ERR_OK);
	ck_assert_uint_eq(transport_output_len(pair.server), before);
	/* 1 to 4 may go at any time. */
	ck_assert_int_eq(transport_send_unimplemented(pair.server, 7), ERR_OK);
	ck_assert_uint_gt(transport_output_len(pair.server), before);
	/* What the client sent before it saw our KEXINIT still arrives. */
	ck_assert_int_eq(client_send(pair.client, LITERAL("^in flight")), ERR_OK);
	pair_run_server(&pair);
	ck_assert(slice_is(
	    pair_payload(&pair.at_server, pair_payload_count(&pair.at_server) - 1), "^in flight"));
	pair.settings.leaves_questions = false;
	before = pair_payload_count(&pair.at_client);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	ck_assert_uint_eq(
	    message_number(pair_payload(&pair.at_client, before)), SSH_MSG_UNIMPLEMENTED);
	ck_assert(slice_is(pair_payload(&pair.at_client, before + 1), "cone"));
	ck_assert(slice_is(pair_payload(&pair.at_client, before + 2), "dtwo"));
	buf_wipe(&I_S);
	pair_wipe(&pair);
}
END_TEST

/* Behind our NEWKEYS there is no reason to wait for theirs. */
START_TEST(data_flow_again_behind_our_newkeys)
{
	struct pair_settings settings = {0};
	struct pair pair;
	size_t before;

	log_in(&pair, &settings);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair_run_server(&pair);
	ck_assert(!transport_may_send_data(pair.server));
	pair_run_client(&pair); /* sends its public value */
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server->phase, PHASE_NEWKEYS);
	ck_assert(transport_may_send_data(pair.server));
	before = transport_output_len(pair.server);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("_at once")), ERR_OK);
	ck_assert_uint_gt(transport_output_len(pair.server), before);
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	ck_assert(slice_is(pair_payload(&pair.at_client, 1), "_at once"));
	pair_wipe(&pair);
}
END_TEST

/* A peer that goes on under the old keys for ever is not in flight any more. */
START_TEST(what_was_in_flight_has_an_end)
{
	struct pair_settings settings = {0};
	struct pair pair;

	log_in(&pair, &settings);
	transport_rekey_now(pair.server);
	pair_run_server(&pair); /* our KEXINIT is out */
	pair.server->in.opener.traffic.bytes += 256u * 1024 * 1024 - 100;
	ck_assert_int_eq(client_send(pair.client, LITERAL("^still allowed")), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_int_eq(client_send(pair.client, LITERAL("^one too many, and long enough to tell: "
	                                                  "it is past the limit with this")),
	    ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_LIMIT);
	pair_wipe(&pair);
}
END_TEST

/* Nobody takes what comes in while the monitor is asked: it stops at a limit. */
START_TEST(input_stops_while_we_wait)
{
	struct pair_settings settings = {.leaves_questions = true};
	struct span room;
	struct pair pair;
	size_t total = 0;

	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.question.kind, TRANSPORT_SIGN);
	ck_assert(!transport_wants_input(pair.server));
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_int_eq(transport_input_room(pair.server, &room), ERR_OK);
		if (room.len > 0)
			memset(room.ptr, 0, room.len);
		transport_input_commit(pair.server, room.len);
		total += room.len;
	}
	ck_assert_uint_eq(room.len, 0);
	ck_assert_uint_le(total, 512 * 1024);
	pair_wipe(&pair);
}
END_TEST

static const struct {
	const char *why;
	struct slice payload;
} refused_in_rekey[] = {
    {"a service request", LITERAL("\x05\0\0\0\0")},
    {"PING", LITERAL("\xc0\0\0\0\0")},
    {"an unknown number", LITERAL("\x80")},
    {"a second KEXINIT", LITERAL("\x14 again")},
    {"NEWKEYS too early", LITERAL("\x15")},
    {"EXT_INFO", LITERAL("\x07\0\0\0\0")},
};

/* What should have waited is taken from a client that is logged in, and answered in order. */
START_TEST(late_payloads_are_taken_after_login)
{
	for (unsigned is_authenticated = 0; is_authenticated < 2; is_authenticated++) {
		struct pair_settings settings = {0};
		struct pair pair;

		begin(&pair, &settings);
		shake_hands(&pair);
		if (is_authenticated)
			ck_assert_int_eq(transport_authenticated(pair.server), ERR_OK);
		ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
		ck_assert_int_eq(client_send(pair.client, LITERAL("alate")), ERR_OK);
		pair_run_server(&pair);
		ck_assert_int_eq(pair.server_err, is_authenticated ? ERR_OK : ERR_UNEXPECTED);
		ck_assert_uint_eq(pair_payload_count(&pair.at_server), is_authenticated);
		if (is_authenticated) {
			pair_run(&pair);
			ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
		}
		pair_wipe(&pair);
	}
}
END_TEST

START_TEST(after_their_kexinit_only_the_exchange_goes_on)
{
	struct pair_settings settings = {0};
	struct pair pair;

	log_in(&pair, &settings);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	ck_assert_int_eq(client_send(pair.client, refused_in_rekey[_i].payload), ERR_OK);
	pair_run_server(&pair);
	ck_assert_msg(pair.server_err == ERR_UNEXPECTED, "%s: %s", refused_in_rekey[_i].why,
	    err_name(pair.server_err));
	pair_wipe(&pair);
}
END_TEST

START_TEST(held_payloads_are_bounded)
{
	static const uint8_t reply[1000] = {SSH_MSG_CHANNEL_SUCCESS};
	struct pair_settings settings = {.leaves_questions = false};
	struct buf I_S = buf_empty(8192);
	enum err err = ERR_OK;
	struct pair pair;
	size_t count = 0;

	log_in(&pair, &settings);
	transport_rekey_now(pair.server);
	pair_run_server(&pair); /* our KEXINIT is out, the client never answers */
	ck_assert(!transport_may_send_data(pair.server));
	while (err == ERR_OK && count < 10000) {
		err = transport_send(pair.server, SLICE_OF(reply));
		count++;
	}
	ck_assert_int_eq(err, ERR_LIMIT);
	ck_assert_uint_lt(count, 300);
	buf_wipe(&I_S);
	pair_wipe(&pair);
}
END_TEST

START_TEST(an_exchange_that_stalls_ends)
{
	struct pair_settings settings = {0};
	struct pair pair;

	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 59000), ERR_OK);
	ck_assert_uint_eq(transport_deadline_ms(pair.server), pair.now_ms + 60000);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 60000), ERR_TIMEOUT);
	pair_wipe(&pair);

	/* A client that is silent when we want to rekey may be suspended: it gets longer. */
	log_in(&pair, &settings);
	transport_rekey_now(pair.server);
	pair_run_server(&pair);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 60000), ERR_OK);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 15 * 60000), ERR_TIMEOUT);
	pair_wipe(&pair);
}
END_TEST

SUITE("rekeying",
    LOOP_TEST(after_their_kexinit_only_the_exchange_goes_on, COUNT_OF(refused_in_rekey)),
    TEST(held_payloads_are_bounded), TEST(late_payloads_are_taken_after_login),
    TEST(an_exchange_that_stalls_ends), LOOP_TEST(either_side_or_both_may_rekey, 2),
    LOOP_TEST(bytes_bring_a_rekey, 2), TEST(time_brings_a_rekey_to_idle_connections_too),
    TEST(we_do_not_rekey_before_login), TEST(payloads_wait_for_newkeys),
    TEST(data_flow_again_behind_our_newkeys), TEST(what_was_in_flight_has_an_end),
    TEST(input_stops_while_we_wait))
