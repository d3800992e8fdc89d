#include "sshd/connection/channels.h"

#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"

#define TABLE_STEP 16u /* the table grows by so many channels */

enum err connection_new(const struct connection_sink *sink,
    const struct connection_settings *settings, struct connection **out)
{
	AUTO(connection_release) struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return ERR_NO_MEMORY;
	TRY(timeouts_parse(settings->channel_timeouts, &connection->timeouts));
	connection->sink = *sink;
	connection->settings = *settings;
	connection->settings.channel_timeouts = (struct slice){0};
	if (settings->channel_limit == 0 || settings->channel_limit > CHANNEL_LIMIT)
		connection->settings.channel_limit = CHANNEL_LIMIT;
	connection->path.spare_bytes = settings->window_budget;
	*out = TAKE(connection);
	return ERR_OK;
}

void connection_free(struct connection *connection)
{
	if (connection == NULL)
		return;
	for (size_t i = 0; i < connection->channel_capacity; i++)
		if (connection->channels[i] != NULL)
			channel_forget(connection->channels[i]);
	proof_end(&connection->proof);
	timeouts_wipe(&connection->timeouts);
	free(connection->channels);
	free(connection);
}

void connection_release(struct connection **connection)
{
	connection_free(TAKE(*connection));
}

/* -------------------------------------------------------------------------- the table */

static enum err table_grow(struct connection *connection)
{
	size_t capacity = connection->channel_capacity + TABLE_STEP;
	struct channel **channels;

	if (connection->channel_count < connection->channel_capacity)
		return ERR_OK;
	channels = reallocarray(connection->channels, capacity, sizeof(*channels));
	if (channels == NULL)
		return ERR_NO_MEMORY;
	memset(channels + connection->channel_capacity, 0, TABLE_STEP * sizeof(*channels));
	connection->channels = channels;
	connection->channel_capacity = capacity;
	return ERR_OK;
}

enum err channel_new(struct connection *connection, enum channel_type type,
    enum channel_state state, struct channel **out)
{
	struct channel *channel;
	uint32_t number = 0;

	if (connection->channel_count >= connection->settings.channel_limit)
		return ERR_LIMIT;
	TRY(table_grow(connection));
	channel = calloc(1, sizeof(*channel));
	if (channel == NULL)
		return ERR_NO_MEMORY;
	while (connection->channels[number] != NULL)
		number++;
	channel->connection = connection;
	channel->number = number;
	channel->serial = ++connection->last_serial;
	channel->type = type;
	channel->state = state;
	channel->receive_window =
	    receive_window_open(&connection->path, CHANNEL_WINDOW, CHANNEL_WINDOW_FLOOR);
	channel->kept = buf_empty(CHANNEL_WINDOW_LIMIT);
	connection->channels[number] = channel;
	connection->channel_count++;
	*out = channel;
	return ERR_OK;
}

void channel_forget(struct channel *channel)
{
	struct connection *connection = channel->connection;

	pending_abandon(connection, channel);
	if (channel->open_request != 0)
		connection->opening_count--;
	receive_window_close(&channel->receive_window, &connection->path, CHANNEL_WINDOW_FLOOR);
	connection->channels[channel->number] = NULL;
	connection->channel_count--;
	buf_wipe(&channel->kept);
	free(channel);
}

bool channel_is_open(const struct channel *channel)
{
	return channel->state == CHANNEL_CLOSE_RECEIVED ||
	       channel_state_would(channel->state, CHANNEL_SEND_MESSAGE) == CHANNEL_ACT;
}

static struct channel *channel_at(const struct connection *connection, uint32_t number)
{
	return number < connection->channel_capacity ? connection->channels[number] : NULL;
}

enum err channel_received(struct connection *connection, uint32_t recipient_channel,
    enum channel_event event, struct channel **out, enum channel_effect *effect)
{
	struct channel *channel = channel_at(connection, recipient_channel);

	/* A late adjustment or reply for a channel that is gone hurts nobody. */
	if (channel == NULL &&
	    (event == CHANNEL_RECEIVE_ADJUST || event == CHANNEL_RECEIVE_REPLY)) {
		*effect = CHANNEL_IGNORE;
		return ERR_OK;
	}
	if (channel == NULL)
		return ERR_UNEXPECTED;
	*effect = channel_state_step(&channel->state, event);
	if (*effect == CHANNEL_REFUSE)
		return ERR_UNEXPECTED;
	/* What comes first after our confirmation can only have been sent after it. */
	if (channel->is_round_trip_begun) {
		channel->is_round_trip_begun = false;
		window_path_measured(&connection->path, connection->now_ms - channel->confirmed_ms);
	}
	*out = channel;
	return ERR_OK;
}

/* --------------------------------------------------------------------------- messages */

enum err connection_send(struct connection *connection, const struct writer *w)
{
	struct slice payload;

	TRY(writer_finish(w, &payload));
	return connection->sink.send(connection->sink.owner, payload);
}

#define FIRST_NUMBER SSH_MSG_GLOBAL_REQUEST
#define LAST_NUMBER  SSH_MSG_CHANNEL_FAILURE

enum err connection_feed(struct connection *connection, struct slice payload, uint64_t now_ms)
{
	static enum err (*const handlers[])(struct connection *, struct slice) = {
	    [SSH_MSG_GLOBAL_REQUEST - FIRST_NUMBER] = on_global_request,
	    [SSH_MSG_REQUEST_SUCCESS - FIRST_NUMBER] = on_request_reply,
	    [SSH_MSG_REQUEST_FAILURE - FIRST_NUMBER] = on_request_reply,
	    [SSH_MSG_CHANNEL_OPEN - FIRST_NUMBER] = on_channel_open,
	    [SSH_MSG_CHANNEL_OPEN_CONFIRMATION - FIRST_NUMBER] = on_open_confirmation,
	    [SSH_MSG_CHANNEL_OPEN_FAILURE - FIRST_NUMBER] = on_open_failure,
	    [SSH_MSG_CHANNEL_WINDOW_ADJUST - FIRST_NUMBER] = on_window_adjust,
	    [SSH_MSG_CHANNEL_DATA - FIRST_NUMBER] = on_data,
	    [SSH_MSG_CHANNEL_EXTENDED_DATA - FIRST_NUMBER] = on_extended_data,
	    [SSH_MSG_CHANNEL_EOF - FIRST_NUMBER] = on_eof,
	    [SSH_MSG_CHANNEL_CLOSE - FIRST_NUMBER] = on_close,
	    [SSH_MSG_CHANNEL_REQUEST - FIRST_NUMBER] = on_channel_request,
	    [SSH_MSG_CHANNEL_SUCCESS - FIRST_NUMBER] = on_channel_reply,
	    [SSH_MSG_CHANNEL_FAILURE - FIRST_NUMBER] = on_channel_reply,
	};
	uint8_t number = payload.len > 0 ? payload.ptr[0] : 0;

	if (connection_is_waiting(connection))
		return ERR_AGAIN;
	if (number < FIRST_NUMBER || number > LAST_NUMBER ||
	    handlers[number - FIRST_NUMBER] == NULL)
		return ERR_UNSUPPORTED;
	connection->now_ms = now_ms;
	return handlers[number - FIRST_NUMBER](connection, payload);
}

enum err connection_answer(struct connection *connection, const struct connection_answer *answer,
    uint64_t now_ms, struct channel **out)
{
	struct pending *pending = pending_find(connection, answer->request);
	struct channel *channel = opening_find(connection, answer->request);

	if (pending == NULL && channel == NULL)
		return ERR_BREACH;
	*out = NULL;
	connection->now_ms = now_ms;
	if (channel != NULL) {
		if (answer->is_granted)
			*out = channel;
		return open_answered(channel, answer);
	}
	channel = pending->channel;
	if (pending->is_orphan) {
		pending_remove(connection, pending);
		return ERR_OK;
	}
	if (pending->question == CONNECTION_PROVE)
		return prove_answered(connection, pending, answer);
	if (pending->question == CONNECTION_SESSION_OPEN) {
		pending_remove(connection, pending);
		if (answer->is_granted)
			*out = channel;
		return open_answered(channel, answer);
	}
	if (channel == NULL) {
		pending->port = answer->port;
		return pending_settle(connection, pending, answer->is_granted);
	}
	*out = channel;
	session_answered(channel, pending->question, answer->is_granted);
	return pending_settle(connection, pending, answer->is_granted);
}

bool connection_is_waiting(const struct connection *connection)
{
	return connection->pending_count >= CONNECTION_PENDING_LIMIT;
}

/* ------------------------------------------------------------------------ look-ups */

struct channel *connection_next_channel(
    const struct connection *connection, const struct channel *after)
{
	size_t number = after == NULL ? 0 : after->number + 1;

	for (; number < connection->channel_capacity; number++) {
		struct channel *channel = connection->channels[number];

		if (channel != NULL && channel_is_open(channel))
			return channel;
	}
	return NULL;
}

size_t connection_channel_count(const struct connection *connection)
{
	size_t count = 0;

	for (struct channel *channel = NULL;
	     (channel = connection_next_channel(connection, channel)) != NULL;)
		count++;
	return count;
}

struct channel *connection_find(const struct connection *connection, uint32_t serial)
{
	struct channel *channel = NULL;

	while ((channel = connection_next_channel(connection, channel)) != NULL)
		if (channel->serial == serial)
			return channel;
	return NULL;
}

uint32_t channel_serial(const struct channel *channel)
{
	return channel->serial;
}

uint32_t channel_number(const struct channel *channel)
{
	return channel->number;
}

enum channel_type channel_type(const struct channel *channel)
{
	return channel->type;
}

void channel_set_owner(struct channel *channel, void *owner)
{
	channel->owner = owner;
}

void *channel_owner(const struct channel *channel)
{
	return channel->owner;
}
