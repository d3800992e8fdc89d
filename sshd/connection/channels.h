/*
 * The connection protocol (RFC 4254): channels, their windows, their requests. It holds no
 * descriptor and decides nothing: what needs a decision becomes a question, data go through a
 * sink, time is a parameter (milliseconds of a clock that never steps back).
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define CHANNEL_LIMIT               1024u        /* channels at once, whatever the settings say */
#define CHANNEL_WINDOW              (2u << 20)   /* our initial window */
#define CHANNEL_WINDOW_FLOOR        (64u << 10)  /* our initial window once the budget is spent */
#define CHANNEL_WINDOW_LIMIT        (256u << 20) /* no window grows past this */
#define CHANNEL_MAX_PACKET          (32u << 10) /* our maximum packet size, also for what we send */
#define CHANNEL_PEER_PACKET_LEAST   256u        /* a peer that announces less is refused */
#define CONNECTION_PENDING_LIMIT    64u         /* requests that wait for an answer or its turn */
#define CONNECTION_OPENING_LIMIT 128u         /* forwards being opened for the peer; more are refused */
#define CONNECTION_ENV_LIMIT        64u /* per session; more are refused, and longer ones: */
#define CONNECTION_ENV_NAME_LIMIT   255u
#define CONNECTION_ENV_VALUE_LIMIT  (32u << 10)
#define CONNECTION_COMMAND_LIMIT    (128u << 10) /* also of a subsystem's name */
#define CONNECTION_TERM_LIMIT       256u
#define CONNECTION_MODES_LIMIT      4096u
#define CONNECTION_SIGNAL_LIMIT     32u
#define CONNECTION_X11_NAME_LIMIT   64u
#define CONNECTION_X11_COOKIE_LIMIT 512u
#define CONNECTION_PROVE_LIMIT      16u  /* keys in one hostkeys-prove request */
#define CONNECTION_REASON_LIMIT     512u /* of the text of a refused open; cut there */

struct connection;
struct channel;

enum channel_type {
	CHANNEL_SESSION,
	CHANNEL_DIRECT_TCPIP,
	CHANNEL_DIRECT_STREAMLOCAL,
	CHANNEL_FORWARDED_TCPIP,
	CHANNEL_FORWARDED_STREAMLOCAL,
	CHANNEL_X11,
	CHANNEL_AGENT,
	CHANNEL_TUN,
	CHANNEL_TYPE_COUNT,
};

enum channel_stream { CHANNEL_STDOUT, CHANNEL_STDERR };

/* ------------------------------------------------------------------ questions */

enum connection_question_kind {
	CONNECTION_SESSION_OPEN,
	CONNECTION_PTY,
	CONNECTION_ENV,
	CONNECTION_START,
	CONNECTION_RESIZE, /* has no answer */
	CONNECTION_SIGNAL,
	CONNECTION_BREAK,
	CONNECTION_SESSION_CLOSE, /* has no answer; exactly one for each granted session */
	CONNECTION_AGENT,
	CONNECTION_X11,
	CONNECTION_PROVE, /* sign for this host key; asked one after the other */
	CONNECTION_DIRECT_TCPIP,
	CONNECTION_DIRECT_STREAMLOCAL,
	CONNECTION_OPEN_TUN,
	CONNECTION_LISTEN_TCPIP,
	CONNECTION_CANCEL_TCPIP,
	CONNECTION_LISTEN_STREAMLOCAL,
	CONNECTION_CANCEL_STREAMLOCAL,
	CONNECTION_QUESTION_COUNT,
};

enum session_start { SESSION_SHELL, SESSION_EXEC, SESSION_SUBSYSTEM };

struct terminal_size {
	uint16_t columns, rows, width, height; /* characters, characters, pixels, pixels */
};

/* The slices are views that end with the call of `ask`. */
struct connection_question {
	enum connection_question_kind kind;
	uint32_t request; /* what the answer will name; 0: there is no answer */
	uint32_t session; /* channel_serial of the session or the channel concerned; 0: none */
	union {
		struct {
			struct slice term;
			struct slice modes; /* RFC 4254 section 8: whole pairs, no TTY_OP_END */
			struct terminal_size size;
		} pty;
		struct {
			struct slice name, value;
		} env;
		struct {
			enum session_start what;
			struct slice command; /* or the subsystem's name; empty for a shell */
		} start;
		struct terminal_size resize;
		struct slice signal; /* without "SIG" */
		uint32_t break_ms;   /* RFC 4335; 0: the default */
		struct {
			bool is_single;
			struct slice protocol;
			struct slice cookie; /* hex, as sent */
			uint32_t screen;
		} x11;
		struct slice host_key; /* PROVE: public key blob */
		struct {
			struct slice host;
			uint16_t port;
			struct slice originator;
			uint32_t originator_port;
		} direct_tcpip;
		struct {
			uint32_t mode; /* OPEN_TUN_* of messages_channel_open.h */
			uint32_t unit;
		} tun;
		struct {
			struct slice address;
			uint16_t port; /* LISTEN: 0 is any free one */
		} tcpip;           /* LISTEN_TCPIP, CANCEL_TCPIP */
		struct slice path; /* the three of STREAMLOCAL */
	};
};

struct connection_answer {
	uint32_t request;
	bool is_granted;
	uint32_t reason;    /* SSH_OPEN_*, where an open is denied; 0 is taken for "prohibited" */
	struct slice text;  /* for people, where an open is denied */
	struct slice proof; /* PROVE granted: the signature blob */
	uint16_t port;      /* LISTEN_TCPIP granted: the port that is listened on */
};

/* --------------------------------------------------------------------- the sink */

/*
 * What the connection does to the world. None of these may call back into the connection,
 * but for reading functions (channel_number and the like).
 */
struct connection_sink {
	void *owner;
	enum err (*send)(void *owner, struct slice payload);
	enum err (*ask)(void *owner, const struct connection_question *question);

	/*
	 * Data for the program. They lie in the transport's buffer: returns how many of the first
	 * bytes were taken (0 when there is no descriptor yet or it is full). The rest is kept,
	 * and offered again by channel_drain.
	 */
	size_t (*deliver)(void *owner, struct channel *channel, struct slice data);

	/* The peer's EOF, after all its data were taken: close the program's input. */
	void (*input_ended)(void *owner, struct channel *channel);

	/* The peer reads no more output (eow@openssh.com): close the end that is read here. */
	void (*output_unwanted)(void *owner, struct channel *channel);

	/* The peer's window was used up and is not any more. */
	void (*window_opened)(void *owner, struct channel *channel);

	/*
	 * Our CLOSE has left: nothing goes in or out any more. Close the descriptors; `channel` is
	 * not to be used after this. Called once for each channel that was open.
	 */
	void (*closed)(void *owner, struct channel *channel);

	/* A channel that connection_offer made is open, or refused and not to be used any more. */
	void (*offer_answered)(void *owner, struct channel *channel, bool is_open);
};

struct connection_settings {
	uint32_t channel_limit; /* at once; 0 or past CHANNEL_LIMIT means CHANNEL_LIMIT */
	size_t window_budget;   /* bytes that all our windows together may open; floors excepted */
	bool speaks_eow;        /* the client is OpenSSH: tell it when a program's input broke */
	struct slice channel_timeouts; /* "type=seconds ...": see timeouts.h */
	uint32_t unused_seconds;       /* without an open channel for so long, it ends; 0: never */
};

/* --------------------------------------------------------------- the connection */

/* Sink and settings are copied. ERR_NO_MEMORY; the errors of timeouts_parse. */
enum err connection_new(const struct connection_sink *sink,
    const struct connection_settings *settings, struct connection **out);

/* Frees without a word to peer or sink. */
void connection_free(struct connection *connection);
void connection_release(struct connection **connection); /* for AUTO */

/*
 * One payload of the peer, its number between 80 and 127, after authentication. To be called
 * only while connection_is_waiting says no.
 *
 * ERR_AGAIN: called while waiting; nothing was looked at. ERR_UNSUPPORTED: a number without
 * meaning, to be answered with UNIMPLEMENTED. All else ends the connection: ERR_UNEXPECTED (no
 * such channel, or not in its state), ERR_LIMIT (more data than the window), ERR_RANGE (a window
 * past 2^32-1), the errors of the parsers, errors of the sink as they come.
 */
enum err connection_feed(struct connection *connection, struct slice payload, uint64_t now_ms);

/*
 * The answer to a question. `channel` tells whose it was: NULL when that is gone by now (what
 * came with the answer is to be thrown away) or when it concerned none.
 *
 * ERR_BREACH: no such question is outstanding.
 */
enum err connection_answer(struct connection *connection, const struct connection_answer *answer,
    uint64_t now_ms, struct channel **channel);

/* CONNECTION_PENDING_LIMIT is reached: feed nothing until an answer came. */
bool connection_is_waiting(const struct connection *connection);

/* hostkeys-00@openssh.com with these blobs. Once, after authentication. */
enum err connection_send_host_keys(
    struct connection *connection, const struct slice *blobs, size_t count);

/* keepalive@openssh.com, on a channel where there is one; any packet of the peer is its reply. */
enum err connection_send_keepalive(struct connection *connection);

/*
 * Closes the channels that have been idle for their time. To be called once at the start and then
 * at `next_ms` (UINT64_MAX: there is nothing to look for). Idle is what has carried no data in
 * either direction; an end may be late by an eighth of its time.
 *
 * ERR_TIMEOUT: the connection has had no open channel for unused_seconds.
 */
enum err connection_tick(struct connection *connection, uint64_t now_ms, uint64_t *next_ms);

/*
 * Opens a channel from our side. `fields` is the type-specific part
 * (sshd/wire/messages_channel_open.h). The sink hears of the answer. ERR_LIMIT: there are too many
 * channels.
 */
enum err connection_offer(struct connection *connection, enum channel_type type,
    struct slice fields, struct channel **out);

/* Channels that are open: confirmed, and our CLOSE has not left. */
size_t connection_channel_count(const struct connection *connection);

/* The open ones in the order of their numbers: NULL begins, NULL at the end. */
struct channel *connection_next_channel(
    const struct connection *connection, const struct channel *after);

/* An open one by channel_serial; NULL: gone. */
struct channel *connection_find(const struct connection *connection, uint32_t serial);

/* ------------------------------------------------------------------- a channel */

uint32_t channel_serial(const struct channel *channel); /* never used twice in a connection */
uint32_t channel_number(const struct channel *channel); /* ours; used again after CLOSE */
enum channel_type channel_type(const struct channel *channel);
const char *channel_type_name(enum channel_type type); /* as the RFCs spell it */

/* A pointer of the owner's. */
void channel_set_owner(struct channel *channel, void *owner);
void *channel_owner(const struct channel *channel);

/* Data from the program. How many bytes may go in one packet now; 0: none, do not read. */
size_t channel_may_send(const struct channel *channel);

/*
 * What stands before the data in a packet: CHANNEL_DATA_HEADER bytes, for stderr
 * CHANNEL_EXTENDED_HEADER. Read up to channel_may_send bytes behind it, then call this: it
 * writes the header over `header` (exactly that long) and takes `len` off the window.
 */
#define CHANNEL_DATA_HEADER     9u
#define CHANNEL_EXTENDED_HEADER 13u
void channel_data_header(
    struct channel *channel, enum channel_stream stream, size_t len, struct span header);

/* The descriptor takes bytes again: offers what is kept. */
enum err channel_drain(struct channel *channel, uint64_t now_ms);

/* Bytes kept for the program: whether to wait for its descriptor. */
size_t channel_kept(const struct channel *channel);

/* Writing to the program failed (EPIPE): further data of the peer are dropped. */
enum err channel_input_broken(struct channel *channel, uint64_t now_ms);

/*
 * Which streams there will be, to be told with the descriptors: a pty has stdout alone.
 * EOF leaves after the last stream has ended.
 */
void channel_has_streams(struct channel *channel, bool has_stderr);

/* Reading from the program said: end of file; or nothing more for now (EAGAIN). */
enum err channel_program_eof(struct channel *channel, enum channel_stream stream);
enum err channel_program_idle(struct channel *channel, enum channel_stream stream);

/*
 * The program ended. The status leaves when all it wrote is sent: at the end of its streams,
 * or when they are idle because something it left behind still holds them; so each stream is
 * to be read once more after this, and its end or idleness reported. CLOSE leaves after the
 * end of all streams.
 */
struct program_exit {
	bool is_signal;
	uint32_t status;     /* unless is_signal */
	struct slice signal; /* without "SIG" */
	bool dumped_core;
	struct slice message;
};
enum err channel_program_exited(struct channel *channel, const struct program_exit *exit);

/* Ends an open channel from here: EOF when it was not sent, then CLOSE. The sink hears of it. */
enum err channel_close(struct channel *channel);
