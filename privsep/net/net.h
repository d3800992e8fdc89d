/* One connection, as its network process sees it. */
#pragma once

#include "privsep/ipc/channel.h"
#include "privsep/sandbox/filter_load.h"
#include "sshd/auth/dialogue/dialogue.h"
#include "sshd/base/loop.h"
#include "sshd/connection/channels.h"
#include "sshd/transport/transport.h"

enum net_phase {
	PHASE_START,      /* no connection yet */
	PHASE_EXCHANGE,   /* the first key exchange, then authentication */
	PHASE_ADMITTED,   /* USERAUTH_SUCCESS is sent; the monitor's NET_OPEN is awaited */
	PHASE_OPEN,
	PHASE_ENDING,     /* what is queued leaves, nothing else happens */
	PHASE_OVER,
};

struct net_keepalive {
	struct loop_timer timer;
	uint64_t interval_ms; /* 0: off */
	uint32_t unanswered, limit;
	uint64_t packets_seen;
};

struct net {
	enum net_phase phase;
	struct loop loop;
	struct ipc_channel monitor;
	struct loop_source monitor_watch;
	struct span datagram;

	struct loop_source input, output; /* the same descriptor where is_socket */
	bool is_socket;
	bool input_ended;
	bool is_flushing; /* output waits for the descriptor */
	uint64_t bytes_in, bytes_out;

	struct transport *transport;
	struct loop_timer transport_timer;
	struct dialogue *dialogue;
	struct connection *connection;
	struct slice host_keys; /* as in NET_HELLO; kept for hostkeys-00 */
	struct net_keepalive keepalive;
	struct loop_timer idle_timer;
	struct loop_timer end_timer;
	uint32_t ip_qos_interactive, ip_qos_bulk;
	bool has_session_data; /* acknowledgements may be delayed again */
	bool blocked_readers;  /* programs wait for room in the output */
	struct session *gone_sessions;
	bool has_unsettled;    /* a sink learned something that is acted on at the end of the turn */
};

/* loop.c: the socket and the turn of events. */
enum err net_begin(struct net *net, int input, int output, bool is_socket);
void net_turn(struct net *net);
void net_end(struct net *net, enum connection_end end, uint32_t reason, struct slice text);
void net_fail(struct net *net, enum err err);

/* wiring.c: payloads and answers to their cores. */
enum err wiring_start(struct net *net, const struct msg_net_hello *hello);
enum err wiring_take(struct net *net, const struct transport_event *event);
bool wiring_is_waiting(const struct net *net);
enum err wiring_open(struct net *net, const struct msg_net_open *open);
void wiring_free(struct net *net);

/* answers.c: what the monitor says. */
void answers_ready(struct loop_source *source, uint32_t events);
enum err answers_wait_start(struct net *net);

/* questions.c: what it is asked. */
enum err question_dialogue(void *owner, const struct dialogue_question *question);
enum err question_connection(void *owner, const struct connection_question *question);
enum err question_sign(struct net *net, const struct transport_sign_question *question);
enum err question_rekey(struct net *net);
enum err question_group(struct net *net, const struct transport_group_question *question);
enum err tell_event(struct net *net, enum net_event event, uint32_t number, struct slice text);
enum err tell_bye(struct net *net, enum connection_end end, uint32_t reason, struct slice text);

/* pump.c: bytes between received descriptors and channel windows. */
extern const struct connection_sink pump_sink; /* all but owner, send and ask */
enum err pump_attach_terminal(struct net *net, struct channel *channel, int master);
enum err pump_attach_pipes(struct net *net, struct channel *channel, int fds[static 3]);
struct forward;
enum err pump_attach_forward(struct net *net, struct channel *channel, int fd,
    const struct forward *forward);
enum err pump_start(struct net *net, struct channel *channel);
enum err pump_after_exit(struct channel *channel);
void pump_resume(struct net *net);
void pump_free_gone(struct net *net);
void pump_detach_all(struct net *net);

/* forwards.c: what connects the client to somewhere else. */
struct session;
enum err question_forward(struct net *net, const struct connection_question *question);
enum err answer_connected(struct net *net, struct channel *channel, enum forward_kind kind, int fd);
enum err answer_accepted(struct net *net, struct ipc_message *message);
void forward_tell_offered(struct session *session, bool is_open);
void forward_tell_end(const struct session *session);

/* keepalive.c: probes to a silent client. */
void keepalive_start(struct net *net, uint32_t interval_seconds, uint32_t count);
void keepalive_stop(struct net *net);

/* idle.c: the ends of channels and connections that nobody uses. */
void idle_start(struct net *net);
void idle_stop(struct net *net);

/* isolate.c: what a process gives up before it may hold a connection. */
struct isolation {
	uid_t uid;
	gid_t gid;
	uint32_t layers;         /* sandbox.h */
	bool is_late;            /* NetUidRange: the uid, and what comes after it, only after the fork */
	const char *empty_root;  /* where LAYER_EMPTY_ROOT is set */
	int network;             /* of the empty namespace, where LAYER_EMPTY_NETWORK is set */
};
/* What a fork inherits: everything but limits and filter. `what` names the step that failed. */
enum err isolate_template(const struct isolation *isolation, const char **what);
/* The rest, in the process of one connection. */
enum err isolate_connection(const struct isolation *isolation, struct slice filter, const char **what);

/* socket.c: the few options the filter lets through. */
void socket_acknowledge_at_once(const struct net *net);
void socket_set_qos(const struct net *net, bool is_interactive);
