/*
 * The forwards of a connection: what is being connected, what is listened on, what is open. Net
 * asks (answer_forward.c), the user's process does it (forwards.c), the log says it all.
 */
#pragma once

#include "privsep/ipc/messages.h"
#include "privsep/monitor/pace.h"

#define FORWARDS_LIMIT         1024u /* open and being opened; as many as net has channels */
#define FORWARDS_OPENING_LIMIT 128u  /* net keeps to it too */
#define LISTENERS_LIMIT        128u
#define FORWARDS_BURST         4000u /* so many at once, */
#define FORWARDS_MS            1u    /* then a thousand per second */
#define LISTEN_PATH_SIZE       256u

enum forward_state {
	FORWARD_WAITING, /* for the user's process to take it */
	FORWARD_OPENING, /* the user's process is at it */
	FORWARD_OFFERED, /* accepted; the client has not said what it thinks of it */
	FORWARD_OPEN,
};

struct forward {
	struct forward *next;
	uint32_t number;  /* ours, never used twice */
	enum forward_state state;
	enum forward_kind kind;
	bool is_accepted;
	uint32_t channel; /* net's, unless accepted */
	uint32_t request; /* net's, until it is answered */
	char *where;      /* host, path, or the address that was listened on */
	uint32_t port;
	uint64_t since_ms;
};

enum listener_state { LISTENER_WAITING, LISTENER_OPENING, LISTENER_OPEN };

struct listener {
	struct listener *next;
	uint32_t number;
	enum listener_state state;
	enum forward_kind kind;
	bool has_request; /* net waits for an answer */
	uint32_t request;
	char *address;    /* as the client asked for it, or a path */
	uint32_t asked_port, port;
	uint32_t session; /* X11: whose display it is, by session.number */
	bool is_single;   /* X11: one connection, then no more */
	bool is_cancelled; /* while it was being opened */
};

struct forwarding {
	struct forward *forwards;
	struct listener *listeners;
	unsigned count, opening, offered, listener_count;
	uint32_t next_number;
	struct pace pace;
	char agent_path[LISTEN_PATH_SIZE]; /* empty: there is no agent socket yet */
};

struct buf;
struct monitor;
struct session;
struct ipc_message;

void forwards_init(struct monitor *m);
void forwards_close_all(struct monitor *m);

/* A new one, waiting; its `where` is copied. NULL: no memory. */
struct forward *forward_new(struct monitor *m, enum forward_kind kind, const char *where, uint32_t port);
void forward_free(struct monitor *m, struct forward *forward);
struct forward *forward_of_channel(struct forwarding *forwarding, uint32_t channel);
struct forward *forward_of_number(struct forwarding *forwarding, uint32_t number);

struct listener *listener_new(struct monitor *m, enum forward_kind kind, const char *address, uint32_t port);
/* The user's process closes it too; connections that came through it stay. */
enum err listener_close(struct monitor *m, struct listener *listener);
struct listener *listener_find(
    struct forwarding *forwarding, enum forward_kind kind, const char *address, uint32_t port);

/* Sends what waits to the user's process, which is started when there is none. */
enum err forwards_advance(struct monitor *m);

/* The user's process is gone: what waits for it is refused. */
enum err forwards_lose_user(struct monitor *m);

#define DISPLAY_SIZE 160u
/* SSH_AUTH_SOCK and DISPLAY, NAME=value each ended by a zero byte. */
enum err session_append_forwards(const struct monitor *m, const struct session *session, struct buf *out);
/* What xauth calls the session's display; empty: it has none. */
void session_name_display(const struct monitor *m, const struct session *session,
    char display[static DISPLAY_SIZE]);

/* What a session asked for and has before its program starts. */
bool forwards_session_waits(const struct monitor *m, const struct session *session);
/* The session's channel is closed: its display goes. */
void forwards_close_session(struct monitor *m, const struct session *session);

/* What the user's process says. */
enum err on_user_connected(struct monitor *m, const struct ipc_message *message);
enum err on_user_connect_failed(struct monitor *m, const struct ipc_message *message);
enum err on_user_listening(struct monitor *m, const struct ipc_message *message);
enum err on_user_listen_failed(struct monitor *m, const struct ipc_message *message);
enum err on_user_accepted(struct monitor *m, const struct ipc_message *message);

/* forward_log.c */
void log_forward_refused(struct monitor *m, enum forward_kind kind, bool is_listen, const char *where,
    uint32_t port, const char *reason);
void log_forward_failed(struct monitor *m, const struct forward *forward, struct slice reason);
void log_forward_end(const struct monitor *m, const struct forward *forward, uint64_t bytes_in,
    uint64_t bytes_out);
void log_listening(const struct monitor *m, const struct listener *listener);
