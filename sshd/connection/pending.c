/*
 * Every request that wants a reply gets exactly one, in the order of the requests of its channel
 * (RFC 4254 section 5.4; global ones among themselves, section 4), however late or out of order
 * the answers come.
 */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"
#include "sshd/wire/messages_global_request.h"

static struct pending *pending_add(
    struct connection *connection, struct channel *channel, bool want_reply)
{
	struct pending *pending = &connection->pending[connection->pending_count];

	/* connection_feed lets nobody in when all are taken, and one payload adds one at most. */
	assert(connection->pending_count < CONNECTION_PENDING_LIMIT);
	connection->pending_count++;
	*pending = (struct pending){.channel = channel, .want_reply = want_reply};
	return pending;
}

void pending_remove(struct connection *connection, struct pending *pending)
{
	size_t after = (size_t)(connection->pending + connection->pending_count - pending) - 1;

	memmove(pending, pending + 1, after * sizeof(*pending));
	connection->pending_count--;
}

uint32_t request_number(struct connection *connection)
{
	do
		connection->last_request++;
	while (connection->last_request == 0 ||
	       pending_find(connection, connection->last_request) != NULL ||
	       opening_find(connection, connection->last_request) != NULL);
	return connection->last_request;
}

static void number_question(
    struct connection *connection, struct pending *pending, struct connection_question *question)
{
	pending->request = request_number(connection);
	question->request = pending->request;
	if (pending->channel != NULL)
		question->session = pending->channel->serial;
}

enum err pending_ask(struct connection *connection, struct channel *channel, bool want_reply,
    struct connection_question *question)
{
	struct pending *pending = pending_add(connection, channel, want_reply);

	pending->question = question->kind;
	pending->tells_port = question->kind == CONNECTION_LISTEN_TCPIP && question->tcpip.port == 0;
	number_question(connection, pending, question);
	return connection->sink.ask(connection->sink.owner, question);
}

enum err pending_ask_again(
    struct connection *connection, struct pending *pending, struct connection_question *question)
{
	number_question(connection, pending, question);
	return connection->sink.ask(connection->sink.owner, question);
}

struct pending *pending_find(struct connection *connection, uint32_t request)
{
	for (size_t i = 0; i < connection->pending_count; i++) {
		struct pending *pending = &connection->pending[i];

		if (pending->state == PENDING_WAITS && pending->request == request && request != 0)
			return pending;
	}
	return NULL;
}

static enum err reply_to_channel(const struct channel *channel, bool is_success)
{
	uint8_t room[8];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	channel_notice_encode(&w, is_success ? SSH_MSG_CHANNEL_SUCCESS : SSH_MSG_CHANNEL_FAILURE,
	    channel->peer_number);
	return connection_send(channel->connection, &w);
}

static enum err reply_to_global(struct connection *connection, bool is_success, struct slice data)
{
	AUTO(buf_wipe) struct buf payload = buf_empty(data.len + 1);
	struct span room;
	struct writer w;

	TRY(buf_reserve(&payload, data.len + 1, &room));
	w = writer_into(room);
	if (is_success)
		request_success_encode(&w, data);
	else
		request_failure_encode(&w);
	return connection_send(connection, &w);
}

/* What stands behind REQUEST_SUCCESS. */
static enum err reply_data(const struct connection *connection, const struct pending *pending,
    struct writer *port, struct slice *data)
{
	if (pending->question == CONNECTION_PROVE)
		*data = buf_view(&connection->proof.signatures);
	if (!pending->tells_port)
		return ERR_OK;
	global_tcpip_port_encode(port, pending->port);
	return writer_finish(port, data);
}

static enum err reply_send(struct connection *connection, const struct pending *pending)
{
	bool is_success = pending->state == PENDING_GRANTED;
	uint8_t room[4];
	struct writer port = writer_into((struct span){room, sizeof(room)});
	struct slice data = {0};

	if (!pending->want_reply)
		return ERR_OK;
	if (pending->channel != NULL)
		return reply_to_channel(pending->channel, is_success);
	TRY(reply_data(connection, pending, &port, &data));
	return reply_to_global(connection, is_success, data);
}

/* The first request of this channel (NULL: the first global one) that is still in the list. */
static struct pending *first_of(struct connection *connection, const struct channel *channel)
{
	for (size_t i = 0; i < connection->pending_count; i++) {
		struct pending *pending = &connection->pending[i];

		if (pending->channel == channel && !pending->is_orphan)
			return pending;
	}
	return NULL;
}

/* Sends the replies whose turn it is: up to the first request that waits. */
static enum err replies_send(struct connection *connection, const struct channel *channel)
{
	struct pending *first;

	while ((first = first_of(connection, channel)) != NULL && first->state != PENDING_WAITS) {
		const struct pending reply = *first;

		pending_remove(connection, first);
		TRY(reply_send(connection, &reply));
		if (reply.question == CONNECTION_PROVE)
			proof_end(&connection->proof);
	}
	return ERR_OK;
}

enum err pending_reply(
    struct connection *connection, struct channel *channel, bool want_reply, bool is_success)
{
	struct pending *pending;

	if (!want_reply)
		return ERR_OK;
	pending = pending_add(connection, channel, want_reply);
	pending->question = CONNECTION_QUESTION_COUNT; /* nobody was asked */
	pending->state = is_success ? PENDING_GRANTED : PENDING_DENIED;
	return replies_send(connection, channel);
}

enum err pending_settle(struct connection *connection, struct pending *pending, bool is_granted)
{
	pending->state = is_granted ? PENDING_GRANTED : PENDING_DENIED;
	return replies_send(connection, pending->channel);
}

void pending_abandon(struct connection *connection, const struct channel *channel)
{
	for (size_t i = connection->pending_count; i-- > 0;) {
		struct pending *pending = &connection->pending[i];

		if (pending->channel != channel)
			continue;
		if (pending->state != PENDING_WAITS) {
			pending_remove(connection, pending);
			continue;
		}
		pending->channel = NULL;
		pending->is_orphan = true;
	}
}
