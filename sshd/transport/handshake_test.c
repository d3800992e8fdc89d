#include <stdio.h>

#include "tests/support/suite.h"
#include "tests/support/transport_checks.h"

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

	settings.client.lists[mismatches[_i].list] = mismatches[_i].names;
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

SUITE("handshake", LOOP_TEST(silly_group_sizes_are_refused, COUNT_OF(group_requests)),
    TEST(no_group_ends_the_exchange),
    LOOP_TEST(nothing_in_common_is_told_by_name, COUNT_OF(mismatches)),
    TEST(strict_key_exchange_can_be_required),
    LOOP_TEST(strangers_get_a_sentence, COUNT_OF(strangers)),
    LOOP_TEST(strict_leaves_no_room_for_noise, COUNT_OF(noise)),
    TEST(our_version_is_the_first_output_unless_sent),
    LOOP_TEST(every_algorithm_shakes_hands, COUNT_OF(axes)),
    LOOP_TEST(every_mac_shakes_hands, mac_count()), TEST(the_old_group_request_is_served),
    TEST(guesses_are_used_or_dropped), TEST(only_one_packet_is_dropped_for_a_wrong_guess))
