#include <stdio.h>
#include <stdlib.h>

#include "sshd/transport/state.h"
#include "tests/support/suite.h"
#include "tests/support/transport_pair.h"

/* --- handshakes ---------------------------------------------------------------------- */

/* Each value of each axis once, with the first of the others. */
static const struct {
	enum kexinit_list first, second; /* the lists that it goes into */
	const char *name;
} axes[] = {
    {KEXINIT_KEX, KEXINIT_KEX, "curve25519-sha256"},
    {KEXINIT_KEX, KEXINIT_KEX, "curve25519-sha256@libssh.org"},
    {KEXINIT_KEX, KEXINIT_KEX, "ecdh-sha2-nistp256"},
    {KEXINIT_KEX, KEXINIT_KEX, "ecdh-sha2-nistp384"},
    {KEXINIT_KEX, KEXINIT_KEX, "ecdh-sha2-nistp521"},
    {KEXINIT_KEX, KEXINIT_KEX, "mlkem768x25519-sha256"},
    {KEXINIT_KEX, KEXINIT_KEX, "mlkem768nistp256-sha256"},
    {KEXINIT_KEX, KEXINIT_KEX, "sntrup761x25519-sha512"},
    {KEXINIT_KEX, KEXINIT_KEX, "sntrup761x25519-sha512@openssh.com"},
    {KEXINIT_KEX, KEXINIT_KEX, "diffie-hellman-group14-sha256"},
    {KEXINIT_KEX, KEXINIT_KEX, "diffie-hellman-group16-sha512"},
    {KEXINIT_KEX, KEXINIT_KEX, "diffie-hellman-group18-sha512"},
    {KEXINIT_KEX, KEXINIT_KEX, "diffie-hellman-group-exchange-sha256"},
    {KEXINIT_HOST_KEY, KEXINIT_HOST_KEY, "ssh-ed25519"},
    {KEXINIT_HOST_KEY, KEXINIT_HOST_KEY, "rsa-sha2-512"},
    {KEXINIT_HOST_KEY, KEXINIT_HOST_KEY, "rsa-sha2-256"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_SERVER_TO_CLIENT,
        "chacha20-poly1305@openssh.com"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_SERVER_TO_CLIENT, "aes128-gcm@openssh.com"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_SERVER_TO_CLIENT, "aes256-gcm@openssh.com"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_SERVER_TO_CLIENT, "aes128-ctr"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_SERVER_TO_CLIENT, "aes192-ctr"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_SERVER_TO_CLIENT, "aes256-ctr"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, KEXINIT_CIPHER_CLIENT_TO_SERVER, "aes256-ctr"},
    {KEXINIT_CIPHER_SERVER_TO_CLIENT, KEXINIT_CIPHER_SERVER_TO_CLIENT,
        "chacha20-poly1305@openssh.com"},
};

static void begin(struct pair *pair, const struct pair_settings *settings)
{
	ck_assert_int_eq(pair_init(pair, settings), ERR_OK);
}

static void shake_hands(struct pair *pair)
{
	enum err err = pair_handshake(pair);

	ck_assert_msg(err == ERR_OK, "%s (server: %s, client: %s)", err_name(err),
	    err_name(pair->server_err), err_name(pair->client_err));
}

static void echo_once(struct pair *pair)
{
	size_t before_server = pair_payload_count(&pair->at_server);
	size_t before_client = pair_payload_count(&pair->at_client);

	ck_assert_int_eq(client_send(pair->client, LITERAL("\x5e"
	                                                   "to the server")),
	    ERR_OK);
	ck_assert_int_eq(transport_send(pair->server, LITERAL("\x5f"
	                                                      "to the client")),
	    ERR_OK);
	pair_run(pair);
	ck_assert_int_eq(pair->server_err, ERR_OK);
	ck_assert_int_eq(pair->client_err, ERR_OK);
	ck_assert(slice_is(pair_payload(&pair->at_server, before_server), "\x5e"
	                                                                  "to the server"));
	ck_assert(slice_is(pair_payload(&pair->at_client, before_client), "\x5f"
	                                                                  "to the client"));
}

static void handshake_with(struct pair_settings settings)
{
	struct pair pair;

	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert_int_eq(transport_is_strict(pair.server), !settings.is_lax);
	ck_assert(slice_is(transport_V_C(pair.server), pair.client->settings.V_C));
	ck_assert(slice_is(buf_view(&pair.client->signature), PAIR_SIGNATURE));
	echo_once(&pair);
	pair_wipe(&pair);
}

START_TEST(every_algorithm_shakes_hands)
{
	struct pair_settings settings = {0};
	char names[128];

	snprintf(names, sizeof(names), "%s%s", axes[_i].name,
	    axes[_i].first == KEXINIT_KEX ? "," MARKER_STRICT_CLIENT : "");
	settings.client.lists[axes[_i].first] = names;
	settings.client.lists[axes[_i].second] = names;
	handshake_with(settings);
	settings.is_lax = true;
	handshake_with(settings);
	settings.is_lax = false;
	settings.chunk_len = 1;
	handshake_with(settings);
}
END_TEST

START_TEST(every_mac_shakes_hands)
{
	struct pair_settings settings = {0};

	settings.client.lists[KEXINIT_CIPHER_CLIENT_TO_SERVER] = "aes128-ctr";
	settings.client.lists[KEXINIT_CIPHER_SERVER_TO_CLIENT] = "aes256-ctr";
	settings.client.lists[KEXINIT_MAC_CLIENT_TO_SERVER] = mac_algorithms[_i].name;
	settings.client.lists[KEXINIT_MAC_SERVER_TO_CLIENT] = mac_algorithms[_i].name;
	handshake_with(settings);
}
END_TEST

static size_t mac_count(void)
{
	size_t count = 0;

	while (mac_algorithms[count].name != NULL)
		count++;
	return count;
}

START_TEST(the_old_group_request_is_served)
{
	struct pair_settings settings = {.client.gex_request = {.is_old = true, .n = 3072}};
	struct pair pair;

	settings.client.lists[KEXINIT_KEX] = "diffie-hellman-group-exchange-sha256";
	begin(&pair, &settings);
	shake_hands(&pair);
	pair_wipe(&pair);
}
END_TEST

static const struct {
	const char *why;
	uint32_t min, n, max;
} group_requests[] = {
    {"n below min", 3072, 2048, 8192},
    {"n above max", 2048, 8192, 4096},
    {"min above max", 4096, 4096, 2048},
    {"all of it too small", 1024, 1024, 1536},
    {"all of it too large", 16384, 16384, 16384},
    {"zeros", 0, 1, 0},
};

START_TEST(silly_group_sizes_are_refused)
{
	struct pair_settings settings = {.client.gex_request = {false, group_requests[_i].min,
	                                     group_requests[_i].n, group_requests[_i].max}};
	struct pair pair;

	settings.client.lists[KEXINIT_KEX] = "diffie-hellman-group-exchange-sha256";
	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_msg(pair.server_err == ERR_EXCHANGE, "%s: %s", group_requests[_i].why,
	    err_name(pair.server_err));
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_GROUP], 0);
	pair_wipe(&pair);
}
END_TEST

START_TEST(no_group_ends_the_exchange)
{
	struct pair_settings settings = {.leaves_questions = true};
	struct pair pair;

	settings.client.lists[KEXINIT_KEX] = "diffie-hellman-group-exchange-sha256";
	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.question.kind, TRANSPORT_GROUP);
	ck_assert_uint_eq(pair.question.group.n, 3072);
	ck_assert_int_eq(transport_answer_group(pair.server, (struct slice){0}, (struct slice){0}),
	    ERR_EXCHANGE);
	pair_wipe(&pair);
}
END_TEST

static void with_last_list(
    struct pair_settings *settings, enum kexinit_list list, const char *names)
{
	settings->client.lists[list] = names;
}

static const struct {
	enum kexinit_list list;
	const char *names, *what;
} mismatches[] = {
    {KEXINIT_KEX, "diffie-hellman-group1-sha1", "key exchange method"},
    {KEXINIT_KEX, "ext-info-s,kex-strict-s-v00@openssh.com", "key exchange method"},
    {KEXINIT_KEX, "", "key exchange method"},
    {KEXINIT_HOST_KEY, "ssh-dss,ecdsa-sha2-nistp256", "host key type"},
    {KEXINIT_CIPHER_CLIENT_TO_SERVER, "aes128-cbc", "cipher"},
    {KEXINIT_CIPHER_SERVER_TO_CLIENT, "3des-cbc,arcfour", "cipher"},
    {KEXINIT_COMPRESSION_CLIENT_TO_SERVER, "zlib", "compression method"},
    {KEXINIT_COMPRESSION_SERVER_TO_CLIENT, "zlib", "compression method"},
};

START_TEST(nothing_in_common_is_told_by_name)
{
	struct pair_settings settings = {0};
	struct transport_mismatch mismatch;
	struct pair pair;

	with_last_list(&settings, mismatches[_i].list, mismatches[_i].names);
	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	/* By hand: the scripted client would itself notice that nothing fits. */
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_NO_COMMON);
	mismatch = transport_mismatch(pair.server);
	ck_assert_str_eq(mismatch.what, mismatches[_i].what);
	ck_assert(slice_is(mismatch.their_offer, mismatches[_i].names));
	pair_wipe(&pair);
}
END_TEST

START_TEST(strict_key_exchange_can_be_required)
{
	struct pair_settings settings = {.requires_strict = true};
	struct pair pair;

	handshake_with(settings);
	settings.client.lists[KEXINIT_KEX] = "curve25519-sha256,ext-info-c";
	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_NO_COMMON);
	ck_assert_str_eq(transport_mismatch(pair.server).what, "strict key exchange");
	pair_wipe(&pair);
}
END_TEST

/* --- identification --------------------------------------------------------------------- */

START_TEST(our_version_is_the_first_output_unless_sent)
{
	struct pair_settings settings = {0};
	struct pair pair;

	begin(&pair, &settings);
	ck_assert(
	    slice_is(transport_output(pair.server, NULL), "SSH-2.0-OpenSSH_10.5 Sekisho-test\r\n"));
	pair_wipe(&pair);
	settings.is_version_sent = true;
	begin(&pair, &settings);
	ck_assert_uint_eq(transport_output_len(pair.server), 0);
	pair_wipe(&pair);
}
END_TEST

static const struct {
	const char *line, *answer;
} strangers[] = {
    {"GET / HTTP/1.1\r\n", "Invalid SSH identification string.\r\n"},
    {"SSH-1.5-old\r\n", "Protocol major versions differ.\r\n"},
    {"\n", "Invalid SSH identification string.\r\n"},
};

START_TEST(strangers_get_a_sentence)
{
	struct pair_settings settings = {.is_version_sent = true};
	struct pair pair;

	begin(&pair, &settings);
	ck_assert_int_eq(buf_append_text(&pair.client->out, strangers[_i].line), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_VERSION);
	ck_assert(slice_is(transport_output(pair.server, NULL), strangers[_i].answer));
	pair_wipe(&pair);
}
END_TEST

/* --- what leaves together ------------------------------------------------------------------ */

/* Lengths of packets in clear at the front of the server's output after the exchange. */
START_TEST(newkeys_and_ext_info_share_a_write)
{
	/* A small reply: all three in one write. A large one: the reply alone, the two behind it.
	 */
	static const struct {
		const char *kex;
		size_t writes;
	} cases[] = {
	    {"curve25519-sha256,ext-info-c", 1}, {"diffie-hellman-group18-sha512,ext-info-c", 2}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pair_settings settings = {0};
		struct pair pair;
		bool is_boundary;

		settings.client.lists[KEXINIT_KEX] = cases[i].kex;
		begin(&pair, &settings);
		ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
		pair_run_server(&pair);
		pair_run_client(&pair);
		ck_assert_uint_eq(pair.write_count, 1); /* identification and KEXINIT */
		pair_run_server(&pair);
		(void)transport_output(pair.server, &is_boundary);
		ck_assert_int_eq(is_boundary, cases[i].writes == 2);
		pair_run_client(&pair);
		ck_assert_uint_eq(pair.write_count, 1 + cases[i].writes);
		ck_assert_int_eq(pair.client_err, ERR_OK);
		/* The client has read NEWKEYS and EXT_INFO, and the server has not seen the
		 * client's. */
		ck_assert_uint_eq(pair.event_counts[TRANSPORT_KEYED], 0);
		ck_assert_uint_eq(
		    message_number(pair_payload(&pair.at_client, 0)), SSH_MSG_EXT_INFO);
		pair_wipe(&pair);
	}
}
END_TEST

START_TEST(ext_info_says_what_we_can)
{
	struct pair_settings settings = {0};
	struct ext_info info;
	struct slice value;
	struct pair pair;

	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert_uint_eq(pair_payload_count(&pair.at_client), 1);
	ck_assert_int_eq(ext_info_parse(pair_payload(&pair.at_client, 0), &info), ERR_OK);
	ck_assert(ext_info_find(&info, "server-sig-algs", &value));
	ck_assert(slice_is(value, "ssh-ed25519,rsa-sha2-512,rsa-sha2-256"));
	ck_assert(ext_info_find(&info, "publickey-hostbound@openssh.com", &value) &&
	          slice_is(value, "0"));
	ck_assert(ext_info_find(&info, "ping@openssh.com", &value) && slice_is(value, "0"));
	/* Never again: phpseclib and TTSSH end the connection for one after a rekey. */
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	ck_assert_uint_eq(pair_payload_count(&pair.at_client), 1);
	pair_wipe(&pair);
}
END_TEST

START_TEST(ext_info_needs_an_invitation)
{
	struct pair_settings settings = {0};
	struct pair pair;

	settings.client.lists[KEXINIT_KEX] = "curve25519-sha256";
	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert_uint_eq(pair_payload_count(&pair.at_client), 0);
	pair_wipe(&pair);
}
END_TEST

static struct slice their_ext_info(struct span room, const char *name, const char *value)
{
	struct writer w = writer_into(room);

	ext_info_encode_begin(&w, 1);
	ext_info_encode_pair(&w, name, slice_text(value));
	return writer_view(&w);
}

START_TEST(their_ext_info_belongs_behind_newkeys)
{
	uint8_t bytes[128];
	struct span room = {bytes, sizeof(bytes)};
	struct slice payload = their_ext_info(room, "ext-info-in-auth@openssh.com", "0");
	struct pair_settings settings = {0};
	struct pair pair;

	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert(!transport_peer_takes_ext_info_in_auth(pair.server));
	ck_assert_int_eq(client_send(pair.client, payload), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert(transport_peer_takes_ext_info_in_auth(pair.server));
	/* A second one is at the wrong place. */
	ck_assert_int_eq(client_send(pair.client, payload), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_UNEXPECTED);
	pair_wipe(&pair);

	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x02\0\0\0\0")), ERR_OK);
	ck_assert_int_eq(client_send(pair.client, payload), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_UNEXPECTED);
	pair_wipe(&pair);

	/* Nor is there one behind a later NEWKEYS. */
	begin(&pair, &settings);
	shake_hands(&pair);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	ck_assert_int_eq(client_send(pair.client, payload), ERR_OK);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_UNEXPECTED);
	pair_wipe(&pair);
}
END_TEST

/* --- strict key exchange and guesses ---------------------------------------------------------- */

static const struct {
	const char *why;
	struct slice payload;
} noise[] = {
    {"IGNORE", LITERAL("\x02\0\0\0\x01x")},
    {"UNIMPLEMENTED", LITERAL("\x03\0\0\0\0")},
    {"DEBUG", LITERAL("\x04\0\0\0\0\x01x\0\0\0\0")},
};

/* Sends noise before KEXINIT, behind it, or before NEWKEYS. */
static enum err handshake_with_noise(size_t which, unsigned place, bool is_lax)
{
	struct pair_settings settings = {.is_lax = is_lax};
	struct pair pair;
	enum err err;

	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	if (place == 0)
		ck_assert_int_eq(client_send(pair.client, noise[which].payload), ERR_OK);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	if (place == 1)
		ck_assert_int_eq(client_send(pair.client, noise[which].payload), ERR_OK);
	pair_run_server(&pair);
	if (place == 2 && pair.server_err == ERR_OK) {
		struct slice payload;

		pair_run_client(&pair); /* sends its INIT */
		pair_run_server(&pair);
		ck_assert_int_eq(
		    client_feed(pair.client, transport_output(pair.server, NULL)), ERR_OK);
		transport_output_consume(pair.server, transport_output_len(pair.server));
		ck_assert_int_eq(client_next(pair.client, &payload), ERR_OK);
		ck_assert_int_eq(client_on_reply(pair.client, payload), ERR_OK);
		ck_assert_int_eq(client_send(pair.client, noise[which].payload), ERR_OK);
		ck_assert_int_eq(client_send_newkeys(pair.client), ERR_OK);
	}
	pair_run(&pair);
	err = pair.server_err;
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_KEYED], err == ERR_OK);
	pair_wipe(&pair);
	return err;
}

START_TEST(strict_leaves_no_room_for_noise)
{
	for (unsigned place = 0; place < 3; place++) {
		enum err strict = handshake_with_noise((size_t)_i, place, false);
		enum err lax = handshake_with_noise((size_t)_i, place, true);

		ck_assert_msg(strict == ERR_UNEXPECTED, "%s at %u: %s", noise[_i].why, place,
		    err_name(strict));
		ck_assert_msg(lax == ERR_OK, "%s at %u: %s", noise[_i].why, place, err_name(lax));
	}
}
END_TEST

/* A guess that fits is used; one that does not is dropped, and only it. */
START_TEST(guesses_are_used_or_dropped)
{
	static const struct {
		const char *kex;
		bool is_right;
	} cases[] = {
	    {"curve25519-sha256,kex-strict-c-v00@openssh.com", true},
	    {"unknown-kex,curve25519-sha256,kex-strict-c-v00@openssh.com", false},
	    {"unknown-kex,curve25519-sha256", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pair_settings settings = {.kex = "curve25519-sha256"};
		struct pair pair;

		settings.client.first_kex_packet_follows = true;
		settings.client.lists[KEXINIT_KEX] = cases[i].kex;
		begin(&pair, &settings);
		ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
		ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
		if (cases[i].is_right) {
			pair.client->algorithms.kex =
			    kex_algorithm_named(LITERAL("curve25519-sha256"));
			ck_assert_int_eq(client_send_init(pair.client), ERR_OK);
			pair_run_server(&pair);
			ck_assert_int_eq(pair.server_err, ERR_OK);
			ck_assert_uint_eq(pair.event_counts[TRANSPORT_SIGN], 1);
		} else {
			ck_assert_int_eq(
			    client_send(pair.client, LITERAL("\x1e nonsense for another method")),
			    ERR_OK);
			pair_run(&pair);
			ck_assert_int_eq(pair.server_err, ERR_OK);
			ck_assert_uint_eq(pair.event_counts[TRANSPORT_KEYED], 1);
		}
		pair_wipe(&pair);
	}
}
END_TEST

START_TEST(only_one_packet_is_dropped_for_a_wrong_guess)
{
	struct pair_settings settings = {.kex = "curve25519-sha256"};
	struct pair pair;

	settings.client.first_kex_packet_follows = true;
	settings.client.lists[KEXINIT_KEX] = "unknown-kex,curve25519-sha256";
	begin(&pair, &settings);
	ck_assert_int_eq(client_send_version(pair.client), ERR_OK);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x1e nonsense")), ERR_OK);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x1e nonsense")), ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_ne(pair.server_err, ERR_OK);
	pair_wipe(&pair);
}
END_TEST

/* --- rekeying ------------------------------------------------------------------------------- */

static void pair_login(struct pair *pair, const struct pair_settings *settings)
{
	begin(pair, settings);
	shake_hands(pair);
	ck_assert_int_eq(transport_authenticated(pair->server), ERR_OK);
}

START_TEST(either_side_or_both_may_rekey)
{
	struct pair_settings settings = {.is_lax = _i & 1};
	struct slice session_id;
	struct pair pair;

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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
	ck_assert_int_eq(transport_send(pair.server, LITERAL("\x63"
	                                                     "one")),
	    ERR_OK);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("\x64"
	                                                     "two")),
	    ERR_OK);
	ck_assert_uint_eq(transport_output_len(pair.server), before);
	/* 1 to 4 may go at any time. */
	ck_assert_int_eq(transport_send_unimplemented(pair.server, 7), ERR_OK);
	ck_assert_uint_gt(transport_output_len(pair.server), before);
	/* What the client sent before it saw our KEXINIT still arrives. */
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x5e"
	                                                  "in flight")),
	    ERR_OK);
	pair_run_server(&pair);
	ck_assert(slice_is(pair_payload(&pair.at_server, pair_payload_count(&pair.at_server) - 1),
	    "\x5e"
	    "in flight"));
	pair.settings.leaves_questions = false;
	before = pair_payload_count(&pair.at_client);
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	ck_assert_uint_eq(
	    message_number(pair_payload(&pair.at_client, before)), SSH_MSG_UNIMPLEMENTED);
	ck_assert(slice_is(pair_payload(&pair.at_client, before + 1), "\x63"
	                                                              "one"));
	ck_assert(slice_is(pair_payload(&pair.at_client, before + 2), "\x64"
	                                                              "two"));
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

	pair_login(&pair, &settings);
	ck_assert_int_eq(client_send_kexinit(pair.client), ERR_OK);
	pair_run_server(&pair);
	ck_assert(!transport_may_send_data(pair.server));
	pair_run_client(&pair); /* sends its public value */
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server->phase, PHASE_NEWKEYS);
	ck_assert(transport_may_send_data(pair.server));
	before = transport_output_len(pair.server);
	ck_assert_int_eq(transport_send(pair.server, LITERAL("\x5f"
	                                                     "at once")),
	    ERR_OK);
	ck_assert_uint_gt(transport_output_len(pair.server), before);
	pair_run(&pair);
	ck_assert_uint_eq(pair.event_counts[TRANSPORT_REKEYED], 1);
	ck_assert(slice_is(pair_payload(&pair.at_client, 1), "\x5f"
	                                                     "at once"));
	pair_wipe(&pair);
}
END_TEST

/* A peer that goes on under the old keys for ever is not in flight any more. */
START_TEST(what_was_in_flight_has_an_end)
{
	struct pair_settings settings = {0};
	struct pair pair;

	pair_login(&pair, &settings);
	transport_rekey_now(pair.server);
	pair_run_server(&pair); /* our KEXINIT is out */
	pair.server->in.opener.traffic.bytes += 256u * 1024 * 1024 - 100;
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x5e"
	                                                  "still allowed")),
	    ERR_OK);
	pair_run_server(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_int_eq(client_send(pair.client, LITERAL("\x5e"
	                                                  "one too many, and long enough to tell: "
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
		ck_assert_int_eq(client_send(pair.client, LITERAL("\x61"
		                                                  "late")),
		    ERR_OK);
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

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

/* --- deadlines -------------------------------------------------------------------------------- */

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
	pair_login(&pair, &settings);
	transport_rekey_now(pair.server);
	pair_run_server(&pair);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 60000), ERR_OK);
	ck_assert_int_eq(transport_tick(pair.server, pair.now_ms + 15 * 60000), ERR_TIMEOUT);
	pair_wipe(&pair);
}
END_TEST

/* --- other messages ------------------------------------------------------------------------------
 */

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

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

/* --- data ---------------------------------------------------------------------------------------
 */

/* Payloads of every size built in place, both ways, with rekeys in between. */
START_TEST(data_of_any_size_passes)
{
	static const size_t lens[] = {1, 9, 100, 32768, 32768 + 9, 100000, TRANSPORT_PAYLOAD_LIMIT};
	struct pair_settings settings = {.rekey_bytes = 500000, .chunk_len = _i ? 1000 : 0};
	struct pair pair;

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

	pair_login(&pair, &settings);
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

/* --- compression -------------------------------------------------------------------------------
 */

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
	ck_assert_int_eq(transport_send(pair.server, LITERAL("\x50"
	                                                     "behind it")),
	    ERR_OK);
	pair.settings.leaves_questions = false;
	pair_run(&pair);
	ck_assert_int_eq(pair.server_err, ERR_OK);
	ck_assert_int_eq(pair.client_err, ERR_OK);
	ck_assert(pair.client->is_authenticated);
	ck_assert(slice_is(pair_payload(&pair.at_client, 2), "\x50"
	                                                     "behind it"));
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

int main(void)
{
	const struct suite_entry entries[] = {
	    LOOP_TEST(silly_group_sizes_are_refused, COUNT_OF(group_requests)),
	    TEST(no_group_ends_the_exchange),
	    LOOP_TEST(nothing_in_common_is_told_by_name, COUNT_OF(mismatches)),
	    TEST(strict_key_exchange_can_be_required),
	    LOOP_TEST(strangers_get_a_sentence, COUNT_OF(strangers)),
	    LOOP_TEST(strict_leaves_no_room_for_noise, COUNT_OF(noise)),
	    LOOP_TEST(after_their_kexinit_only_the_exchange_goes_on, COUNT_OF(refused_in_rekey)),
	    TEST(held_payloads_are_bounded),
	    TEST(late_payloads_are_taken_after_login),
	    TEST(an_exchange_that_stalls_ends),
	    TEST(our_version_is_the_first_output_unless_sent),
	    LOOP_TEST(every_algorithm_shakes_hands, COUNT_OF(axes)),
	    LOOP_TEST(every_mac_shakes_hands, mac_count()),
	    TEST(the_old_group_request_is_served),
	    TEST(newkeys_and_ext_info_share_a_write),
	    TEST(ext_info_says_what_we_can),
	    TEST(ext_info_needs_an_invitation),
	    TEST(their_ext_info_belongs_behind_newkeys),
	    TEST(guesses_are_used_or_dropped),
	    TEST(only_one_packet_is_dropped_for_a_wrong_guess),
	    LOOP_TEST(either_side_or_both_may_rekey, 2),
	    LOOP_TEST(bytes_bring_a_rekey, 2),
	    TEST(time_brings_a_rekey_to_idle_connections_too),
	    TEST(we_do_not_rekey_before_login),
	    TEST(payloads_wait_for_newkeys),
	    TEST(data_flow_again_behind_our_newkeys),
	    TEST(what_was_in_flight_has_an_end),
	    TEST(input_stops_while_we_wait),
	    TEST(ping_is_answered_after_login_only),
	    TEST(a_flood_of_pings_stops_being_read),
	    TEST(unknown_numbers_are_unimplemented),
	    TEST(their_disconnect_is_told),
	    TEST(errors_are_told_by_reason),
	    LOOP_TEST(data_of_any_size_passes, 2),
	    TEST(an_abandoned_packet_leaves_nothing),
	    TEST(compression_bombs_are_refused),
	    LOOP_TEST(what_is_no_stream_is_refused, COUNT_OF(no_streams)),
	    LOOP_TEST(compression_begins_behind_success, COUNT_OF(compressions)),
	    TEST(a_held_success_is_not_compressed),
	    TEST(idle_connections_give_their_buffers_back),
	};

	return suite_run("transport", entries, COUNT_OF(entries));
}
