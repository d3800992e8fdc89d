/* The sessions of a connection and the one process that runs them all. */
#pragma once

#include "privsep/monitor/user_process.h"
#include "sshd/base/buf.h"

#define SESSIONS_LIMIT         1024u
#define SESSION_ENV_LIMIT      65536u
#define PENDING_REQUESTS_LIMIT 64u
#define TTY_NAME_SIZE          32u
#define TERM_SIZE              257u
#define X11_COOKIE_LEN         32u /* digits; nothing else is a cookie */
#define X11_PROTOCOL           "MIT-MAGIC-COOKIE-1"
#define X11_SCREEN_LIMIT       400u

enum session_state {
	SESSION_LARVAL,   /* open, nothing runs */
	SESSION_STARTING, /* START is being carried out */
	SESSION_RUNNING,
	SESSION_ENDED,    /* the program is gone, the channel is not */
};

/* A request that waits for sshd-user. */
struct session_request {
	bool is_pending, is_sent;
	uint32_t number; /* net's */
};

struct session {
	struct session *next;
	uint32_t channel; /* net's number */
	uint32_t number;  /* ours, towards sshd-user: never used twice */
	unsigned slot;    /* the lowest that was free: what OpenSSH shows as id */
	enum session_state state;
	struct buf environment; /* NAME=value, each ended by a zero byte */

	struct session_request pty, start;
	struct terminal_request {
		char term[TERM_SIZE];
		uint32_t columns, rows, width_pixels, height_pixels;
		struct buf modes;
	} terminal;
	bool has_terminal;
	char tty[TTY_NAME_SIZE]; /* "pts/3"; empty: none */

	bool wants_agent;
	struct x11_request {
		bool is_wanted;
		uint32_t display, screen;
		char cookie[X11_COOKIE_LEN + 1];
	} x11;

	uint8_t kind; /* enum program_kind of what was asked for */
	bool has_command;
	struct buf command; /* what will run */
	bool takes_signals;
	uint32_t pid;
	bool is_recorded; /* in utmp */
};

struct sessions {
	struct session *first;
	unsigned count, pending;
	uint32_t next_number;
	struct user_process user;
	struct buf user_environment; /* of ~/.ssh/environment, as far as permitted */
	bool is_user_started, has_user_failed;
};

struct monitor;
void sessions_init(struct monitor *m);

/* Closes records, hangs up terminals, ends the user's process. Idempotent. */
void sessions_close_all(struct monitor *m);

struct session *session_of_channel(struct sessions *sessions, uint32_t channel);
struct session *session_of_number(struct sessions *sessions, uint32_t number);

/* Sends what waits for the user's process, as far as that is ready. */
enum err session_advance(struct monitor *m, struct session *session);

/* The same for a session whose process may be at work: what is ready to be sent is sent. */
enum err session_continue(struct monitor *m, struct session *session);

/* Starts the user's process unless there is one; forwards_advance is called when it serves. */
enum err sessions_want_user(struct monitor *m);

/* The channel is closed. */
void session_close(struct monitor *m, struct session *session);

/* Answers the request with a refusal; it does not wait any more. */
enum err session_deny(struct monitor *m, struct session_request *request, const char *text);
