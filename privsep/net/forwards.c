/*
 * Forwards: what the client wants connected or listened to, asked of the monitor, and what comes
 * back as a descriptor. Every one that was open is told to the monitor again when it is over.
 */
#include "privsep/net/pump.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/wire/messages_channel_open.h"

#define ASK(net, TYPE, name, ...)                                                                  \
	IPC_SEND(&(net)->monitor, STATE_UNKNOWN, MSG_##TYPE, name,                                 \
	    &((struct msg_##name){__VA_ARGS__}), (net)->datagram)

/* ------------------------------------------------------------- questions */

static enum err ask_connect(struct net *net, const struct connection_question *question,
    enum forward_kind kind, struct slice host, uint32_t port)
{
	return ASK(net, NET_CONNECT, net_connect, .request = question->request,
	    .channel = question->session, .kind = (uint8_t)kind, .host = host, .port = port);
}

static enum err ask_tcpip(struct net *net, const struct connection_question *question)
{
	return ASK(net, NET_CONNECT, net_connect, .request = question->request,
	    .channel = question->session, .kind = FORWARD_TCP, .host = question->direct_tcpip.host,
	    .port = question->direct_tcpip.port, .originator = question->direct_tcpip.originator,
	    .originator_port = question->direct_tcpip.originator_port);
}

static enum err ask_tun(struct net *net, const struct connection_question *question)
{
	enum forward_kind kind = question->tun.mode == OPEN_TUN_ETHERNET ? FORWARD_TUN_ETHERNET
									  : FORWARD_TUN_POINT_TO_POINT;

	return ask_connect(net, question, kind, (struct slice){0}, question->tun.unit);
}

static enum err ask_listen(struct net *net, const struct connection_question *question,
    enum forward_kind kind, struct slice address, uint16_t port)
{
	return ASK(net, NET_LISTEN, net_listen, .request = question->request, .kind = (uint8_t)kind,
	    .address = address, .port = port);
}

static enum err ask_cancel(struct net *net, const struct connection_question *question,
    enum forward_kind kind, struct slice address, uint16_t port)
{
	return ASK(net, NET_CANCEL, net_cancel, .request = question->request, .kind = (uint8_t)kind,
	    .address = address, .port = port);
}

enum err question_forward(struct net *net, const struct connection_question *question)
{
	switch (question->kind) {
	case CONNECTION_DIRECT_TCPIP:
		return ask_tcpip(net, question);
	case CONNECTION_DIRECT_STREAMLOCAL:
		return ask_connect(net, question, FORWARD_STREAMLOCAL, question->path, 0);
	case CONNECTION_OPEN_TUN:
		return ask_tun(net, question);
	case CONNECTION_LISTEN_TCPIP:
		return ask_listen(net, question, FORWARD_TCP, question->tcpip.address, question->tcpip.port);
	case CONNECTION_CANCEL_TCPIP:
		return ask_cancel(net, question, FORWARD_TCP, question->tcpip.address, question->tcpip.port);
	case CONNECTION_LISTEN_STREAMLOCAL:
		return ask_listen(net, question, FORWARD_STREAMLOCAL, question->path, 0);
	case CONNECTION_CANCEL_STREAMLOCAL:
		return ask_cancel(net, question, FORWARD_STREAMLOCAL, question->path, 0);
	default:
		return ERR_UNSUPPORTED;
	}
}

/* --------------------------------------------------------------- answers */

enum err answer_connected(struct net *net, struct channel *channel, enum forward_kind kind, int fd)
{
	const struct forward forward = {.is_counted = true, .kind = kind, .number = channel_serial(channel)};

	TRY(pump_attach_forward(net, channel, fd, &forward));
	return pump_start(net, channel);
}

/* The type-specific part of the CHANNEL_OPEN for what was accepted. */
static enum err offer_fields(const struct msg_net_accepted *msg, struct writer *w,
    enum channel_type *type)
{
	switch (msg->kind) {
	case FORWARD_TCP:
		*type = CHANNEL_FORWARDED_TCPIP;
		open_tcpip_encode(w,
		    &((struct open_tcpip){.host = msg->address, .port = msg->port,
		        .originator = msg->originator, .originator_port = msg->originator_port}));
		return w->err;
	case FORWARD_STREAMLOCAL:
		*type = CHANNEL_FORWARDED_STREAMLOCAL;
		open_forwarded_streamlocal_encode(w, msg->address);
		return w->err;
	case FORWARD_AGENT:
		*type = CHANNEL_AGENT;
		return ERR_OK;
	case FORWARD_X11:
		*type = CHANNEL_X11;
		open_x11_encode(w,
		    &((struct open_x11){.originator = msg->originator, .originator_port = msg->originator_port}));
		return w->err;
	default:
		return ERR_BREACH;
	}
}

static enum err offer(struct net *net, const struct msg_net_accepted *msg, int fd)
{
	uint8_t room[8192];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	struct forward forward = {.is_accepted = true, .kind = msg->kind, .number = msg->forward};
	enum channel_type type = CHANNEL_TYPE_COUNT;
	struct channel *channel;
	enum err err = offer_fields(msg, &w, &type);

	if (err == ERR_OK)
		err = connection_offer(net->connection, type, writer_view(&w), &channel);
	if (err != ERR_OK) {
		fd_close(fd);
		if (err != ERR_LIMIT)
			return err;
		return ASK(net, NET_OFFERED, net_offered, .forward = msg->forward);
	}
	return pump_attach_forward(net, channel, fd, &forward);
}

enum err answer_accepted(struct net *net, struct ipc_message *message)
{
	struct msg_net_accepted msg;

	TRY(msg_net_accepted_parse(message->body, &msg));
	message->fd_count = 0;
	return offer(net, &msg, message->fds[0]);
}

/* -------------------------------------------------------------- tellings */

void forward_tell_offered(struct session *session, bool is_open)
{
	struct net *net = session->net;

	session->forward.is_counted = is_open;
	/* A monitor that is gone is noticed by its closed channel. */
	IGNORE(ASK(net, NET_OFFERED, net_offered, .forward = session->forward.number, .is_open = is_open));
}

void forward_tell_end(const struct session *session)
{
	const struct forward *forward = &session->forward;
	struct net *net = session->net;

	IGNORE(ASK(net, NET_FORWARD_END, net_forward_end, .is_accepted = forward->is_accepted,
	    .number = forward->number, .bytes_in = forward->bytes_in, .bytes_out = forward->bytes_out));
}
