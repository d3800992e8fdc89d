/* Forwards as the user's process carries them out. Its user may steer it: what it says is checked. */
#include "privsep/monitor/forwards.h"

#include <stdlib.h>

#include "privsep/monitor/monitor.h"
#include "privsep/monitor/passed.h"
#include "sshd/base/auto.h"
#include "sshd/wire/numbers.h"

void forwards_init(struct monitor *m)
{
	m->forwarding = (struct forwarding){
	    .next_number = 1,
	    .pace = pace_begin(FORWARDS_BURST, FORWARDS_MS, m->loop.now_ms),
	};
}

/* ------------------------------------------------------------------ tables */

struct forward *forward_of_channel(struct forwarding *forwarding, uint32_t channel)
{
	for (struct forward *f = forwarding->forwards; f != NULL; f = f->next)
		if (!f->is_accepted && f->channel == channel)
			return f;
	return NULL;
}

struct forward *forward_of_number(struct forwarding *forwarding, uint32_t number)
{
	for (struct forward *f = forwarding->forwards; f != NULL; f = f->next)
		if (f->number == number)
			return f;
	return NULL;
}

struct forward *forward_new(struct monitor *m, enum forward_kind kind, const char *where, uint32_t port)
{
	struct forwarding *forwarding = &m->forwarding;
	struct forward *forward = calloc(1, sizeof(*forward));
	char *copy = strdup(where);

	if (forward == NULL || copy == NULL) {
		free(forward);
		free(copy);
		return NULL;
	}
	*forward = (struct forward){.next = forwarding->forwards, .number = forwarding->next_number++,
	    .kind = kind, .where = copy, .port = port, .since_ms = m->loop.now_ms};
	forwarding->forwards = forward;
	forwarding->count++;
	return forward;
}

void forward_free(struct monitor *m, struct forward *forward)
{
	struct forward **at = &m->forwarding.forwards;

	while (*at != forward)
		at = &(*at)->next;
	*at = forward->next;
	m->forwarding.count--;
	free(forward->where);
	free(forward);
}

static struct listener *listener_of_number(struct forwarding *forwarding, uint32_t number)
{
	for (struct listener *l = forwarding->listeners; l != NULL; l = l->next)
		if (l->number == number)
			return l;
	return NULL;
}

/* The client names what it cancels by what it asked for, or by the port it was told. */
struct listener *listener_find(
    struct forwarding *forwarding, enum forward_kind kind, const char *address, uint32_t port)
{
	for (struct listener *l = forwarding->listeners; l != NULL; l = l->next)
		if (l->kind == kind && !l->is_cancelled && strcmp(l->address, address) == 0 &&
		    (l->state == LISTENER_OPEN ? l->port : l->asked_port) == port)
			return l;
	return NULL;
}

struct listener *listener_new(struct monitor *m, enum forward_kind kind, const char *address, uint32_t port)
{
	struct forwarding *forwarding = &m->forwarding;
	struct listener *listener = calloc(1, sizeof(*listener));
	char *copy = strdup(address);

	if (listener == NULL || copy == NULL) {
		free(listener);
		free(copy);
		return NULL;
	}
	*listener = (struct listener){.next = forwarding->listeners, .number = forwarding->next_number++,
	    .kind = kind, .address = copy, .asked_port = port};
	forwarding->listeners = listener;
	forwarding->listener_count++;
	return listener;
}

static void listener_free(struct monitor *m, struct listener *listener)
{
	struct listener **at = &m->forwarding.listeners;

	while (*at != listener)
		at = &(*at)->next;
	*at = listener->next;
	m->forwarding.listener_count--;
	free(listener->address);
	free(listener);
}

enum err listener_close(struct monitor *m, struct listener *listener)
{
	struct msg_user_unlisten unlisten = {.listener = listener->number};

	if (listener->state == LISTENER_OPENING) {
		listener->is_cancelled = true; /* closed when it is known to be open */
		return ERR_OK;
	}
	if (listener->state == LISTENER_OPEN && m->sessions.user.channel.fd >= 0)
		TRY(IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_UNLISTEN, user_unlisten,
		    &unlisten, monitor_scratch()));
	listener_free(m, listener);
	return ERR_OK;
}

void forwards_close_all(struct monitor *m)
{
	struct forwarding *forwarding = &m->forwarding;

	while (forwarding->forwards != NULL) {
		if (forwarding->forwards->state == FORWARD_OPEN)
			log_forward_end(m, forwarding->forwards, 0, 0);
		forward_free(m, forwarding->forwards);
	}
	while (forwarding->listeners != NULL)
		listener_free(m, forwarding->listeners);
}

/* -------------------------------------------------------------------- send */

static enum err deny(struct monitor *m, uint32_t request, uint32_t reason, struct slice text)
{
	return NET_SEND(m, NET_DENIED, net_denied,
	    &((struct msg_net_denied){.request = request, .reason = reason, .text = text}));
}

static enum err send_connect(struct monitor *m, struct forward *forward)
{
	struct msg_user_connect connect = {.forward = forward->number, .kind = (uint8_t)forward->kind,
	    .host = slice_text(forward->where), .port = forward->port};

	TRY(IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_CONNECT, user_connect, &connect,
	    monitor_scratch()));
	forward->state = FORWARD_OPENING;
	return ERR_OK;
}

static enum bind_where where_to_bind(const struct monitor *m, const struct listener *listener)
{
	if (listener->kind == FORWARD_X11)
		return m->auth.conf->x11_use_localhost ? BIND_LOOPBACK : BIND_WILDCARD;
	switch (policy_listen_where(m->auth.conf, listener->address)) {
	case LISTEN_WILDCARD:
		return BIND_WILDCARD;
	case LISTEN_AS_ASKED:
		return BIND_AS_ASKED;
	case LISTEN_LOOPBACK:
		break;
	}
	return BIND_LOOPBACK;
}

static enum err send_listen(struct monitor *m, struct listener *listener)
{
	const struct conf *conf = m->auth.conf;
	struct msg_user_listen listen = {
	    .listener = listener->number,
	    .kind = (uint8_t)listener->kind,
	    .where = (uint8_t)where_to_bind(m, listener),
	    .address = slice_text(listener->address),
	    .port = listener->asked_port,
	    .mask = conf->stream_local_bind_mask,
	    .unlinks = conf->stream_local_bind_unlink,
	};

	TRY(IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_LISTEN, user_listen, &listen,
	    monitor_scratch()));
	listener->state = LISTENER_OPENING;
	return ERR_OK;
}

static enum err send_waiting(struct monitor *m)
{
	struct forwarding *forwarding = &m->forwarding;

	for (struct forward *f = forwarding->forwards; f != NULL; f = f->next)
		if (f->state == FORWARD_WAITING)
			TRY(send_connect(m, f));
	for (struct listener *l = forwarding->listeners; l != NULL; l = l->next)
		if (l->state == LISTENER_WAITING)
			TRY(send_listen(m, l));
	return ERR_OK;
}

enum err forwards_advance(struct monitor *m)
{
	struct user_process *user = &m->sessions.user;
	enum err err = sessions_want_user(m);

	if (err == ERR_OK && user->state == STATE_SERVING)
		err = send_waiting(m);
	/* A process with much to do is asked again when there is room. */
	if (user->source.is_added)
		TRY(loop_watch(&m->loop, &user->source, err == ERR_AGAIN ? EPOLLIN | EPOLLOUT : EPOLLIN));
	return err == ERR_OK || err == ERR_AGAIN ? ERR_OK : forwards_lose_user(m);
}

static enum err answer_listener(struct monitor *m, struct listener *listener, bool is_open)
{
	if (!listener->has_request)
		return ERR_OK;
	listener->has_request = false;
	if (!is_open)
		return deny(m, listener->request, 0, (struct slice){0});
	if (listener->kind == FORWARD_TCP)
		return NET_SEND(m, NET_LISTENING, net_listening,
		    &((struct msg_net_listening){.request = listener->request, .port = listener->port}));
	return NET_SEND(m, NET_GRANTED, net_granted, &((struct msg_net_granted){.request = listener->request}));
}

enum err forwards_lose_user(struct monitor *m)
{
	struct forwarding *forwarding = &m->forwarding;

	for (struct forward *f = forwarding->forwards, *next; f != NULL; f = next) {
		next = f->next;
		if (f->state > FORWARD_OPENING)
			continue; /* net has its descriptor: that lives on */
		forwarding->opening--;
		TRY(deny(m, f->request, SSH_OPEN_CONNECT_FAILED, LITERAL("the user's process is gone")));
		forward_free(m, f);
	}
	while (forwarding->listeners != NULL) {
		TRY(answer_listener(m, forwarding->listeners, false));
		listener_free(m, forwarding->listeners);
	}
	return ERR_OK;
}

/* ----------------------------------------------------------------- connect */

/* What it speaks of must be what it was told to do. */
static struct forward *opening_of(struct monitor *m, uint32_t number)
{
	struct forward *forward = forward_of_number(&m->forwarding, number);

	return forward != NULL && forward->state == FORWARD_OPENING ? forward : NULL;
}

enum err on_user_connected(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_connected connected;
	struct forward *forward;

	TRY(msg_user_connected_parse(message->body, &connected));
	forward = opening_of(m, connected.forward);
	if (forward == NULL)
		return ERR_BREACH;
	TRY(passed_check(forward->kind, message->fds[0]));
	forward->state = FORWARD_OPEN;
	forward->since_ms = m->loop.now_ms;
	m->forwarding.opening--;
	return NET_SEND_FDS(m, NET_GRANTED_STREAM, net_granted_stream,
	    &((struct msg_net_granted_stream){.request = forward->request, .kind = (uint8_t)forward->kind}),
	    message->fds, 1);
}

enum err on_user_connect_failed(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_connect_failed failed;
	struct forward *forward;
	uint32_t request;

	TRY(msg_user_connect_failed_parse(message->body, &failed));
	forward = opening_of(m, failed.forward);
	if (forward == NULL)
		return ERR_BREACH;
	log_forward_failed(m, forward, failed.text);
	request = forward->request;
	m->forwarding.opening--;
	forward_free(m, forward);
	return deny(m, request, SSH_OPEN_CONNECT_FAILED, failed.text);
}

/* ------------------------------------------------------------------ listen */

static struct listener *opening_listener_of(struct monitor *m, uint32_t number)
{
	struct listener *listener = listener_of_number(&m->forwarding, number);

	return listener != NULL && listener->state == LISTENER_OPENING ? listener : NULL;
}

static enum err keep_path(struct monitor *m, const struct listener *listener, struct slice path)
{
	if (listener->kind != FORWARD_AGENT)
		return ERR_OK;
	if (path.len == 0 || path.len >= LISTEN_PATH_SIZE || memchr(path.ptr, 0, path.len) != NULL)
		return ERR_BREACH;
	memcpy(m->forwarding.agent_path, path.ptr, path.len);
	m->forwarding.agent_path[path.len] = 0;
	return ERR_OK;
}

/* The session that waited for its display or agent may start its program. */
static enum err release_session(struct monitor *m, uint32_t number)
{
	struct session *session = number != 0 ? session_of_number(&m->sessions, number) : NULL;

	return session != NULL ? session_continue(m, session) : ERR_OK;
}

enum err on_user_listening(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_listening listening;
	struct listener *listener;
	struct session *session;

	TRY(msg_user_listening_parse(message->body, &listening));
	listener = opening_listener_of(m, listening.listener);
	if (listener == NULL || listening.port > UINT16_MAX)
		return ERR_BREACH;
	TRY(keep_path(m, listener, listening.path));
	listener->state = LISTENER_OPEN;
	listener->port = listening.port;
	if (listener->is_cancelled)
		return listener_close(m, listener);
	log_listening(m, listener);
	TRY(answer_listener(m, listener, true));
	session = session_of_number(&m->sessions, listener->session);
	if (session != NULL && listener->kind == FORWARD_X11)
		session->x11.display = listening.port;
	return release_session(m, listener->session);
}

enum err on_user_listen_failed(struct monitor *m, const struct ipc_message *message)
{
	AUTO(buf_wipe) struct buf reason = buf_empty(1024);
	struct msg_user_listen_failed failed;
	struct listener *listener;
	struct session *session;
	const char *text;
	uint32_t number;

	TRY(msg_user_listen_failed_parse(message->body, &failed));
	listener = opening_listener_of(m, failed.listener);
	if (listener == NULL)
		return ERR_BREACH;
	TRY(buf_append(&reason, failed.text));
	TRY(buf_c_string(&reason, &text));
	log_forward_refused(m, listener->kind, true, listener->address, listener->asked_port, text);
	number = listener->session;
	session = session_of_number(&m->sessions, number);
	if (session != NULL && listener->kind == FORWARD_X11)
		session->x11.is_wanted = false;
	TRY(answer_listener(m, listener, false));
	listener_free(m, listener);
	return release_session(m, number);
}

/* ------------------------------------------------------------------ accept */

static enum err send_accepted(struct monitor *m, const struct listener *listener,
    const struct forward *forward, int fd)
{
	struct passed_peer peer;
	struct msg_net_accepted accepted = {.forward = forward->number, .kind = (uint8_t)listener->kind,
	    .address = slice_text(listener->address), .port = listener->port};

	passed_peer_of(fd, &peer);
	accepted.originator = slice_text(peer.address);
	accepted.originator_port = peer.port;
	return NET_SEND_FDS(m, NET_ACCEPTED, net_accepted, &accepted, &fd, 1);
}

enum err on_user_accepted(struct monitor *m, const struct ipc_message *message)
{
	struct forwarding *forwarding = &m->forwarding;
	struct msg_user_accepted accepted;
	struct listener *listener;
	struct forward *forward;

	TRY(msg_user_accepted_parse(message->body, &accepted));
	listener = listener_of_number(forwarding, accepted.listener);
	if (forwarding->offered >= ACCEPTS_LIMIT)
		return ERR_BREACH;
	/* Cancelled meanwhile, or too many: dropped, and the next one may come. */
	forward = listener != NULL && listener->state == LISTENER_OPEN && forwarding->count < FORWARDS_LIMIT
		      ? forward_new(m, listener->kind, listener->address, listener->port)
		      : NULL;
	if (forward == NULL)
		return IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_ACCEPT_MORE,
		    user_accept_more, &((struct msg_user_accept_more){.count = 1}), monitor_scratch());
	forward->is_accepted = true;
	forward->state = FORWARD_OFFERED;
	forwarding->offered++;
	TRY(passed_check(listener->kind, message->fds[0]));
	TRY(send_accepted(m, listener, forward, message->fds[0]));
	return listener->is_single ? listener_close(m, listener) : ERR_OK;
}
