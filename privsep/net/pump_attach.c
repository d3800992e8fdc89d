/* Descriptors to their channels, and when what is behind them begins and ends. */
#include <errno.h>

#include "privsep/net/pump.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

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
	session->kind = STREAM_TERMINAL;
	session->out.source.fd = master;
	session->err.has_ended = true;
	return ERR_OK;
}

enum err pump_attach_forward(struct net *net, struct channel *channel, int fd,
    const struct forward *forward)
{
	struct session *session;

	TRY(attach(net, channel, &fd, 1, &session));
	session->kind = channel_type(channel) == CHANNEL_TUN ? STREAM_TUN : STREAM_SOCKET;
	session->forward = *forward;
	session->out.source.fd = fd;
	session->err.has_ended = true;
	return ERR_OK;
}

enum err pump_attach_pipes(struct net *net, struct channel *channel, int fds[static 3])
{
	struct session *session;

	TRY(attach(net, channel, fds, 3, &session));
	session->input.fd = fds[0];
	session->out.source.fd = fds[1];
	session->err.source.fd = fds[2];
	return loop_add(&net->loop, &session->input, 0);
}

enum err pump_start(struct net *net, struct channel *channel)
{
	struct session *session = session_of(channel);

	if (session == NULL || !session->is_attached || session->is_started)
		return ERR_BREACH;
	session->is_started = true;
	channel_has_streams(channel, session->kind == STREAM_PIPES);
	if (session->kind <= STREAM_TERMINAL)
		socket_set_qos(net, session->kind == STREAM_TERMINAL);
	stream_update(session, &session->out);
	stream_update(session, &session->err);
	/* What the peer sent ahead of the program. */
	TRY(channel_drain(channel, net->loop.now_ms));
	if (session->channel == NULL)
		return ERR_OK;
	if (session->input_ended)
		session_end_input(session);
	session_watch_input(session);
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
		stream_read(session, &session->out);
	if (session->channel != NULL && !session->err.has_ended && !session->err.is_paused)
		stream_read(session, &session->err);
	return session_tell_held_end(session);
}
