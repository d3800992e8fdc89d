/*
 * Bytes between received descriptors and channel windows: read straight into the outgoing
 * packet, written from where they were decrypted.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "privsep/net/net.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define PACKETS_PER_TURN 8 /* of one stream, then others get their turn */

struct session;

/* One readable end: standard output (or the terminal, in both directions) or standard error. */
struct stream {
	struct loop_source source;
	struct session *session;
	enum channel_stream which;
	bool is_paused; /* no window, or no room in the output */
	bool has_ended;
};

/*
 * How long the end of the last stream waits for the program's own end, which comes through two
 * processes: PuTTY closes the channel at EOF and would miss a status that comes later.
 */
#define END_OF_OUTPUT_MS 100

struct session {
	struct net *net;
	struct channel *channel; /* NULL: gone, and freed at the end of the turn */
	struct session *next_gone;
	struct stream out, err;
	struct loop_source input; /* the program's standard input; unused with a terminal */
	bool is_attached, is_terminal, is_started, has_exited;
	struct stream *held_end; /* ended, not told yet */
	struct loop_timer held_timer;
	bool input_ended; /* the peer has said all it will; perhaps before there was a program */
	/* What the sink learned while it could not call back: settled at the end of the turn. */
	bool input_broke, output_unwanted;
};

static struct session *session_of(struct channel *channel)
{
	return channel_owner(channel);
}

static bool is_gone(const struct session *session)
{
	return session->channel == NULL;
}

/* ------------------------------------------------------- program to peer */

static uint32_t events_of(const struct session *session, const struct stream *stream)
{
	uint32_t events = session->is_started && !stream->is_paused && !stream->has_ended ? EPOLLIN : 0;

	if (is_gone(session))
		return 0;
	if (session->is_terminal && channel_kept(session->channel) > 0)
		events |= EPOLLOUT;
	return events;
}

static void update(struct session *session, struct stream *stream)
{
	if (stream->source.is_added &&
	    loop_watch(&session->net->loop, &stream->source, events_of(session, stream)) != ERR_OK)
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
	if (session->is_terminal)
		loop_remove(&session->net->loop, &stream->source);
	else
		close_source(session->net, &stream->source);
	if (!session->has_exited && session->out.has_ended && session->err.has_ended) {
		session->held_end = stream;
		loop_timer_set(&session->net->loop, &session->held_timer,
		    session->net->loop.now_ms + END_OF_OUTPUT_MS);
		return ERR_OK;
	}
	return channel_program_eof(session->channel, stream->which);
}

static enum err tell_held_end(struct session *session)
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
	enum err err = tell_held_end(session);

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
		/* For want of window: window_opened ends it. */
		net->blocked_readers = net->blocked_readers || limit > 0;
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
		TRY(end_stream(session, stream)); /* EIO: the terminal's last user is gone */
		return ERR_AGAIN;
	}
	channel_data_header(session->channel, stream->which, (size_t)len, (struct span){room.ptr, header});
	net->has_session_data = true;
	return transport_packet_end(net->transport, header + (size_t)len);
}

static void read_stream(struct session *session, struct stream *stream)
{
	enum err err = ERR_OK;

	/* Once the output is full enough it is written first; only then there may be a reason to pause. */
	for (int i = 0; i < PACKETS_PER_TURN && err == ERR_OK && !is_gone(session); i++) {
		if (i > 0 && !transport_may_send_data(session->net->transport))
			break;
		err = send_packet(session, stream);
	}
	if (err != ERR_OK && err != ERR_AGAIN)
		net_fail(session->net, err);
	else
		update(session, stream);
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
		read_stream(session, stream);
	net_turn(net);
}

/* ------------------------------------------------------- peer to program */

static void watch_input(struct session *session)
{
	uint32_t events = channel_kept(session->channel) > 0 ? EPOLLOUT : 0;

	if (session->is_terminal)
		update(session, &session->out);
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

static size_t deliver(void *owner, struct channel *channel, struct slice data)
{
	struct session *session = session_of(channel);
	int fd;
	ssize_t len;

	(void)owner;
	if (session == NULL || !session->is_started || session->input_broke)
		return 0;
	session->net->has_session_data = true;
	fd = session->is_terminal ? session->out.source.fd : session->input.fd;
	do
		len = write(fd, data.ptr, data.len);
	while (len < 0 && errno == EINTR);
	if (len < 0 && errno != EAGAIN)
		session->input_broke = true;
	if (len < 0 || (size_t)len < data.len)
		session->net->has_unsettled = true;
	return len < 0 ? 0 : (size_t)len;
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

/* The channel's session, made when there is none yet. NULL: no memory. */
static struct session *session_for(struct net *net, struct channel *channel)
{
	struct session *session = session_of(channel);

	return session != NULL ? session : session_new(net, channel);
}

static void end_input(struct session *session)
{
	/* A terminal has no end of input but the character that its settings name. */
	if (session->is_attached && !session->is_terminal)
		close_source(session->net, &session->input);
}

static void input_ended(void *owner, struct channel *channel)
{
	struct session *session = session_for(owner, channel);

	if (session == NULL) {
		net_fail(owner, ERR_NO_MEMORY);
		return;
	}
	session->input_ended = true;
	end_input(session);
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
	update(session, &session->out);
	update(session, &session->err);
}

/* May be called from within any call about the channel: so the memory stays until the end of the turn. */
static void closed(void *owner, struct channel *channel)
{
	struct session *session = session_of(channel);
	struct net *net = owner;

	if (session == NULL)
		return;
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
	/* Nothing is offered yet; an answer to what was not offered is the peer's breach. */
	(void)owner;
	(void)channel;
	(void)is_open;
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

/* ------------------------------------------------------------ descriptors */

/* The session that `count` descriptors are for; they are closed when there is none to take them. */
static enum err attach(struct net *net, struct channel *channel, int *fds, size_t count,
    struct session **out)
{
	struct session *session = session_for(net, channel);

	if (session == NULL || session->is_attached) {
		for (size_t i = 0; i < count; i++)
			fd_release(&fds[i]);
		return session == NULL ? ERR_NO_MEMORY : ERR_BREACH;
	}
	session->is_attached = true;
	*out = session;
	return ERR_OK;
}

enum err pump_attach_terminal(struct net *net, struct channel *channel, int master)
{
	struct session *session;

	TRY(attach(net, channel, &master, 1, &session));
	session->is_terminal = true;
	session->out.source.fd = master;
	session->err.has_ended = true;
	return loop_add(&net->loop, &session->out.source, 0);
}

enum err pump_attach_pipes(struct net *net, struct channel *channel, int fds[static 3])
{
	struct session *session;

	TRY(attach(net, channel, fds, 3, &session));
	session->input.fd = fds[0];
	session->out.source.fd = fds[1];
	session->err.source.fd = fds[2];
	TRY(loop_add(&net->loop, &session->input, 0));
	TRY(loop_add(&net->loop, &session->out.source, 0));
	return loop_add(&net->loop, &session->err.source, 0);
}

enum err pump_start(struct net *net, struct channel *channel)
{
	struct session *session = session_of(channel);

	if (session == NULL || !session->is_attached || session->is_started)
		return ERR_BREACH;
	session->is_started = true;
	channel_has_streams(channel, !session->is_terminal);
	socket_set_qos(net, session->is_terminal);
	update(session, &session->out);
	update(session, &session->err);
	/* What the peer sent ahead of the program. */
	TRY(channel_drain(channel, net->loop.now_ms));
	if (is_gone(session))
		return ERR_OK;
	if (session->input_ended)
		end_input(session);
	watch_input(session);
	return ERR_OK;
}

/* After the program's end what it left in its streams is read, or that there is nothing seen. */
enum err pump_after_exit(struct channel *channel)
{
	struct session *session = session_of(channel);

	if (session == NULL || !session->is_started)
		return ERR_OK;
	session->has_exited = true;
	if (!session->out.has_ended && !session->out.is_paused)
		read_stream(session, &session->out);
	if (!is_gone(session) && !session->err.has_ended && !session->err.is_paused)
		read_stream(session, &session->err);
	return tell_held_end(session);
}

/* ------------------------------------------------------------ end of turn */

static enum err settle(struct session *session)
{
	struct net *net = session->net;

	if (session->input_broke && session->is_attached && session->input.fd >= 0) {
		close_source(net, &session->input);
		TRY(channel_input_broken(session->channel, net->loop.now_ms));
	}
	if (is_gone(session) || !session->output_unwanted)
		return ERR_OK;
	session->output_unwanted = false;
	if (session->is_terminal)
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
		if (session_of(channel) != NULL && may_send && channel_may_send(channel) > 0)
			window_opened(net, channel);
		if (session_of(channel) != NULL)
			watch_input(session);
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
