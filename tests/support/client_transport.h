/*
 * The client's half of RFC 4253 for tests: pure, and able to misbehave. client_next does nothing
 * by itself, so that a script can do each step early, late, twice or not at all; client_run does
 * what a proper client does.
 */
#pragma once

#include "sshd/crypto/exchange.h"
#include "sshd/crypto/exchange_hash.h"
#include "sshd/transport/compress.h"
#include "sshd/transport/negotiate.h"
#include "sshd/transport/packet_open.h"
#include "sshd/transport/packet_seal.h"
#include "sshd/wire/messages_kex.h"

struct client_settings {
	const char *V_C;
	const char *lists[KEXINIT_LISTS]; /* NULL: a short default */
	bool first_kex_packet_follows;
	struct gex_request gex_request; /* for group exchange; all zero: 2048, 3072, 8192 */
};

struct client_transport {
	struct client_settings settings;
	struct buf in, out;
	size_t delivered_len;
	struct packet_sealer sealer;
	struct packet_opener opener;
	struct random_pool padding;

	struct buf V_S, I_C, I_S;
	struct transport_algorithms algorithms;
	struct kex_client *kex;
	struct buf Q_C, Q_S, K, K_S, signature, p, g;
	struct gex_request asked;
	struct digest H, session_id;
	struct packet_keys next_seal, next_open;
	struct compressor *compressor;
	struct decompressor *decompressor;
	bool is_authenticated;                   /* set when USERAUTH_SUCCESS is read */
	bool seals_compressed, opens_compressed; /* negotiated for the keys in force */
	bool is_kexinit_sent, is_newkeys_sent, is_newkeys_read; /* in this exchange */
	bool is_strict, is_negotiated;
	unsigned exchange_count;
};

enum err client_new(const struct client_settings *settings, struct client_transport **out);
void client_free(struct client_transport *client);

/* Bytes from the server; and those for it, in client->out. */
enum err client_feed(struct client_transport *client, struct slice bytes);

/*
 * The next payload (or the identification string, as an empty payload). Valid until the next
 * call. ERR_AGAIN: none is complete.
 */
enum err client_next(struct client_transport *client, struct slice *payload);

/* Seals a payload under the keys in force. */
enum err client_send(struct client_transport *client, struct slice payload);

/* The steps of an exchange. */
enum err client_send_version(struct client_transport *client);
enum err client_make_kexinit(struct client_transport *client); /* into I_C, not sent */
enum err client_send_kexinit(struct client_transport *client);
enum err client_on_kexinit(struct client_transport *client, struct slice payload);
enum err client_send_init(struct client_transport *client);
enum err client_on_group(struct client_transport *client, struct slice payload);
enum err client_on_reply(struct client_transport *client, struct slice payload);
enum err client_send_newkeys(struct client_transport *client);
enum err client_on_newkeys(struct client_transport *client);

/*
 * As client_next, with everything that belongs to an exchange done and left out.
 * A rekey begins with client_send_kexinit or by the server.
 */
enum err client_run(struct client_transport *client, struct slice *payload);
