#include <stdlib.h>

#include "tests/support/suite.h"
#include "tests/support/transport_checks.h"

START_TEST(ping_is_answered_after_login_only)
{
	struct pair_settings settings = {0};
	uint32_t sequence_number;
	struct slice data;
	struct pair pair;

	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\xc0\0\0\0\x04"
	                                                  "ping")),
	    ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(
	    unimplemented_parse(pair_payload(&pair.at_client, 1), &sequence_number), ERR_OK);
	ck_assert_int_eq(transport_authenticated(pair.server), ERR_OK);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\xc0\0\0\0\x04"
	                                                  "ping")),
	    ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pong_parse(pair_payload(&pair.at_client, 2), &data), ERR_OK);
	ck_assert(slice_is(data, "ping"));
	ck_assert_int_eq(client_send(pair.client, LITERAL("\xc0\0\0\0\x05"
	                                                  "ping")),
	    ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_TRUNCATED);
	pair_wipe(&pair);
}
END_TEST

/* A peer that only sends and never reads costs a bounded amount, and is then not read either. */
START_TEST(a_flood_of_pings_stops_being_read)
{
	static const uint8_t ping[9 + 4096] = {SSH_MSG_PING, 0, 0, 0x10, 4};
	struct pair_settings settings = {0};
	struct pair pair;

	log_in(&pair, &settings);
	for (unsigned i = 0; i < 1000; i++)
		ck_assert_int_eq(client_send(pair.client, SLICE_OF(ping)), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert(!transport_wants_input(pair.server));
	ck_assert_uint_lt(transport_output_len(pair.server), 300 * 1024);
	/* When it reads after all, everything goes on. */
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_uint_eq(pair_payload_count(&pair.at_client), 1001);
	pair_wipe(&pair);
}
END_TEST

START_TEST(unknown_numbers_are_unimplemented)
{
	static const uint8_t numbers[] = {6, 8, 19, 22, 29, 128, 191, 193, 255};
	struct pair_settings settings = {0};
	struct pair pair;

	log_in(&pair, &settings);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		uint32_t sequence_number;

		ck_assert_int_eq(client_send(pair.client, slice_over(&numbers[i], 1)), ERR_OK);
		pair_run(&pair);
		ck_assert_int_eq(
		    unimplemented_parse(pair_payload(&pair.at_client, 1 + i), &sequence_number),
		    ERR_OK);
		ck_assert_uint_eq(sequence_number, i);
	}
	ck_assert_uint_eq(pair_payload_count(&pair.at_server), 0);
	pair_wipe(&pair);
}
END_TEST

START_TEST(their_disconnect_is_told)
{
	uint8_t bytes[64];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct pair_settings settings = {0};
	struct transport_event event;
	struct span room;
	struct pair pair;

	log_in(&pair, &settings);
	disconnect_encode(&w, SSH_DISCONNECT_BY_APPLICATION, LITERAL("bye"));
	ck_assert_int_eq(client_send(pair.client, writer_view(&w)), ERR_OK);
	ck_assert_int_eq(transport_input_room(pair.server, &room), ERR_OK);
	memcpy(room.ptr, buf_view(&pair.client->out).ptr, buf_len(&pair.client->out));
	transport_input_commit(pair.server, buf_len(&pair.client->out));
	ck_assert_int_eq(transport_next(pair.server, pair.now_ms, &event), ERR_OK);
	ck_assert_int_eq(event.kind, TRANSPORT_DISCONNECTED);
	ck_assert_uint_eq(event.disconnect.reason, SSH_DISCONNECT_BY_APPLICATION);
	ck_assert(slice_is(event.disconnect.text, "bye"));
	ck_assert_int_eq(transport_next(pair.server, pair.now_ms, &event), ERR_OK);
	ck_assert_int_eq(event.kind, TRANSPORT_NOTHING);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("\x5e")), ERR_CLOSED);
	pair_wipe(&pair);
}
END_TEST

START_TEST(errors_are_told_by_reason)
{
	struct pair_settings settings = {0};
	struct disconnect disconnect;
	struct pair pair;

	log_in(&pair, &settings);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x5e")), ERR_OK);
	pair.client->out.data[pair.client->out.end - 1] ^= 1;
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_MAC);
	pair_run_client(&pair);
	ck_assert_int_eq(disconnect_parse(pair_payload(&pair.at_client, 1), &disconnect), ERR_OK);
	ck_assert_uint_eq(disconnect.reason, SSH_DISCONNECT_MAC_ERROR);
	ck_assert(slice_is(disconnect.text, err_text(ERR_MAC)));
	pair_wipe(&pair);
}
END_TEST

/* Payloads of every size built in place, both ways, with rekeys in between. */
START_TEST(data_of_any_size_passes)
{
	static const size_t lens[] = {1, 9, 100, 32768, 32768 + 9, 100000, TRANSPORT_PAYLOAD_LIMIT};
	struct pair_settings settings = {.rekey_bytes = 500000, .chunk_len = _i ? 1000 : 0};
	struct pair pair;

	log_in(&pair, &settings);
	for (size_t i = 0; i < COUNT_OF(lens); i++) {
		size_t at_server = pair_payload_count(&pair.at_server);
		size_t at_client = pair_payload_count(&pair.at_client);
		uint8_t *data = malloc(lens[i]);
		struct span room;

		memset(data, 0x5e, lens[i]);
		ck_assert_int_eq(client_send(pair.client, slice_over(data, lens[i])), ERR_OK);
		ck_assert_int_eq(
		    transport_packet_begin(pair.server, TRANSPORT_PAYLOAD_LIMIT, &room), ERR_OK);
		ck_assert_uint_ge(room.len, TRANSPORT_PAYLOAD_LIMIT);
		memset(room.ptr, 0x5f, lens[i]);
		ck_assert_int_eq(transport_packet_end(pair.server, lens[i]), ERR_OK);
		pair_run(&pair);
		ck_assert_int_eq(pair.server_err, ERR_OK);
		ck_assert(slice_equal(
		    pair_payload(&pair.at_server, at_server), slice_over(data, lens[i])));
		memset(data, 0x5f, lens[i]);
		ck_assert(slice_equal(
		    pair_payload(&pair.at_client, at_client), slice_over(data, lens[i])));
		free(data);
	}
	pair_wipe(&pair);
}
END_TEST

START_TEST(an_abandoned_packet_leaves_nothing)
{
	struct pair_settings settings = {0};
	struct span room;
	struct pair pair;

	log_in(&pair, &settings);
	ck_assert_int_eq(transport_packet_begin(pair.server, 100, &room), ERR_OK);
	ck_assert_int_eq(transport_packet_end(pair.server, 0), ERR_OK);
	ck_assert_uint_eq(transport_output_len(pair.server), 0);
	ck_assert_int_eq(
	    transport_packet_begin(pair.server, TRANSPORT_PAYLOAD_LIMIT + 1, &room), ERR_LIMIT);
	echo_once(&pair);
	pair_wipe(&pair);
}
END_TEST

/* After bulk data the buffers go back; before, they stay while bytes come. */
START_TEST(idle_connections_give_their_buffers_back)
{
	static const uint8_t data[100000] = {SSH_MSG_CHANNEL_DATA};
	struct pair_settings settings = {0};
	struct pair pair;

	log_in(&pair, &settings);
	ck_assert_uint_eq(transport_deadline_ms(pair.server), UINT64_MAX);
	ck_assert_int_eq(client_send(pair.client, SLICE_OF(data)), ERR_OK);
	ck_assert_int_eq(transport_send(pair.server, SLICE_OF(data)), ERR_OK);
	pair_run(&pair);
	ck_assert_uint_eq(transport_deadline_ms(pair.server), pair.now_ms + 1000);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 1000), ERR_OK);
	ck_assert_uint_eq(transport_deadline_ms(pair.server), UINT64_MAX);
	echo_once(&pair);
	pair_wipe(&pair);
}
END_TEST

SUITE("transport", TEST(ping_is_answered_after_login_only), TEST(a_flood_of_pings_stops_being_read),
    TEST(unknown_numbers_are_unimplemented), TEST(their_disconnect_is_told),
    TEST(errors_are_told_by_reason), LOOP_TEST(data_of_any_size_passes, 2),
    TEST(an_abandoned_packet_leaves_nothing), TEST(idle_connections_give_their_buffers_back))
