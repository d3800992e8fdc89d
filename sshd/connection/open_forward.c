/*
 * The opens of a client that lead somewhere else: to an address, a socket's path, a tun device
 * (RFC 4254 section 7.2, and OpenSSH's). Each waits for its own answer only: one that takes a
 * minute is in nobody's way.
 */
#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"
#include "sshd/wire/messages_channel_open.h"

struct channel *opening_find(struct connection *connection, uint32_t request)
{
	for (size_t i = 0; i < connection->channel_capacity && request != 0; i++) {
		struct channel *channel = connection->channels[i];

		if (channel != NULL && channel->open_request == request)
			return channel;
	}
	return NULL;
}

static enum err ask(struct connection *connection, const struct channel_open *open,
    enum channel_type type, struct connection_question *question)
{
	struct channel *channel;

	if (connection->opening_count >= CONNECTION_OPENING_LIMIT)
		return open_refuse(connection, open->sender_channel, SSH_OPEN_RESOURCE_SHORTAGE,
		    LITERAL("too many connections are being opened"));
	TRY(open_accept(connection, open, type, &channel));
	if (channel == NULL)
		return ERR_OK;
	channel->open_request = request_number(connection);
	connection->opening_count++;
	question->request = channel->open_request;
	question->session = channel->serial;
	return connection->sink.ask(connection->sink.owner, question);
}

enum err open_direct_tcpip(struct connection *connection, const struct channel_open *open)
{
	struct connection_question question = {.kind = CONNECTION_DIRECT_TCPIP};
	struct open_tcpip to;

	TRY(open_tcpip_parse(open->fields, &to));
	if (to.port == 0 || to.port > UINT16_MAX)
		return open_refuse(connection, open->sender_channel, SSH_OPEN_CONNECT_FAILED,
		    LITERAL("there is no such port"));
	question.direct_tcpip.host = to.host;
	question.direct_tcpip.port = (uint16_t)to.port;
	question.direct_tcpip.originator = to.originator;
	question.direct_tcpip.originator_port = to.originator_port;
	return ask(connection, open, CHANNEL_DIRECT_TCPIP, &question);
}

enum err open_direct_streamlocal(struct connection *connection, const struct channel_open *open)
{
	struct connection_question question = {.kind = CONNECTION_DIRECT_STREAMLOCAL};

	TRY(open_direct_streamlocal_parse(open->fields, &question.path));
	return ask(connection, open, CHANNEL_DIRECT_STREAMLOCAL, &question);
}

enum err open_tun(struct connection *connection, const struct channel_open *open)
{
	struct connection_question question = {.kind = CONNECTION_OPEN_TUN};
	struct open_tun tun;

	TRY(open_tun_parse(open->fields, &tun));
	if (tun.mode != OPEN_TUN_POINT_TO_POINT && tun.mode != OPEN_TUN_ETHERNET)
		return open_refuse(connection, open->sender_channel, SSH_OPEN_CONNECT_FAILED,
		    LITERAL("there is no such mode"));
	question.tun.mode = tun.mode;
	question.tun.unit = tun.unit;
	return ask(connection, open, CHANNEL_TUN, &question);
}
