/* Data and windows (RFC 4254 section 5.2). */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"

#define KEPT_CAPACITY_IDLE (64u << 10) /* an emptied buffer larger than this is given back */

/* --------------------------------------------------------------------- from the peer */

static enum err window_return(struct channel *channel)
{
	uint8_t room[16];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	struct channel_window_adjust adjust = {.recipient_channel = channel->peer_number};

	/* After the peer's EOF it needs no window, after our CLOSE it gets no message. */
	if (channel_state_would(channel->state, CHANNEL_RECEIVE_DATA) != CHANNEL_ACT)
		return ERR_OK;
	adjust.bytes_to_add = receive_window_return(&channel->receive_window);
	if (adjust.bytes_to_add == 0)
		return ERR_OK;
	channel_window_adjust_encode(&w, &adjust);
	return connection_send(channel->connection, &w);
}

static enum err consumed(struct channel *channel, size_t len)
{
	receive_window_consume(&channel->receive_window, &channel->connection->path, len,
	    CHANNEL_WINDOW_LIMIT, channel->connection->now_ms);
	return window_return(channel);
}

/* As much as the sink takes, the rest is kept; what was kept before goes first. */
static enum err data_deliver(struct channel *channel, struct slice data)
{
	const struct connection_sink *sink = &channel->connection->sink;
	size_t taken = 0;

	if (channel->is_input_broken)
		return consumed(channel, data.len);
	if (buf_len(&channel->kept) == 0)
		taken = sink->deliver(sink->owner, channel, data);
	assert(taken <= data.len);
	TRY(buf_append(&channel->kept, slice_after(data, taken)));
	return consumed(channel, taken);
}

static enum err data_received(struct connection *connection, uint32_t recipient_channel,
    struct slice data, bool is_for_program)
{
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_received(
	    connection, recipient_channel, CHANNEL_RECEIVE_DATA, &channel, &effect));
	if (effect == CHANNEL_IGNORE || data.len == 0)
		return ERR_OK;
	TRY(receive_window_take(&channel->receive_window, data.len));
	channel->has_traffic = true;
	return is_for_program ? data_deliver(channel, data) : consumed(channel, data.len);
}

enum err on_data(struct connection *connection, struct slice payload)
{
	struct channel_data data;

	TRY(channel_data_parse(payload, &data));
	return data_received(connection, data.recipient_channel, data.data, true);
}

/* A program has one input: extended data of a client go nowhere, but they use the window. */
enum err on_extended_data(struct connection *connection, struct slice payload)
{
	struct channel_extended_data data;

	TRY(channel_extended_data_parse(payload, &data));
	return data_received(connection, data.recipient_channel, data.data, false);
}

enum err channel_drain(struct channel *channel, uint64_t now_ms)
{
	const struct connection_sink *sink = &channel->connection->sink;
	size_t total = 0;

	while (buf_len(&channel->kept) > 0) {
		size_t taken = sink->deliver(sink->owner, channel, buf_view(&channel->kept));

		assert(taken <= buf_len(&channel->kept));
		buf_consume(&channel->kept, taken);
		total += taken;
		if (taken == 0)
			break;
	}
	if (buf_len(&channel->kept) == 0 && channel->kept.capacity > KEPT_CAPACITY_IDLE)
		buf_wipe(&channel->kept);
	channel->connection->now_ms = now_ms;
	TRY(consumed(channel, total));
	channel_input_settle(channel);
	return channel_settle(channel);
}

size_t channel_kept(const struct channel *channel)
{
	return buf_len(&channel->kept);
}

/* eow@openssh.com: the peer should stop sending. Only OpenSSH knows it. */
static enum err eow_send(struct channel *channel)
{
	uint8_t room[64];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	const struct channel_request eow = {
	    .recipient_channel = channel->peer_number, .type = LITERAL("eow@openssh.com")};

	if (!channel->connection->settings.speaks_eow || channel->type != CHANNEL_SESSION)
		return ERR_OK;
	if (channel_state_would(channel->state, CHANNEL_RECEIVE_DATA) != CHANNEL_ACT)
		return ERR_OK;
	channel_request_encode(&w, &eow);
	return connection_send(channel->connection, &w);
}

enum err channel_input_broken(struct channel *channel, uint64_t now_ms)
{
	size_t len = buf_len(&channel->kept);

	if (channel->is_input_broken || !channel_is_open(channel))
		return ERR_OK;
	channel->is_input_broken = true;
	channel->connection->now_ms = now_ms;
	buf_wipe(&channel->kept);
	TRY(eow_send(channel));
	TRY(consumed(channel, len));
	channel_input_settle(channel);
	return channel_settle(channel);
}

/* ----------------------------------------------------------------------- to the peer */

enum err on_window_adjust(struct connection *connection, struct slice payload)
{
	struct channel_window_adjust adjust;
	struct channel *channel;
	enum channel_effect effect;
	bool was_shut;

	TRY(channel_window_adjust_parse(payload, &adjust));
	TRY(channel_received(
	    connection, adjust.recipient_channel, CHANNEL_RECEIVE_ADJUST, &channel, &effect));
	if (effect == CHANNEL_IGNORE)
		return ERR_OK;
	was_shut = channel->send_window.left == 0;
	TRY(send_window_add(&channel->send_window, adjust.bytes_to_add));
	if (was_shut && adjust.bytes_to_add > 0)
		connection->sink.window_opened(connection->sink.owner, channel);
	return ERR_OK;
}

size_t channel_may_send(const struct channel *channel)
{
	size_t most = channel->peer_max_packet < CHANNEL_MAX_PACKET ? channel->peer_max_packet
	                                                            : CHANNEL_MAX_PACKET;

	if (channel_state_would(channel->state, CHANNEL_SEND_DATA) != CHANNEL_ACT)
		return 0;
	return send_window_fit(&channel->send_window, most);
}

void channel_data_header(
    struct channel *channel, enum channel_stream stream, size_t len, struct span header)
{
	struct writer w = writer_into(header);

	assert(len > 0 && len <= channel_may_send(channel));
	write_byte(
	    &w, stream == CHANNEL_STDERR ? SSH_MSG_CHANNEL_EXTENDED_DATA : SSH_MSG_CHANNEL_DATA);
	write_u32(&w, channel->peer_number);
	if (stream == CHANNEL_STDERR)
		write_u32(&w, SSH_EXTENDED_DATA_STDERR);
	write_u32(&w, (uint32_t)len);
	assert(w.err == ERR_OK && w.len == header.len);
	send_window_take(&channel->send_window, len);
	channel->has_traffic = true;
}
