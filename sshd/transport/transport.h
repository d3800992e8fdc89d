/*
 * The transport layer of RFC 4253, the server's half: bytes in, payloads and bytes out. It owns
 * no descriptor, reads no clock (time is a parameter) and holds no host key: what it cannot know
 * or do itself it asks for by an event, and the caller answers.
 *
 * The caller's loop: read into transport_input_room and commit; transport_next until it says
 * NOTHING; write what transport_output shows and consume it; transport_next again when output
 * was consumed or a question answered. Any error is fatal: transport_fail, flush, close.
 */
#pragma once

#include "sshd/crypto/exchange_hash.h"

/* The longest payload that can be sent, and nearly the longest that is taken. */
#define TRANSPORT_PAYLOAD_LIMIT (256u * 1024 - 512)

/* Callers stop reading their own descriptors when this much output waits. */
#define TRANSPORT_OUTPUT_HIGH (128u * 1024)

#define TRANSPORT_HOST_KEYS_LIMIT 32u
#define TRANSPORT_KEXINIT_LIMIT   (32u * 1024) /* bytes of a KEXINIT payload, either side's */

struct transport_host_key {
	struct slice algorithms; /* name-list: what this key can sign with */
	struct slice blob;       /* K_S */
};

/* What the monitor says at the start. Everything is copied by transport_new. */
struct transport_settings {
	struct slice V_S;     /* without CR LF */
	bool is_version_sent; /* else V_S is the first output */
	struct slice I_S;     /* payload of our first KEXINIT, markers included */
	const struct transport_host_key *host_keys; /* in order of preference */
	size_t host_key_count;
	struct slice server_sig_algs; /* name-list for EXT_INFO */
	uint64_t rekey_bytes;         /* 0: what the cipher allows */
	uint64_t rekey_seconds;       /* 0: never by time */
	bool requires_strict;         /* refuse peers without strict key exchange */
};

enum transport_event_kind {
	TRANSPORT_NOTHING,      /* needs input, an answer, or room for output */
	TRANSPORT_PAYLOAD,      /* SERVICE_REQUEST, or a message from 50 up */
	TRANSPORT_SIGN,         /* answer with transport_answer_signature */
	TRANSPORT_REKEY,        /* a fresh KEXINIT is needed: transport_answer_rekey */
	TRANSPORT_GROUP,        /* a group is needed: transport_answer_group */
	TRANSPORT_KEYED,        /* the first exchange is complete in both directions */
	TRANSPORT_REKEYED,      /* so is a later one */
	TRANSPORT_DISCONNECTED, /* the peer said DISCONNECT: nothing follows */
};

struct transport_sign_question {
	const struct kex_algorithm *kex;
	const struct signature_algorithm *signature;
	size_t host_key;                     /* index into settings.host_keys */
	const struct transcript *transcript; /* holds K; valid until the answer */
};

struct transport_group_question {
	bool is_old; /* only n was named */
	uint32_t min, n, max;
};

struct transport_disconnect {
	uint32_t reason;
	struct slice text; /* the peer's words: escape before showing */
};

struct transport_event {
	enum transport_event_kind kind;
	union {
		struct {
			struct slice payload;     /* message number first, never empty */
			uint32_t sequence_number; /* for transport_send_unimplemented */
		};                                /* PAYLOAD */
		struct transport_sign_question sign;
		struct transport_group_question group;
		struct transport_disconnect disconnect;
	};
};

struct transport;

/* ERR_NO_MEMORY; ERR_MALFORMED, ERR_RANGE: the settings are not usable. */
enum err transport_new(const struct transport_settings *settings, struct transport **out);
void transport_free(struct transport *t);
void transport_release(struct transport **t); /* for AUTO */

/*
 * Room to read the connection's bytes into. An empty span: read nothing until the next event
 * was taken. Invalidates the payload of the last event. ERR_NO_MEMORY.
 */
enum err transport_input_room(struct transport *t, struct span *room);
void transport_input_commit(struct transport *t, size_t len);

/*
 * The next thing that happened. What slices point to stays valid until the next call of
 * transport_next or transport_input_room.
 *
 * ERR_VERSION, ERR_PACKET_LENGTH, ERR_MAC, ERR_NO_COMMON, ERR_EXCHANGE, ERR_UNEXPECTED and
 * whatever else broke.
 */
enum err transport_next(struct transport *t, uint64_t now_ms, struct transport_event *event);

/* The signature blob over H. Sends reply, NEWKEYS and, in the first exchange, EXT_INFO. */
enum err transport_answer_signature(struct transport *t, struct slice signature);

/* The payload of a fresh KEXINIT. */
enum err transport_answer_rekey(struct transport *t, struct slice I_S);

/* Magnitudes of prime and generator; an empty p: there is no fitting group (ERR_EXCHANGE). */
enum err transport_answer_group(struct transport *t, struct slice p, struct slice g);

/*
 * A payload built in place: `room` is at least `payload_limit` bytes inside the outgoing packet,
 * to be filled with message number and the rest; transport_packet_end seals its first
 * `payload_len` bytes (0: nothing is sent). No other call on `t` between the two. During a key
 * exchange messages from 50 up are held until NEWKEYS went out.
 *
 * ERR_LIMIT: too much output waits, or payload_limit is past TRANSPORT_PAYLOAD_LIMIT.
 */
enum err transport_packet_begin(struct transport *t, size_t payload_limit, struct span *room);
enum err transport_packet_end(struct transport *t, size_t payload_len);

/* The same for a payload that already lies somewhere. ERR_RANGE: it is empty. */
enum err transport_send(struct transport *t, struct slice payload);
enum err transport_send_unimplemented(struct transport *t, uint32_t sequence_number);

/*
 * What to write to the connection. Shows at most what belongs into one write: `is_boundary` is
 * set when more follows that must not share its segment (MSG_EOR). May be NULL.
 */
struct slice transport_output(const struct transport *t, bool *is_boundary);
void transport_output_consume(struct transport *t, size_t len);
size_t transport_output_len(const struct transport *t);

/* False during our part of a key exchange and above TRANSPORT_OUTPUT_HIGH: send replies only. */
bool transport_may_send_data(const struct transport *t);

/* False: do not poll the connection for reading, for now. */
bool transport_wants_input(const struct transport *t);

/* Right after USERAUTH_SUCCESS was sent: compression, PONG and our own rekeying may begin. */
enum err transport_authenticated(struct transport *t);

/* Start an exchange at the next transport_next (no effect while one runs). */
void transport_rekey_now(struct transport *t);

/*
 * Time passes: idle buffers are freed; a rekey that is due comes from the next transport_next.
 * ERR_TIMEOUT: a key exchange took too long.
 */
enum err transport_tick(struct transport *t, uint64_t now_ms);
/* When transport_tick should be called at the latest; UINT64_MAX: no need. */
uint64_t transport_deadline_ms(const struct transport *t);

/* Queues DISCONNECT with the error's reason and text (or the words for a bad identification). */
void transport_fail(struct transport *t, enum err err);
/* Queues DISCONNECT. Afterwards only output is left. */
void transport_disconnect(struct transport *t, uint32_t reason, const char *text);

/* H of the first exchange; empty before. */
struct slice transport_session_id(const struct transport *t);
/* The peer's identification string without CR LF; empty before it came. */
struct slice transport_V_C(const struct transport *t);
/* Packets received so far: any of them is a sign of life. */
uint64_t transport_packets_received(const struct transport *t);
bool transport_is_strict(const struct transport *t);
/* The client takes a second EXT_INFO before USERAUTH_SUCCESS (ext-info-in-auth@openssh.com). */
bool transport_peer_takes_ext_info_in_auth(const struct transport *t);

enum { TRANSPORT_CLIENT_TO_SERVER, TRANSPORT_SERVER_TO_CLIENT, TRANSPORT_DIRECTIONS };

/* The rows in use. `mac` is NULL beside a cipher with a tag. */
struct transport_algorithms {
	const struct kex_algorithm *kex;
	const struct signature_algorithm *signature;
	size_t host_key;
	const struct cipher_algorithm *cipher[TRANSPORT_DIRECTIONS];
	const struct mac_algorithm *mac[TRANSPORT_DIRECTIONS];
	const struct compression_algorithm *compression[TRANSPORT_DIRECTIONS];
};
/* NULL before the first negotiation. */
const struct transport_algorithms *transport_algorithms(const struct transport *t);

/* After ERR_NO_COMMON: which list had nothing in common, in the words of the log, and theirs. */
struct transport_mismatch {
	const char
	    *what; /* "key exchange method", "host key type", "cipher", "MAC", ...; else NULL */
	struct slice their_offer;
};
struct transport_mismatch transport_mismatch(const struct transport *t);
