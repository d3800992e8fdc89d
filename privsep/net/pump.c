/*
 * Bytes between received descriptors and channel windows: read straight into the outgoing
 * packet, written from where they were decrypted.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "privsep/net/pump.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define PACKETS_PER_TURN 8 /* of one stream, then others get their turn */

/*
 * How long the end of the last stream waits for the program's own end, which comes through two
 * processes: PuTTY closes the channel at EOF and would miss a status that comes later.
 */
#define END_OF_OUTPUT_MS 100

static bool is_gone(const struct session *session)
{
	return session->channel == NULL;
}

/* ------------------------------------------------------- program to peer */

static uint32_t events_of(const struct session *session, const struct stream *stream)
{
	uint32_t events = session->is_started && !stream->is_paused && !stream->has_ended ? EPOLLIN : 0;

	if (is_gone(session) || (stream->has_ended && session->kind != STREAM_SOCKET))
		return 0;
	if (session->kind != STREAM_PIPES && channel_kept(session->channel) > 0)
		events |= EPOLLOUT;
	return events;
}

/* A descriptor that nothing is wanted of is not watched: its hang-up would be told for ever. */
void stream_update(struct session *session, struct stream *stream)
{
	struct loop *loop = &session->net->loop;
	uint32_t events = events_of(session, stream);
	enum err err = ERR_OK;

	if (stream->source.fd < 0)
		return;
	if (events == 0)
		loop_remove(loop, &stream->source);
	else if (stream->source.is_added)
		err = loop_watch(loop, &stream->source, events);
	else
		err = loop_add(loop, &stream->source, events);
	if (err != ERR_OK)
		net_fail(session->net, ERR_SYSTEM);
}

static void close_source(struct net *net, struct loop_source *source)
{
	loop_remove(&net->loop, source);
	fd_release(&source->fd);
}

static enum err end_stream(struct session *session, struct stream *stream)
{
	if (stream->has_ended)
		return ERR_OK;
	stream->has_ended = true;
	if (session->kind == STREAM_PIPES)
		close_source(session->net, &stream->source);
	else
		stream_update(session, stream);
	if (session->kind <= STREAM_TERMINAL && !session->has_exited && session->out.has_ended &&
	    session->err.has_ended) {
		session->held_end = stream;
		loop_timer_set(&session->net->loop, &session->held_timer,
		    session->net->loop.now_ms + END_OF_OUTPUT_MS);
		return ERR_OK;
	}
	return channel_program_eof(session->channel, stream->which);
}

enum err session_tell_held_end(struct session *session)
{
	struct stream *stream = session->held_end;

	if (stream == NULL || is_gone(session))
		return ERR_OK;
	session->held_end = NULL;
	loop_timer_cancel(&session->net->loop, &session->held_timer);
	return channel_program_eof(session->channel, stream->which);
}

static void on_held_timer(struct loop_timer *timer, uint64_t now_ms)
{
	struct session *session = CONTAINER_OF(timer, struct session, held_timer);
	struct net *net = session->net;
	enum err err = session_tell_held_end(session);

	(void)now_ms;
	if (err != ERR_OK)
		net_fail(net, err);
	net_turn(net);
}

/* ERR_AGAIN: nothing to read or no room to send; the stream waits for the right one of them. */
static enum err send_packet(struct session *session, struct stream *stream)
{
	struct net *net = session->net;
	size_t header = stream->which == CHANNEL_STDERR ? CHANNEL_EXTENDED_HEADER : CHANNEL_DATA_HEADER;
	size_t limit = channel_may_send(session->channel);
	struct span room;
	ssize_t len;

	if (limit == 0 || !transport_may_send_data(net->transport)) {
		stream->is_paused = true;
		net->blocked_readers = true;
		return ERR_AGAIN;
	}
	TRY(transport_packet_begin(net->transport, header + limit, &room));
	do
		len = read(stream->source.fd, room.ptr + header, limit);
	while (len < 0 && errno == EINTR);
	if (len <= 0) {
		TRY(transport_packet_end(net->transport, 0));
		if (len < 0 && errno == EAGAIN) {
			TRY(channel_program_idle(session->channel, stream->which));
			return ERR_AGAIN;
		}
		/* A socket that failed takes no more either. EIO: the terminal's last user is gone. */
		if (len < 0 && session->kind == STREAM_SOCKET)
			session->input_broke = net->has_unsettled = true;
		TRY(end_stream(session, stream));
		return ERR_AGAIN;
	}
	if (session->forward.kind == FORWARD_TUN_POINT_TO_POINT)
		tun_header_to_peer((struct span){room.ptr + header, (size_t)len});
	session->forward.bytes_out += (uint64_t)len;
	channel_data_header(session->channel, stream->which, (size_t)len, (struct span){room.ptr, header});
	net->has_session_data = true;
	return transport_packet_end(net->transport, header + (size_t)len);
}

void stream_read(struct session *session, struct stream *stream)
{
	enum err err = ERR_OK;

	for (int i = 0; i < PACKETS_PER_TURN && err == ERR_OK && !is_gone(session); i++)
		err = send_packet(session, stream);
	if (err != ERR_OK && err != ERR_AGAIN)
		net_fail(session->net, err);
	else
		stream_update(session, stream);
}

static void drain(struct session *session)
{
	enum err err = channel_drain(session->channel, session->net->loop.now_ms);

	if (err != ERR_OK)
		net_fail(session->net, err);
}

static void on_stream(struct loop_source *source, uint32_t events)
{
	struct stream *stream = CONTAINER_OF(source, struct stream, source);
	struct session *session = stream->session;
	struct net *net = session->net;

	if (events & EPOLLOUT) {
		drain(session);
		net->has_unsettled = true;
	}
	if (net->phase == PHASE_OPEN && !is_gone(session) && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		stream_read(session, stream);
	net_turn(net);
}

/* ------------------------------------------------------- peer to program */

void session_watch_input(struct session *session)
{
	uint32_t events = channel_kept(session->channel) > 0 ? EPOLLOUT : 0;

	if (session->kind != STREAM_PIPES)
		stream_update(session, &session->out);
	else if (session->input.is_added &&
		 loop_watch(&session->net->loop, &session->input, events) != ERR_OK)
		net_fail(session->net, ERR_SYSTEM);
}

static void on_input(struct loop_source *source, uint32_t events)
{
	struct session *session = CONTAINER_OF(source, struct session, input);
	struct net *net = session->net;

	if (events & EPOLLERR) /* the program closed its standard input */
		session->input_broke = true;
	else
		drain(session);
	net->has_unsettled = true;
	net_turn(net);
}

/* A packet for a tun device, whole or not at all. */
static size_t deliver_packet(struct session *session, struct slice data)
{
	uint8_t header[TUN_HEADER];
	struct slice packet = slice_after(data, TUN_HEADER);
	struct iovec parts[] = {{header, sizeof(header)}, {(void *)(uintptr_t)packet.ptr, packet.len}};
	ssize_t len = 0;

	if (session->forward.kind != FORWARD_TUN_POINT_TO_POINT)
		len = write(session->out.source.fd, data.ptr, data.len);
	else if (packet.len > 0 && tun_header_from_peer(slice_first(data, TUN_HEADER), header))
		len = writev(session->out.source.fd, parts, 2);
	if (len > 0)
		session->forward.bytes_in += (uint64_t)len;
	return data.len;
}

static size_t deliver(void *owner, struct channel *channel, struct slice data)
{
	struct session *session = session_of(channel);
	int fd;
	ssize_t len;

	(void)owner;
	if (session == NULL || !session->is_started || session->input_broke)
		return 0;
	session->net->has_session_data = true;
	if (session->kind == STREAM_TUN)
		return deliver_packet(session, data);
	fd = session->kind != STREAM_PIPES ? session->out.source.fd : session->input.fd;
	do
		len = write(fd, data.ptr, data.len);
	while (len < 0 && errno == EINTR);
	if (len < 0 && errno != EAGAIN)
		session->input_broke = true;
	if (len < 0 || (size_t)len < data.len)
		session->net->has_unsettled = true;
	if (len < 0)
		return 0;
	session->forward.bytes_in += (uint64_t)len;
	return (size_t)len;
}

static struct session *session_new(struct net *net, struct channel *channel)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return NULL;
	*session = (struct session){
	    .net = net,
	    .channel = channel,
	    .out = {.source = {.fd = -1, .ready = on_stream}, .session = session, .which = CHANNEL_STDOUT},
	    .err = {.source = {.fd = -1, .ready = on_stream}, .session = session, .which = CHANNEL_STDERR},
	    .input = {.fd = -1, .ready = on_input},
	    .held_timer = {.fired = on_held_timer},
	};
	channel_set_owner(channel, session);
	return session;
}

struct session *session_for(struct net *net, struct channel *channel)
{
	struct session *session = session_of(channel);

	return session != NULL ? session : session_new(net, channel);
}

void session_end_input(struct session *session)
{
	/* A terminal has no end of input but the character that its settings name. */
	if (session->is_attached && session->kind == STREAM_PIPES)
		close_source(session->net, &session->input);
	if (session->is_attached && session->kind == STREAM_SOCKET)
		(void)shutdown(session->out.source.fd, SHUT_WR); /* closed by its peer already: fine */
}

static void input_ended(void *owner, struct channel *channel)
{
	struct session *session = session_for(owner, channel);

	if (session == NULL) {
		net_fail(owner, ERR_NO_MEMORY);
		return;
	}
	session->input_ended = true;
	session_end_input(session);
}

static void output_unwanted(void *owner, struct channel *channel)
{
	struct session *session = session_of(channel);

	if (session == NULL)
		return;
	session->output_unwanted = true;
	((struct net *)owner)->has_unsettled = true;
}

static void window_opened(void *owner, struct channel *channel)
{
	struct session *session = session_of(channel);

	(void)owner;
	if (session == NULL)
		return;
	session->out.is_paused = session->err.is_paused = false;
	stream_update(session, &session->out);
	stream_update(session, &session->err);
}

/* May be called from within any call about the channel: so the memory stays until the end of the turn. */
static void closed(void *owner, struct channel *channel)
{
	struct session *session = session_of(channel);
	struct net *net = owner;

	if (session == NULL)
		return;
	if (session->forward.is_counted)
		forward_tell_end(session);
	channel_set_owner(channel, NULL);
	loop_timer_cancel(&net->loop, &session->held_timer);
	close_source(net, &session->out.source);
	close_source(net, &session->err.source);
	close_source(net, &session->input);
	session->channel = NULL;
	session->next_gone = net->gone_sessions;
	net->gone_sessions = session;
}

static void offer_answered(void *owner, struct channel *channel, bool is_open)
{
	struct session *session = session_of(channel);
	struct net *net = owner;

	if (session == NULL)
		return;
	forward_tell_offered(session, is_open);
	if (!is_open) {
		closed(owner, channel);
		return;
	}
	session->is_confirmed = true;
	net->has_unsettled = true;
}

void pump_free_gone(struct net *net)
{
	while (net->gone_sessions != NULL) {
		struct session *session = net->gone_sessions;

		net->gone_sessions = session->next_gone;
		free(session);
	}
}

const struct connection_sink pump_sink = {
    .deliver = deliver,
    .input_ended = input_ended,
    .output_unwanted = output_unwanted,
    .window_opened = window_opened,
    .closed = closed,
    .offer_answered = offer_answered,
};

/* ------------------------------------------------------------ end of turn */

static enum err settle(struct session *session)
{
	struct net *net = session->net;

	if (session->is_confirmed) {
		session->is_confirmed = false;
		TRY(pump_start(net, session->channel));
	}
	if (!is_gone(session) && session->input_broke && session->is_attached &&
	    session->kind != STREAM_TERMINAL && !session->is_break_told) {
		session->is_break_told = true;
		close_source(net, &session->input);
		TRY(channel_input_broken(session->channel, net->loop.now_ms));
	}
	if (is_gone(session) || !session->output_unwanted)
		return ERR_OK;
	session->output_unwanted = false;
	if (session->kind == STREAM_TERMINAL)
		/* The program must learn that nobody watches: the end of the channel hangs it up. */
		return channel_close(session->channel);
	return end_stream(session, &session->out);
}

void pump_resume(struct net *net)
{
	bool may_send = net->blocked_readers && transport_may_send_data(net->transport);
	struct channel *next = NULL;

	if (net->phase != PHASE_OPEN || (!may_send && !net->has_unsettled))
		return;
	if (may_send)
		net->blocked_readers = false;
	net->has_unsettled = false;
	for (struct channel *channel = connection_next_channel(net->connection, NULL); channel != NULL;
	     channel = next) {
		struct session *session = session_of(channel);
		enum err err;

		next = connection_next_channel(net->connection, channel);
		if (session == NULL)
			continue;
		err = settle(session);
		if (err != ERR_OK) {
			net_fail(net, err);
			return;
		}
		if (session_of(channel) != NULL && may_send)
			window_opened(net, channel);
		if (session_of(channel) != NULL)
			session_watch_input(session);
	}
}

void pump_detach_all(struct net *net)
{
	struct channel *next = NULL;

	if (net->connection == NULL)
		return;
	for (struct channel *channel = connection_next_channel(net->connection, NULL); channel != NULL;
	     channel = next) {
		next = connection_next_channel(net->connection, channel);
		closed(net, channel);
	}
}
