/* What the files of this room share. Nobody outside includes it. */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/connection/channel_state.h"
#include "sshd/connection/channels.h"
#include "sshd/connection/timeouts.h"
#include "sshd/connection/window.h"
#include "sshd/wire/messages_connection.h"

/* ---------------------------------------------------------------------- the structs */

enum session_phase { SESSION_FRESH, SESSION_STARTING, SESSION_STARTED };

#define SUBSYSTEM_NAME_ROOM 128u /* a longer name has no timeout of its own */

/* What a session channel has been asked for so far. */
struct session {
	enum session_phase phase;
	bool has_pty; /* asked for, and not refused */
	bool has_agent;
	bool has_x11;
	unsigned env_count;
	enum session_start what;
	uint8_t subsystem[SUBSYSTEM_NAME_ROOM]; /* "session:subsystem:NAME", for ChannelTimeout */
	size_t subsystem_len;
};

enum exit_phase { EXIT_UNKNOWN, EXIT_KNOWN, EXIT_SENT };

#define EXIT_SIGNAL_LIMIT  32u
#define EXIT_MESSAGE_LIMIT 256u

/* How the program ended, kept until all its output is sent. */
struct exit_report {
	enum exit_phase phase;
	bool is_signal;
	bool dumped_core;
	uint32_t status;
	uint8_t signal[EXIT_SIGNAL_LIMIT];
	size_t signal_len;
	uint8_t message[EXIT_MESSAGE_LIMIT];
	size_t message_len;
};

struct channel {
	struct connection *connection;
	uint32_t number; /* its place in the table */
	uint32_t serial;
	enum channel_type type;
	enum channel_state state;
	void *owner;

	uint32_t open_request; /* CHANNEL_ASKED, a forward: what the answer will name */
	uint32_t peer_number;
	uint32_t peer_max_packet;
	struct send_window send_window;

	struct receive_window receive_window;
	struct buf kept;          /* received and not yet delivered */
	bool is_input_ended;      /* the sink was told */
	bool is_input_broken;     /* what comes is dropped */
	bool is_round_trip_begun; /* confirmed_ms counts: nothing has come since */
	uint64_t confirmed_ms;

	struct idle_watch idle;
	bool has_traffic; /* since connection_tick looked last */

	unsigned open_streams; /* 1 << enum channel_stream: their end is awaited */
	unsigned busy_streams; /* of these, what may still hold output of the program */
	struct exit_report exit;
	struct session session; /* CHANNEL_SESSION only */
};

enum pending_state { PENDING_WAITS, PENDING_GRANTED, PENDING_DENIED };

/* A request of the peer without its reply yet. */
struct pending {
	uint32_t request; /* PENDING_WAITS: what the answer will name */
	enum pending_state state;
	enum connection_question_kind question;
	bool want_reply;
	bool is_orphan;          /* its channel is gone: the answer is only counted off */
	struct channel *channel; /* NULL: a global request, or an orphan */
	bool tells_port;         /* LISTEN_TCPIP of port 0: the reply carries the one found */
	uint16_t port;
};

/* The keys of one hostkeys-prove request, and the signatures so far. */
struct proof {
	bool is_running;
	struct buf keys;
	struct buf signatures;
};

struct connection {
	struct connection_sink sink;
	struct connection_settings settings;
	struct channel **channels; /* by number; NULL is free */
	size_t channel_capacity;
	size_t channel_count;                             /* that are not NULL */
	struct pending pending[CONNECTION_PENDING_LIMIT]; /* in the order they came */
	size_t pending_count;
	size_t opening_count; /* channels with an open_request */
	struct proof proof;
	struct window_path path;
	uint32_t last_serial;
	uint32_t last_request;
	bool refuses_sessions; /* no-more-sessions@openssh.com */
	bool has_sent_host_keys;
	struct timeouts timeouts;
	struct idle_watch idle;   /* all channels together */
	struct idle_watch unused; /* no channel at all */
	bool has_closed;          /* a channel, since connection_tick looked last */
	uint64_t now_ms;          /* of the call that is being served */
};

/* ------------------------------------------------------------- channels.c: the table */

/* A channel with the lowest free number. ERR_LIMIT: there are too many. ERR_NO_MEMORY. */
enum err channel_new(struct connection *connection, enum channel_type type,
    enum channel_state state, struct channel **out);

/* Out of the table and freed; its pending requests become orphans. */
void channel_forget(struct channel *channel);

/* Confirmed, and our CLOSE has not left. */
bool channel_is_open(const struct channel *channel);

/* Sends what is written. */
enum err connection_send(struct connection *connection, const struct writer *w);

/* ------------------------------------------------------ pending.c: replies in order */

/* Sends the question, whose answer will be the reply. */
enum err pending_ask(struct connection *connection, struct channel *channel, bool want_reply,
    struct connection_question *question);

/* A reply that is known at once: it leaves when those before it have. */
enum err pending_reply(
    struct connection *connection, struct channel *channel, bool want_reply, bool is_success);

/*
 * A number for a question that waits apart from the others: never 0, nor one that is out. An
 * open of a forward has no place in the order of replies and may take as long as it likes.
 */
uint32_t request_number(struct connection *connection);

/* The channel whose open waits for this answer; NULL: none does. */
struct channel *opening_find(struct connection *connection, uint32_t request);

/* The request that waits for this answer; NULL: none does. */
struct pending *pending_find(struct connection *connection, uint32_t request);

/* Gives a waiting request its outcome and sends all replies whose turn it is. */
enum err pending_settle(struct connection *connection, struct pending *pending, bool is_granted);

/* Asks again under the same place in the order (the next key of a proof). */
enum err pending_ask_again(
    struct connection *connection, struct pending *pending, struct connection_question *question);

/* Takes a request out without a reply of this kind (an open has its own). */
void pending_remove(struct connection *connection, struct pending *pending);

/* No reply leaves for this channel any more. */
void pending_abandon(struct connection *connection, const struct channel *channel);

/* ------------------------------------------------------------------ opening (open.c) */

enum err on_channel_open(struct connection *connection, struct slice payload);
enum err on_open_confirmation(struct connection *connection, struct slice payload);
enum err on_open_failure(struct connection *connection, struct slice payload);

/* For the files of the types: a new channel in CHANNEL_ASKED with what the peer announced. */
enum err open_accept(struct connection *connection, const struct channel_open *open,
    enum channel_type type, struct channel **out);
enum err open_refuse(
    struct connection *connection, uint32_t peer_number, uint32_t reason, struct slice text);
/* The answer to an open that was asked about. */
enum err open_answered(struct channel *channel, const struct connection_answer *answer);

enum err open_session(struct connection *connection, const struct channel_open *open);
enum err open_direct_tcpip(struct connection *connection, const struct channel_open *open);
enum err open_direct_streamlocal(struct connection *connection, const struct channel_open *open);
enum err open_tun(struct connection *connection, const struct channel_open *open);

/* ------------------------------------------------------------- data (channel_data.c) */

enum err on_window_adjust(struct connection *connection, struct slice payload);
enum err on_data(struct connection *connection, struct slice payload);
enum err on_extended_data(struct connection *connection, struct slice payload);

/* -------------------------------------------------------------- ends (channel_end.c) */

enum err on_eof(struct connection *connection, struct slice payload);
enum err on_close(struct connection *connection, struct slice payload);

/* Sends whatever of EOF, exit status and CLOSE is due: after it, the sink may have lost it. */
enum err channel_settle(struct channel *channel);

/* Tells the sink of the peer's EOF when all its data are delivered. */
void channel_input_settle(struct channel *channel);

/* The peer wants no more output. */
enum err channel_output_broken(struct channel *channel);

/* -------------------------------------------------------------------------- requests */

enum err on_channel_request(struct connection *connection, struct slice payload);
enum err on_channel_reply(struct connection *connection, struct slice payload);
void session_answered(
    struct channel *channel, enum connection_question_kind question, bool is_granted);
enum err on_global_request(struct connection *connection, struct slice payload);
enum err on_request_reply(struct connection *connection, struct slice payload);
enum err prove_answered(
    struct connection *connection, struct pending *pending, const struct connection_answer *answer);
void proof_end(struct proof *proof);

/*
 * For a message that names a channel: finds it and takes the step of `event`. `channel` is set
 * when the effect is ACT.
 *
 * ERR_UNEXPECTED: there is no such channel, or not for this event.
 */
enum err channel_received(struct connection *connection, uint32_t recipient_channel,
    enum channel_event event, struct channel **channel, enum channel_effect *effect);
