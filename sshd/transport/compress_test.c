#include <stdlib.h>

#include "tests/support/suite.h"
#include "tests/support/transport_checks.h"

static const struct {
	const char *why, *client_to_server, *server_to_client;
} compressions[] = {
    {"both ways", "zlib@openssh.com", "zlib@openssh.com"},
    {"up only", "zlib@openssh.com,none", "none"},
    {"down only", "none", "zlib@openssh.com,none"},
};

static void compressed_pair(struct pair *pair, int which)
{
	struct pair_settings settings = {.compression = "none,zlib@openssh.com"};

	settings.client.lists[KEXINIT_COMPRESSION_CLIENT_TO_SERVER] =
	    compressions[which].client_to_server;
	settings.client.lists[KEXINIT_COMPRESSION_SERVER_TO_CLIENT] =
	    compressions[which].server_to_client;
	begin(pair, &settings);
	shake_hands(pair);
}

/* Data that shrink, data that do not, across a rekey, and never before USERAUTH_SUCCESS is out. */
START_TEST(compression_begins_behind_success)
{
	uint8_t data[30000] = {SSH_MSG_CHANNEL_DATA};
	struct pair pair;
	uint64_t bytes;

	compressed_pair(&pair, _i);
	echo_once(&pair);
	ck_assert_int_eq(transport_send(pair.server, BYTES(SSH_MSG_USERAUTH_SUCCESS)), ERR_OK);
	ck_assert_int_eq(transport_authenticated(pair.server), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.client_err, ERR_OK);
	ck_assert(pair.client->is_authenticated);
	for (unsigned round = 0; round < 6; round++) {
		size_t before = pair_payload_count(&pair.at_client);

		if (round == 3)
			transport_rekey_now(pair.server);
		if (round % 2 == 1)
			for (size_t i = 1; i < sizeof(data); i++)
				data[i] = (uint8_t)(i * i * i + (i >> 3) * 2654435761u);
		else
			memset(data + 1, 'a', sizeof(data) - 1);
		bytes = pair.client->opener.traffic.bytes;
		ck_assert_int_eq(transport_send(pair.server, SLICE_OF(data)), ERR_OK);
		pair_run(&pair);
		ck_assert(slice_equal(pair_payload(&pair.at_client, before), SLICE_OF(data)));
		if (round == 2)
			ck_assert_int_eq(pair.client->opener.traffic.bytes - bytes < 2000, _i != 1);
		before = pair_payload_count(&pair.at_server);
		ck_assert_int_eq(client_send(pair.client, SLICE_OF(data)), ERR_OK);
		pair_run(&pair);
		ck_assert_int_eq(pair.server_err, ERR_OK);
		ck_assert(slice_equal(pair_payload(&pair.at_server, before), SLICE_OF(data)));
		echo_once(&pair);
	}
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	pair_wipe(&pair);
}
END_TEST

/* USERAUTH_SUCCESS that had to wait for NEWKEYS is still in clear, and what follows it is not. */
START_TEST(a_held_success_is_not_compressed)
{
	struct pair pair;

	compressed_pair(&pair, 0);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair.settings.leaves_questions = true;
	pair_run_server(&pair);
	ck_assert_int_eq(pair.question.kind, TRANSPORT_REKEY);
	{
		struct buf I_S = buf_empty(8192);

		ck_assert_int_eq(pair_kexinit(&pair.settings, 3, false, &I_S), ERR_OK);
		ck_assert_int_eq(transport_answer_rekey(pair.server, buf_view(&I_S)), ERR_OK);
		buf_wipe(&I_S);
	}
	ck_assert_int_eq(transport_send(pair.server, BYTES(SSH_MSG_USERAUTH_SUCCESS)), ERR_OK);
	ck_assert_int_eq(transport_authenticated(pair.server), ERR_OK);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("Pbehind it")), ERR_OK);
	pair.settings.leaves_questions = false;
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_int_eq(pair.client_err, ERR_OK);
	ck_assert(pair.client->is_authenticated);
	ck_assert(slice_is(pair_payload(&pair.at_client, 2), "Pbehind it"));
	echo_once(&pair);
	pair_wipe(&pair);
}
END_TEST

/* A few bytes that unfold to more than a packet may hold. */
START_TEST(compression_bombs_are_refused)
{
	uint8_t *zeros = calloc(1, 200000);
	struct slice first, second;
	struct buf both = buf_empty(8192);
	struct pair pair;

	compressed_pair(&pair, 0);
	ck_assert_int_eq(transport_send(pair.server, BYTES(SSH_MSG_USERAUTH_SUCCESS)), ERR_OK);
	pair_run(&pair);
	zeros[0] = SSH_MSG_CHANNEL_DATA;
	ck_assert_int_eq(compressor_new(&pair.client->compressor), ERR_OK);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    compressor_apply(pair.client->compressor, slice_over(zeros, 200000), &first),
		    ERR_OK);
		ck_assert_int_eq(buf_append(&both, first), ERR_OK);
	}
	second = buf_view(&both);
	pair.client->is_authenticated = false; /* sealed as they are: they are compressed already */
	ck_assert_int_eq(client_send(pair.client, second), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_COMPRESSION);
	buf_wipe(&both);
	free(zeros);
	pair_wipe(&pair);
}
END_TEST

static const struct {
	const char *why;
	struct slice bytes;
} no_streams[] = {
    {"not zlib", LITERAL("hello")},
    {"nothing comes of it", LITERAL("\x78\x9c")},
    {"an end of the stream", LITERAL("\x78\x9c\x4b\x04\x00\x00\x62\x00\x62")},
    {"another dictionary", LITERAL("\x78\xbb\x00\x00\x00\x01")},
};

START_TEST(what_is_no_stream_is_refused)
{
	struct pair pair;

	compressed_pair(&pair, 0);
	ck_assert_int_eq(transport_send(pair.server, BYTES(SSH_MSG_USERAUTH_SUCCESS)), ERR_OK);
	ck_assert_int_eq(client_send(pair.client, no_streams[_i].bytes), ERR_OK);
	pair_run_server(&pair);
	ck_assert_msg(pair.server_err == ERR_COMPRESSION, "%s: %s", no_streams[_i].why,
	    err_name(pair.server_err));
	pair_wipe(&pair);
}
END_TEST

SUITE("compress", TEST(compression_bombs_are_refused),
    LOOP_TEST(what_is_no_stream_is_refused, COUNT_OF(no_streams)),
    LOOP_TEST(compression_begins_behind_success, COUNT_OF(compressions)),
    TEST(a_held_success_is_not_compressed))
