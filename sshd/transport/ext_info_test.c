#include "tests/support/suite.h"
#include "tests/support/transport_checks.h"

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

SUITE("ext_info", TEST(newkeys_and_ext_info_share_a_write), TEST(ext_info_says_what_we_can),
    TEST(ext_info_needs_an_invitation), TEST(their_ext_info_belongs_behind_newkeys))
