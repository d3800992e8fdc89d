/*
 * Whole connections as a list of steps: the first byte sets up both sides, then each step is a
 * verb, a length of two bytes and that many bytes. A scripted client seals them, so the fuzzer
 * reaches every state behind every key.
 */
#include <assert.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"
#include "tests/support/transport_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct pair *pair)
{
	bool is_keyed = pair->event_counts[TRANSPORT_KEYED] > 0;

	/* Nothing for the layers above before keys are in force. */
	assert(is_keyed || pair_payload_count(&pair->at_server) == 0);
	assert(transport_output_len(pair->server) <= 1024u * 1024);
	assert(transport_session_id(pair->server).len > 0 || !is_keyed);
}

static void send_payload(struct pair *pair, struct slice bytes)
{
	if (bytes.len > 0)
		IGNORE(client_send(pair->client, bytes)); /* here and below: a client may fail */
}

static void send_raw(struct pair *pair, struct slice bytes)
{
	IGNORE(buf_append(&pair->client->out, bytes));
}

static void run_server(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	pair_run_server(pair);
}

static void run_client(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	pair_run_client(pair);
}

static void run_both(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	pair_run(pair);
}

static void send_version(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	IGNORE(client_send_version(pair->client));
}

static void send_kexinit(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	IGNORE(client_send_kexinit(pair->client));
}

static void send_init(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	if (pair->client->is_negotiated)
		IGNORE(client_send_init(pair->client));
}

static void send_newkeys(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	IGNORE(client_send_newkeys(pair->client));
}

static void server_sends(struct pair *pair, struct slice bytes)
{
	enum err err = transport_send(pair->server, bytes);

	assert(err == ERR_OK || err == ERR_LIMIT || err == ERR_CLOSED || err == ERR_RANGE);
}

static void server_authenticates(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	IGNORE(transport_send(pair->server, BYTES(SSH_MSG_USERAUTH_SUCCESS)));
	IGNORE(transport_authenticated(pair->server));
}

static void server_rekeys(struct pair *pair, struct slice bytes)
{
	(void)bytes;
	transport_rekey_now(pair->server);
}

/* Answers nobody asked for, or late ones. */
static void server_is_answered(struct pair *pair, struct slice bytes)
{
	if (bytes.len == 0)
		return;
	if (bytes.ptr[0] % 3 == 0)
		IGNORE(transport_answer_signature(pair->server, bytes));
	else if (bytes.ptr[0] % 3 == 1)
		IGNORE(transport_answer_group(pair->server, bytes, bytes));
	else
		IGNORE(transport_answer_rekey(pair->server, slice_after(bytes, 1)));
}

static void time_passes(struct pair *pair, struct slice bytes)
{
	pair->now_ms += bytes.len > 0 ? bytes.ptr[0] * 1000u : 1;
	if (transport_tick(pair->server, pair->now_ms) != ERR_OK)
		transport_fail(pair->server, ERR_TIMEOUT);
	assert(transport_deadline_ms(pair->server) >= pair->now_ms || pair->server_err != ERR_OK ||
	       pair->settings.rekey_seconds > 0);
}

static void (*const verbs[])(struct pair *, struct slice) = {send_payload, send_raw, run_server,
    run_client, run_both, send_version, send_kexinit, send_init, send_newkeys, server_sends,
    server_authenticates, server_rekeys, server_is_answered, time_passes};

static struct pair_settings settings_of(uint8_t byte)
{
	struct pair_settings settings = {
	    .is_lax = byte & 1,
	    .leaves_questions = byte & 8,
	    .chunk_len = byte & 16 ? 7 : 0,
	    .rekey_bytes = byte & 32 ? 2000 : 0,
	    .rekey_seconds = byte & 32 ? 60 : 0,
	    .compression = "none,zlib@openssh.com",
	};

	settings.client.first_kex_packet_follows = byte & 64;
	if (byte & 2)
		settings.client.lists[KEXINIT_KEX] = "unknown,diffie-hellman-group-exchange-sha256,"
		                                     "ext-info-c,kex-strict-c-v00@openssh.com";
	if (byte & 4) {
		settings.client.lists[KEXINIT_COMPRESSION_CLIENT_TO_SERVER] = "zlib@openssh.com";
		settings.client.lists[KEXINIT_COMPRESSION_SERVER_TO_CLIENT] = "zlib@openssh.com";
	}
	if (byte & 128) {
		settings.client.lists[KEXINIT_CIPHER_CLIENT_TO_SERVER] = "aes256-ctr";
		settings.client.lists[KEXINIT_CIPHER_SERVER_TO_CLIENT] =
		    "chacha20-poly1305@openssh.com";
	}
	return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over(slice_over(data, size));
	struct pair_settings settings = settings_of(read_byte(&r));
	struct pair pair;

	if (pair_init(&pair, &settings) != ERR_OK)
		abort();
	for (unsigned steps = 0; steps < 64 && r.left.len > 0 && r.err == ERR_OK; steps++) {
		uint8_t verb = read_byte(&r);
		size_t len = (size_t)read_byte(&r) << 8;

		len |= read_byte(&r);
		verbs[verb % COUNT_OF(verbs)](
		    &pair, read_bytes(&r, len < r.left.len ? len : r.left.len));
		check(&pair);
	}
	pair_wipe(&pair);
	return 0;
}
