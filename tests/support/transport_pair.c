#include "tests/support/transport_pair.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

#define PAYLOADS_LIMIT (256u * 1024 * 1024)
#define HOST_KEY_BLOB  "\0\0\0\013ssh-ed25519\0\0\0 thirtytwobytesofapublichostkey!!"

static const struct transport_host_key host_keys[] = {
    {LITERAL("rsa-sha2-512,rsa-sha2-256"), LITERAL("an RSA key blob")},
    {LITERAL("ssh-ed25519"), {(const uint8_t *)HOST_KEY_BLOB, sizeof(HOST_KEY_BLOB) - 1}},
};

static enum err append_all(enum algorithm_kind kind, struct buf *out)
{
	bool is_default;

	for (size_t i = 0; algorithm_name_at(kind, i, &is_default) != NULL; i++) {
		if (i > 0)
			TRY(buf_append_text(out, ","));
		TRY(buf_append_text(out, algorithm_name_at(kind, i, &is_default)));
	}
	return ERR_OK;
}

static enum err list_of(const char *configured, enum algorithm_kind kind, struct buf *out)
{
	return configured != NULL ? buf_append_text(out, configured) : append_all(kind, out);
}

static enum err encode_kexinit(const struct kexinit *kexinit, struct buf *out)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, 8192, &room));
	w = writer_into(room);
	kexinit_encode(&w, kexinit);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

enum err pair_kexinit(
    const struct pair_settings *settings, uint8_t cookie, bool is_first, struct buf *out)
{
	AUTO(buf_wipe) struct buf kex = buf_empty(4096);
	AUTO(buf_wipe) struct buf ciphers = buf_empty(4096);
	AUTO(buf_wipe) struct buf macs = buf_empty(4096);
	uint8_t cookies[KEXINIT_COOKIE_LEN];
	struct kexinit kexinit = {.cookie = SLICE_OF(cookies)};
	struct slice compression =
	    slice_text(settings->compression ? settings->compression : "none");

	memset(cookies, cookie, sizeof(cookies));
	TRY(list_of(settings->kex, ALGORITHM_KEX, &kex));
	if (is_first && !settings->is_lax)
		TRY(buf_append_text(&kex, ",ext-info-s," MARKER_STRICT_SERVER));
	TRY(list_of(settings->ciphers, ALGORITHM_CIPHER, &ciphers));
	TRY(list_of(settings->macs, ALGORITHM_MAC, &macs));
	kexinit.lists[KEXINIT_KEX] = buf_view(&kex);
	kexinit.lists[KEXINIT_HOST_KEY] = LITERAL("ssh-ed25519,rsa-sha2-512,rsa-sha2-256");
	for (unsigned direction = 0; direction < TRANSPORT_DIRECTIONS; direction++) {
		kexinit.lists[KEXINIT_CIPHER_CLIENT_TO_SERVER + direction] = buf_view(&ciphers);
		kexinit.lists[KEXINIT_MAC_CLIENT_TO_SERVER + direction] = buf_view(&macs);
		kexinit.lists[KEXINIT_COMPRESSION_CLIENT_TO_SERVER + direction] = compression;
	}
	return encode_kexinit(&kexinit, out);
}

enum err pair_init(struct pair *pair, const struct pair_settings *settings)
{
	AUTO(buf_wipe) struct buf I_S = buf_empty(8192);
	struct transport_settings server = {
	    .V_S = LITERAL("SSH-2.0-OpenSSH_10.5 Sekisho-test"),
	    .is_version_sent = settings->is_version_sent,
	    .host_keys = host_keys,
	    .host_key_count = COUNT_OF(host_keys),
	    .server_sig_algs = LITERAL("ssh-ed25519,rsa-sha2-512,rsa-sha2-256"),
	    .rekey_bytes = settings->rekey_bytes,
	    .rekey_seconds = settings->rekey_seconds,
	    .requires_strict = settings->requires_strict,
	};

	*pair = (struct pair){
	    .settings = *settings,
	    .now_ms = 1000000,
	    .at_server = buf_empty(PAYLOADS_LIMIT),
	    .at_client = buf_empty(PAYLOADS_LIMIT),
	};
	TRY(pair_kexinit(settings, 0, true, &I_S));
	server.I_S = buf_view(&I_S);
	TRY(transport_new(&server, &pair->server));
	return client_new(&settings->client, &pair->client);
}

void pair_wipe(struct pair *pair)
{
	transport_free(pair->server);
	client_free(pair->client);
	buf_wipe(&pair->at_server);
	buf_wipe(&pair->at_client);
}

static enum err keep_payload(struct buf *list, struct slice payload)
{
	const uint8_t len[] = {(uint8_t)(payload.len >> 24), (uint8_t)(payload.len >> 16),
	    (uint8_t)(payload.len >> 8), (uint8_t)payload.len};

	TRY(buf_append(list, SLICE_OF(len)));
	return buf_append(list, payload);
}

struct slice pair_payload(const struct buf *list, size_t position)
{
	struct reader r = reader_over(buf_view(list));
	struct slice payload = {0};

	for (size_t i = 0; i <= position; i++)
		payload = read_string(&r, PAYLOADS_LIMIT);
	return payload;
}

size_t pair_payload_count(const struct buf *list)
{
	struct reader r = reader_over(buf_view(list));
	size_t count = 0;

	while (r.left.len > 0 && r.err == ERR_OK) {
		(void)read_string(&r, PAYLOADS_LIMIT);
		count++;
	}
	return count;
}

static enum err answer(struct pair *pair, const struct transport_event *event)
{
	AUTO(buf_wipe) struct buf I_S = buf_empty(8192);
	const struct kex_algorithm *group14 =
	    kex_algorithm_named(LITERAL("diffie-hellman-group14-sha256"));
	struct dh_group group;

	switch (event->kind) {
	case TRANSPORT_SIGN:
		return transport_answer_signature(pair->server, LITERAL(PAIR_SIGNATURE));
	case TRANSPORT_REKEY:
		TRY(pair_kexinit(
		    &pair->settings, (uint8_t)pair->event_counts[TRANSPORT_REKEY], false, &I_S));
		return transport_answer_rekey(pair->server, buf_view(&I_S));
	case TRANSPORT_GROUP:
		if (!dh_group_of(group14, &group))
			return ERR_NOT_FOUND;
		return transport_answer_group(pair->server, group.p, group.g);
	default:
		return ERR_OK;
	}
}

static bool is_question(const struct transport_event *event)
{
	return event->kind == TRANSPORT_SIGN || event->kind == TRANSPORT_REKEY ||
	       event->kind == TRANSPORT_GROUP;
}

/* Everything the server has to say about its present input. */
static enum err drain_server(struct pair *pair)
{
	for (;;) {
		struct transport_event event;

		TRY(transport_next(pair->server, pair->now_ms, &event));
		pair->event_counts[event.kind]++;
		if (event.kind == TRANSPORT_NOTHING)
			return ERR_OK;
		if (event.kind == TRANSPORT_PAYLOAD)
			TRY(keep_payload(&pair->at_server, event.payload));
		if (is_question(&event)) {
			pair->question = event;
			if (pair->settings.leaves_questions)
				return ERR_OK;
			TRY(answer(pair, &event));
		}
	}
}

static enum err feed_server(struct pair *pair)
{
	struct slice bytes = buf_view(&pair->client->out);
	struct span room;

	if (pair->settings.chunk_len > 0)
		bytes = slice_first(bytes, pair->settings.chunk_len);
	TRY(transport_input_room(pair->server, &room));
	bytes = slice_first(bytes, room.len);
	if (bytes.len > 0)
		memcpy(room.ptr, bytes.ptr, bytes.len);
	transport_input_commit(pair->server, bytes.len);
	buf_consume(&pair->client->out, bytes.len);
	return ERR_OK;
}

static bool server_reads(const struct pair *pair)
{
	return buf_len(&pair->client->out) > 0 && transport_wants_input(pair->server);
}

void pair_run_server(struct pair *pair)
{
	enum err err = pair->server_err;

	if (err == ERR_OK)
		err = drain_server(pair);
	while (err == ERR_OK && server_reads(pair)) {
		err = feed_server(pair);
		if (err == ERR_OK)
			err = drain_server(pair);
	}
	if (err != ERR_OK && pair->server_err == ERR_OK) {
		pair->server_err = err;
		transport_fail(pair->server, err);
	}
}

static enum err feed_client(struct pair *pair)
{
	while (transport_output_len(pair->server) > 0) {
		struct slice bytes = transport_output(pair->server, NULL);

		if (pair->write_count < COUNT_OF(pair->write_lens))
			pair->write_lens[pair->write_count++] = bytes.len;
		TRY(client_feed(pair->client, bytes));
		transport_output_consume(pair->server, bytes.len);
	}
	return ERR_OK;
}

static enum err drain_client(struct pair *pair)
{
	for (;;) {
		struct slice payload;
		enum err err = client_run(pair->client, &payload);

		if (err == ERR_AGAIN)
			return ERR_OK;
		TRY(err);
		TRY(keep_payload(&pair->at_client, payload));
	}
}

void pair_run_client(struct pair *pair)
{
	enum err err = pair->client_err;

	if (err == ERR_OK)
		err = feed_client(pair);
	if (err == ERR_OK)
		err = drain_client(pair);
	pair->client_err = err;
}

void pair_run(struct pair *pair)
{
	size_t before;

	do {
		before = buf_len(&pair->client->out) + transport_output_len(pair->server);
		pair_run_server(pair);
		pair_run_client(pair);
	} while (pair->server_err == ERR_OK && pair->client_err == ERR_OK &&
	         (server_reads(pair) || transport_output_len(pair->server) > 0) &&
	         before + buf_len(&pair->client->out) > 0);
}

enum err pair_handshake(struct pair *pair)
{
	TRY(client_send_version(pair->client));
	pair_run(pair);
	TRY(pair->server_err);
	TRY(pair->client_err);
	if (pair->event_counts[TRANSPORT_KEYED] != 1 || pair->client->exchange_count != 1)
		return ERR_UNEXPECTED;
	return slice_equal(
	           transport_session_id(pair->server), digest_view(&pair->client->session_id))
	           ? ERR_OK
	           : ERR_EXCHANGE;
}
