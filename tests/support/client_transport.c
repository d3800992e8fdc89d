#include "tests/support/client_transport.h"

#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/transport/key_derivation.h"
#include "sshd/transport/version.h"
#include "sshd/wire/name_list.h"

#define CLIENT_BUFFER_LIMIT (64u * 1024 * 1024)

static const char *const default_lists[KEXINIT_LISTS] = {
    [KEXINIT_KEX] = "curve25519-sha256,ext-info-c,kex-strict-c-v00@openssh.com",
    [KEXINIT_HOST_KEY] = "ssh-ed25519",
    [KEXINIT_CIPHER_CLIENT_TO_SERVER] = "aes128-gcm@openssh.com",
    [KEXINIT_CIPHER_SERVER_TO_CLIENT] = "aes128-gcm@openssh.com",
    [KEXINIT_MAC_CLIENT_TO_SERVER] = "hmac-sha2-256",
    [KEXINIT_MAC_SERVER_TO_CLIENT] = "hmac-sha2-256",
    [KEXINIT_COMPRESSION_CLIENT_TO_SERVER] = "none",
    [KEXINIT_COMPRESSION_SERVER_TO_CLIENT] = "none",
    [KEXINIT_LANGUAGE_CLIENT_TO_SERVER] = "",
    [KEXINIT_LANGUAGE_SERVER_TO_CLIENT] = "",
};

static struct buf *const *exchange_bufs(struct client_transport *client, struct buf *all[static 10])
{
	struct buf *bufs[] = {&client->V_S, &client->I_C, &client->I_S, &client->Q_C, &client->Q_S,
	    &client->K, &client->K_S, &client->signature, &client->p, &client->g};

	memcpy(all, bufs, sizeof(bufs));
	return all;
}

enum err client_new(const struct client_settings *settings, struct client_transport **out)
{
	struct client_transport *client = calloc(1, sizeof(*client));
	struct buf *bufs[10];

	if (client == NULL)
		return ERR_NO_MEMORY;
	client->settings = *settings;
	if (client->settings.V_C == NULL)
		client->settings.V_C = "SSH-2.0-Scripted_1.0 for tests";
	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		if (client->settings.lists[i] == NULL)
			client->settings.lists[i] = default_lists[i];
	if (client->settings.gex_request.n == 0)
		client->settings.gex_request = (struct gex_request){false, 2048, 3072, 8192};
	client->in = client->out = buf_empty(CLIENT_BUFFER_LIMIT);
	exchange_bufs(client, bufs);
	for (size_t i = 0; i < COUNT_OF(bufs); i++)
		*bufs[i] = buf_empty(CLIENT_BUFFER_LIMIT);
	packet_sealer_init(&client->sealer, &client->padding);
	packet_opener_init(&client->opener);
	*out = client;
	return ERR_OK;
}

void client_free(struct client_transport *client)
{
	struct buf *bufs[10];

	if (client == NULL)
		return;
	exchange_bufs(client, bufs);
	for (size_t i = 0; i < COUNT_OF(bufs); i++)
		buf_wipe(bufs[i]);
	buf_wipe(&client->in);
	buf_wipe(&client->out);
	kex_client_free(client->kex);
	packet_keys_wipe(&client->next_seal);
	packet_keys_wipe(&client->next_open);
	packet_sealer_wipe(&client->sealer);
	packet_opener_wipe(&client->opener);
	compressor_free(client->compressor);
	decompressor_free(client->decompressor);
	free(client);
}

enum err client_feed(struct client_transport *client, struct slice bytes)
{
	buf_consume(&client->in, client->delivered_len);
	client->delivered_len = 0;
	return buf_append(&client->in, bytes);
}

static enum err read_version(struct client_transport *client)
{
	struct version_line line;

	TRY(version_parse(buf_view(&client->in), &line));
	TRY(buf_append(&client->V_S, line.text));
	client->delivered_len = line.line_len;
	return ERR_OK;
}

static struct span content(struct buf *buf)
{
	return (struct span){buf->data + buf->start, buf->end - buf->start};
}

static enum err unfold(struct client_transport *client, struct slice *payload)
{
	if (!client->is_authenticated || !client->opens_compressed)
		return ERR_OK;
	if (client->decompressor == NULL)
		TRY(decompressor_new(&client->decompressor));
	return decompressor_apply(client->decompressor, *payload, payload);
}

static enum err fold(struct client_transport *client, struct slice *payload)
{
	if (!client->is_authenticated || !client->seals_compressed)
		return ERR_OK;
	if (client->compressor == NULL)
		TRY(compressor_new(&client->compressor));
	return compressor_apply(client->compressor, *payload, payload);
}

enum err client_next(struct client_transport *client, struct slice *payload)
{
	struct opened_packet packet;

	buf_consume(&client->in, client->delivered_len);
	client->delivered_len = 0;
	if (buf_len(&client->in) == 0)
		return ERR_AGAIN;
	if (buf_len(&client->V_S) == 0) {
		TRY(read_version(client));
		*payload = (struct slice){0};
		return ERR_OK;
	}
	TRY(packet_open(&client->opener, content(&client->in), &packet));
	client->delivered_len = packet.packet_len;
	TRY(unfold(client, &packet.payload));
	if (message_number(packet.payload) == SSH_MSG_USERAUTH_SUCCESS)
		client->is_authenticated = true;
	*payload = packet.payload;
	return ERR_OK;
}

enum err client_send(struct client_transport *client, struct slice payload)
{
	struct span room;
	size_t len;

	TRY(fold(client, &payload));
	TRY(buf_reserve(&client->out, payload.len + PACKET_OVERHEAD_LIMIT, &room));
	memcpy(room.ptr + PACKET_HEADER_LEN, payload.ptr, payload.len);
	TRY(packet_seal(&client->sealer, room, payload.len, &len));
	buf_commit(&client->out, len);
	return ERR_OK;
}

enum err client_send_version(struct client_transport *client)
{
	TRY(buf_append_text(&client->out, client->settings.V_C));
	return buf_append_text(&client->out, "\r\n");
}

/* Forgets the exchange before; V_S stays. */
static void exchange_begin(struct client_transport *client)
{
	struct buf *bufs[10];

	exchange_bufs(client, bufs);
	for (size_t i = 1; i < COUNT_OF(bufs); i++)
		buf_wipe(bufs[i]);
	kex_client_free(client->kex);
	client->kex = NULL;
	client->is_newkeys_sent = client->is_newkeys_read = client->is_negotiated = false;
}

enum err client_make_kexinit(struct client_transport *client)
{
	uint8_t bytes[16384];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct kexinit kexinit = {
	    .cookie = LITERAL("sixteen bytes ok"),
	    .first_kex_packet_follows = client->settings.first_kex_packet_follows,
	};

	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		kexinit.lists[i] = slice_text(client->settings.lists[i]);
	kexinit_encode(&w, &kexinit);
	TRY(writer_finish(&w, NULL));
	exchange_begin(client);
	return buf_append(&client->I_C, writer_view(&w));
}

enum err client_send_kexinit(struct client_transport *client)
{
	TRY(client_make_kexinit(client));
	client->is_kexinit_sent = true;
	return client_send(client, buf_view(&client->I_C));
}

/* Both KEXINITs are here: the same choice as the server's, by the same code. */
enum err client_on_kexinit(struct client_transport *client, struct slice payload)
{
	struct negotiation negotiation;
	struct transport_mismatch mismatch;
	struct transport_host_key any;
	struct kexinit ours, theirs;

	TRY(buf_append(&client->I_S, payload));
	TRY(kexinit_parse(buf_view(&client->I_S), &theirs));
	TRY(kexinit_parse(buf_view(&client->I_C), &ours));
	any = (struct transport_host_key){.algorithms = theirs.lists[KEXINIT_HOST_KEY]};
	TRY(negotiate(&ours, &theirs, &any, 1, &negotiation, &mismatch));
	client->algorithms = negotiation.algorithms;
	client->is_negotiated = true;
	if (client->exchange_count == 0)
		client->is_strict =
		    name_list_contains_text(ours.lists[KEXINIT_KEX], MARKER_STRICT_CLIENT) &&
		    name_list_contains_text(theirs.lists[KEXINIT_KEX], MARKER_STRICT_SERVER);
	return ERR_OK;
}

static bool has_mpints(const struct client_transport *client)
{
	return client->algorithms.kex->flow != KEX_FLOW_ECDH;
}

static enum err send_public(struct client_transport *client, uint8_t number)
{
	uint8_t bytes[4096];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});

	kex_init_encode(&w, number, has_mpints(client), buf_view(&client->Q_C));
	TRY(writer_finish(&w, NULL));
	return client_send(client, writer_view(&w));
}

enum err client_send_init(struct client_transport *client)
{
	uint8_t bytes[16];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});

	buf_wipe(&client->Q_C);
	if (client->algorithms.kex->flow != KEX_FLOW_GROUP) {
		kex_client_free(client->kex);
		client->kex = NULL;
		TRY(kex_client_begin(client->algorithms.kex, &client->kex, &client->Q_C));
		return send_public(client, SSH_MSG_KEX_ECDH_INIT);
	}
	gex_request_encode(&w, &client->settings.gex_request);
	return client_send(client, writer_view(&w));
}

/*
 * crypto has no client for a group that came by message. The secret exponent 1 needs no
 * arithmetic, and for a test it is as good as any: e is g and K is f.
 */
enum err client_on_group(struct client_transport *client, struct slice payload)
{
	struct gex_group group;

	TRY(gex_group_parse(payload, &group));
	TRY(buf_append(&client->p, group.p));
	TRY(buf_append(&client->g, group.g));
	TRY(buf_append(&client->Q_C, group.g));
	return send_public(client, SSH_MSG_KEX_DH_GEX_INIT);
}

static enum err finish_secret(struct client_transport *client)
{
	if (client->algorithms.kex->flow == KEX_FLOW_GROUP)
		return buf_append(&client->K, buf_view(&client->Q_S));
	if (client->kex == NULL)
		return ERR_UNEXPECTED;
	return kex_client_finish(client->kex, buf_view(&client->Q_S), &client->K);
}

static enum err hash_exchange(struct client_transport *client)
{
	const struct gex_request *asked = &client->settings.gex_request;
	const struct transcript transcript = {
	    .V_C = slice_text(client->settings.V_C),
	    .V_S = buf_view(&client->V_S),
	    .I_C = buf_view(&client->I_C),
	    .I_S = buf_view(&client->I_S),
	    .K_S = buf_view(&client->K_S),
	    .group = {asked->is_old, asked->min, asked->n, asked->max, buf_view(&client->p),
	        buf_view(&client->g)},
	    .Q_C = buf_view(&client->Q_C),
	    .Q_S = buf_view(&client->Q_S),
	    .K = buf_view(&client->K),
	};

	return exchange_hash(client->algorithms.kex, &transcript, &client->H);
}

static enum err derive(struct client_transport *client)
{
	const struct transport_algorithms *chosen = &client->algorithms;
	const struct key_source source = {chosen->kex->hash, chosen->kex->k_kind,
	    buf_view(&client->K), digest_view(&client->H), digest_view(&client->session_id)};

	TRY(key_derive_direction(&source, true, chosen->cipher[TRANSPORT_CLIENT_TO_SERVER],
	    chosen->mac[TRANSPORT_CLIENT_TO_SERVER], CIPHER_SEALS, &client->next_seal));
	return key_derive_direction(&source, false, chosen->cipher[TRANSPORT_SERVER_TO_CLIENT],
	    chosen->mac[TRANSPORT_SERVER_TO_CLIENT], CIPHER_OPENS, &client->next_open);
}

enum err client_on_reply(struct client_transport *client, struct slice payload)
{
	struct kex_reply reply;
	bool is_group;

	if (!client->is_negotiated)
		return ERR_UNEXPECTED;
	is_group = client->algorithms.kex->flow == KEX_FLOW_GROUP;
	TRY(kex_reply_parse(payload, is_group ? SSH_MSG_KEX_DH_GEX_REPLY : SSH_MSG_KEX_ECDH_REPLY,
	    has_mpints(client), &reply));
	TRY(buf_append(&client->K_S, reply.K_S));
	TRY(buf_append(&client->Q_S, reply.Q_S));
	TRY(buf_append(&client->signature, reply.signature));
	TRY(finish_secret(client));
	TRY(hash_exchange(client));
	if (client->exchange_count == 0)
		client->session_id = client->H;
	return derive(client);
}

static void exchange_end(struct client_transport *client)
{
	if (!client->is_newkeys_sent || !client->is_newkeys_read)
		return;
	client->is_kexinit_sent = client->is_newkeys_sent = client->is_newkeys_read = false;
	client->exchange_count++;
}

static bool is_compressed(const struct client_transport *client, unsigned direction)
{
	const struct compression_algorithm *chosen = client->algorithms.compression[direction];

	return chosen != NULL && chosen->kind != COMPRESSION_NONE;
}

enum err client_send_newkeys(struct client_transport *client)
{
	TRY(client_send(client, BYTES(SSH_MSG_NEWKEYS)));
	packet_sealer_rekey(&client->sealer, &client->next_seal);
	compressor_free(client->compressor);
	client->compressor = NULL;
	client->seals_compressed = is_compressed(client, TRANSPORT_CLIENT_TO_SERVER);
	if (client->is_strict)
		client->sealer.sequence_number = 0;
	client->is_newkeys_sent = true;
	exchange_end(client);
	return ERR_OK;
}

enum err client_on_newkeys(struct client_transport *client)
{
	packet_opener_rekey(&client->opener, &client->next_open);
	decompressor_free(client->decompressor);
	client->decompressor = NULL;
	client->opens_compressed = is_compressed(client, TRANSPORT_SERVER_TO_CLIENT);
	if (client->is_strict)
		client->opener.sequence_number = 0;
	client->is_newkeys_read = true;
	exchange_end(client);
	return ERR_OK;
}

/* What a proper client does with a message of an exchange; `is_handled` tells whether it is one. */
static enum err handle(struct client_transport *client, struct slice payload, bool *is_handled)
{
	bool is_group = client->is_negotiated && client->algorithms.kex->flow == KEX_FLOW_GROUP;

	*is_handled = true;
	switch (message_number(payload)) {
	case SSH_MSG_KEXINIT:
		if (!client->is_kexinit_sent)
			TRY(client_send_kexinit(client));
		TRY(client_on_kexinit(client, payload));
		return client_send_init(client);
	case SSH_MSG_KEX_ECDH_REPLY:
		if (is_group)
			return client_on_group(client, payload);
		TRY(client_on_reply(client, payload));
		return client_send_newkeys(client);
	case SSH_MSG_KEX_DH_GEX_REPLY:
		TRY(client_on_reply(client, payload));
		return client_send_newkeys(client);
	case SSH_MSG_NEWKEYS:
		return client_on_newkeys(client);
	default:
		*is_handled = false;
		return ERR_OK;
	}
}

enum err client_run(struct client_transport *client, struct slice *payload)
{
	for (;;) {
		struct slice next;
		bool is_handled;

		TRY(client_next(client, &next));
		if (next.len == 0)
			continue;
		TRY(handle(client, next, &is_handled));
		if (!is_handled) {
			*payload = next;
			return ERR_OK;
		}
	}
}
