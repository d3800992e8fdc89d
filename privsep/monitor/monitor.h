/*
 * One connection's monitor: all it knows, and how its parts reach each other. The parts are
 * files of their own (answer_*.c one for each subject); each owns the struct that its header
 * names and no other part changes it.
 */
#pragma once

#include "privsep/ipc/channel.h"
#include "privsep/monitor/auth.h"
#include "privsep/monitor/command.h"
#include "privsep/monitor/exchange.h"
#include "privsep/monitor/forwards.h"
#include "privsep/monitor/lookup.h"
#include "privsep/monitor/peer.h"
#include "privsep/monitor/prepared.h"
#include "privsep/monitor/sessions.h"
#include "privsep/monitor/states.h"

/* START_MONITOR and its six descriptors. */
struct connection {
	uint64_t number;
	bool is_socket, version_is_sent;
	int input, output; /* the same socket twice unless under inetd */
	int net, signer, status, net_process;
	uint32_t net_layers;
};

struct monitor {
	const struct prepared *prepared;
	struct connection connection;
	struct peer peer;
	enum monitor_state state;
	struct loop loop;

	struct ipc_channel net, signer, status;
	struct loop_source net_source, signer_source, signal_source;
	bool has_question;   /* net asked and has no answer yet; one at a time until OPEN */
	uint64_t asked_ms;   /* when */
	unsigned depth;      /* of waits within handlers: each has a datagram of its own */

	struct exchange exchange;
	struct auth auth;
	struct lookup lookup;
	struct command command;
	struct sessions sessions;
	struct forwarding forwarding;

	struct loop_timer deadline;    /* LoginGraceTime */
	struct loop_timer goodbye_due; /* how long net may take to say BYE */
	enum connection_outcome outcome;
	bool is_inheritance_restored; /* limits and the like are a login's already */
	bool is_dismissing;  /* net was told to go and may still say BYE */

	struct pace events_pace; /* of net's lines in the log */
	unsigned events_suppressed;
	bool has_logged_disconnect, has_logged_end;
};

/* ------------------------------------------------------------------ loop.c */

/* Serves the connection until it is over and everything is closed. */
enum err monitor_run(struct monitor *m);

/* In the template: the signals that end a monitor wait for its loop. */
void monitor_block_signals(void);

/* Moves on by the table of states.h; a step that it does not have ends the connection. */
enum err monitor_move(struct monitor *m, enum monitor_occurrence occurrence);

/* Over at once: net is not asked. Idempotent. */
void monitor_end(struct monitor *m);

/*
 * Net tells the client why and ends; it has a moment for that. `reason` is one of numbers.h.
 */
void monitor_dismiss(struct monitor *m, unsigned reason, const char *text);

/* The same, and says why in the log: `what` broke. For breaches and failures, not for goodbyes. */
void monitor_end_by(struct monitor *m, enum err err, const char *what);

/*
 * Serves the loop within a handler until `is_done` says so or `until_ms` has come.
 * ERR_CLOSED: the connection ends meanwhile. ERR_TIMEOUT.
 */
enum err monitor_wait(struct monitor *m, bool (*is_done)(const struct monitor *m), uint64_t until_ms);

/* Gives back what only the time before the login needed. No received datagram is in use. */
void monitor_shrink(void);

/* A datagram to lay out what is sent. Valid until the next use. */
struct span monitor_scratch(void);

/* Room for a datagram from `sshd-user` or the signer, handled before anything else is received. */
struct span monitor_room(void);

/* To net, within the state the table demands; net that does not read is ended. */
#define NET_SEND_FDS(m, TYPE, name, message, fds, count)                                           \
	IPC_SEND_FDS(&(m)->net, (m)->state, MSG_##TYPE, name, message, monitor_scratch(), fds,     \
	    count, false)
#define NET_SEND(m, TYPE, name, message) NET_SEND_FDS(m, TYPE, name, message, NULL, 0)

/* The same for what answers the outstanding question. */
#define NET_ANSWER(m, TYPE, name, message)                                                         \
	({                                                                                         \
		(m)->has_question = false;                                                         \
		NET_SEND(m, TYPE, name, message);                                                  \
	})

/* -------------------------------------------------------------- handlers.c */

/* The row of net's message: what answers it. ERR_BREACH: nothing does. */
enum err handle_net_message(struct monitor *m, const struct ipc_message *message);
bool net_message_is_question(unsigned type);

/* ------------------------------------------------------- answer_exchange.c */

void exchange_init(struct monitor *m);
void exchange_wipe(struct exchange *exchange);
enum err on_net_ready(struct monitor *m, const struct msg_net_ready *msg);
enum err on_net_sign(struct monitor *m, const struct msg_net_sign *msg);
enum err on_net_rekey(struct monitor *m, const struct msg_net_rekey *msg);
enum err on_net_group(struct monitor *m, const struct msg_net_group *msg);
enum err on_net_prove(struct monitor *m, const struct msg_net_prove *msg);
enum err on_signer_message(struct monitor *m, const struct ipc_message *message);

/* ----------------------------------------------------------- answer_auth.c */

void auth_init(struct monitor *m);
void auth_wipe(struct auth *auth);
enum err on_net_user(struct monitor *m, const struct msg_net_user *msg);
enum err on_net_none(struct monitor *m, const struct msg_net_none *msg);
enum err on_net_unknown(struct monitor *m, const struct msg_net_unknown *msg);
enum err on_net_password(struct monitor *m, const struct msg_net_password *msg);
enum err on_net_password_change(struct monitor *m, const struct msg_net_password_change *msg);
enum err on_net_kbd_start(struct monitor *m, const struct msg_net_kbd_start *msg);
enum err on_net_kbd_response(struct monitor *m, const struct msg_net_kbd_response *msg);
enum err on_net_kbd_abort(struct monitor *m, const struct msg_net_kbd_abort *msg);
enum err on_net_probe(struct monitor *m, const struct msg_net_probe *msg);
enum err on_net_keysig(struct monitor *m, const struct msg_net_keysig *msg);

/* -------------------------------------------------------- answer_session.c */

enum err on_net_session(struct monitor *m, const struct msg_net_session *msg);
enum err on_net_pty(struct monitor *m, const struct msg_net_pty *msg);
enum err on_net_env(struct monitor *m, const struct msg_net_env *msg);
enum err on_net_start(struct monitor *m, const struct msg_net_start *msg);
enum err on_net_resize(struct monitor *m, const struct msg_net_resize *msg);
enum err on_net_signal(struct monitor *m, const struct msg_net_signal *msg);
enum err on_net_break(struct monitor *m, const struct msg_net_break *msg);
enum err on_net_close(struct monitor *m, const struct msg_net_close *msg);

/* -------------------------------------------------------- answer_forward.c */

enum err on_net_connect(struct monitor *m, const struct msg_net_connect *msg);
enum err on_net_listen(struct monitor *m, const struct msg_net_listen *msg);
enum err on_net_cancel(struct monitor *m, const struct msg_net_cancel *msg);
enum err on_net_offered(struct monitor *m, const struct msg_net_offered *msg);
enum err on_net_forward_end(struct monitor *m, const struct msg_net_forward_end *msg);
enum err on_net_agent(struct monitor *m, const struct msg_net_agent *msg);
enum err on_net_x11(struct monitor *m, const struct msg_net_x11 *msg);

/* ------------------------------------------------------------ answer_end.c */

/* Closes what is open, reports the outcome, and lets nothing of ours survive. */
void monitor_close_all(struct monitor *m);
void on_deadline(struct loop_timer *timer, uint64_t now_ms);

enum err on_net_event(struct monitor *m, const struct msg_net_event *msg);
enum err on_net_bye(struct monitor *m, const struct msg_net_bye *msg);
