/*
 * The transport under test and a scripted client, joined in memory. Questions are answered at
 * once: signatures are a fixed text, groups are group 14, KEXINITs are made on the spot.
 */
#pragma once

#include "sshd/transport/transport.h"
#include "tests/support/client_transport.h"

#define PAIR_SIGNATURE "a signature over H, for all the test knows"

struct pair_settings {
	struct client_settings client;
	const char *kex, *ciphers, *macs,
	    *compression; /* the server's; NULL: everything there is */
	bool is_lax;      /* the server does not offer strict key exchange */
	bool requires_strict;
	bool is_version_sent;
	uint64_t rekey_bytes, rekey_seconds;
	bool leaves_questions; /* pair_run stops at a question instead of answering it */
	size_t chunk_len;      /* bytes reach the server in pieces of this size; 0: all at once */
};

struct pair {
	struct pair_settings settings;
	struct transport *server;
	struct client_transport *client;
	uint64_t now_ms;
	enum err server_err, client_err;
	struct transport_event question; /* that pair_run stopped at, or the last one */
	unsigned event_counts[TRANSPORT_DISCONNECTED + 1];
	struct buf at_server, at_client; /* payloads that came through, each as a string */
	size_t write_lens[64];           /* the server's writes, boundaries respected */
	size_t write_count;
};

enum err pair_init(struct pair *pair, const struct pair_settings *settings);
void pair_wipe(struct pair *pair);

/* Moves bytes and answers questions until nothing moves; remembers the first errors. */
void pair_run(struct pair *pair);

/* The identification string and everything up to both NEWKEYS; whatever went wrong first. */
enum err pair_handshake(struct pair *pair);

/* Runs the server on what the client has in its output, without running the client. */
void pair_run_server(struct pair *pair);
/* And the other way round. */
void pair_run_client(struct pair *pair);

/* The server's KEXINIT payload for these settings, appended; the cookie is `cookie` repeated. */
enum err pair_kexinit(
    const struct pair_settings *settings, uint8_t cookie, bool is_first, struct buf *out);

/* The payload at `position` of a list like at_server; an empty slice past its end. */
struct slice pair_payload(const struct buf *list, size_t position);
size_t pair_payload_count(const struct buf *list);
