/* Opening a channel, from either side (RFC 4254 section 5.1). */
#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"
#include "sshd/wire/messages_channel_open.h"

#define OPEN_FIXED_ROOM 64u /* what stands around a type name, a reason or the fields */

static enum err check_tcpip(struct slice fields)
{
	struct open_tcpip open;

	return open_tcpip_parse(fields, &open);
}

static enum err check_direct_streamlocal(struct slice fields)
{
	struct slice path;

	return open_direct_streamlocal_parse(fields, &path);
}

static enum err check_forwarded_streamlocal(struct slice fields)
{
	struct slice path;

	return open_forwarded_streamlocal_parse(fields, &path);
}

static enum err check_x11(struct slice fields)
{
	struct open_x11 open;

	return open_x11_parse(fields, &open);
}

static enum err check_tun(struct slice fields)
{
	struct open_tun open;

	return open_tun_parse(fields, &open);
}

/*
 * Every type: how its fields must look, and what a client's open of it does. A row without the
 * latter is refused as prohibited: only a server opens it.
 */
static const struct open_row {
	const char *name;
	enum err (*check)(struct slice fields);
	enum err (*open)(struct connection *connection, const struct channel_open *open);
} rows[CHANNEL_TYPE_COUNT] = {
    [CHANNEL_SESSION] = {"session", open_nothing_parse, open_session},
    [CHANNEL_DIRECT_TCPIP] = {"direct-tcpip", check_tcpip, open_direct_tcpip},
    [CHANNEL_DIRECT_STREAMLOCAL] = {"direct-streamlocal@openssh.com", check_direct_streamlocal,
	open_direct_streamlocal},
    [CHANNEL_FORWARDED_TCPIP] = {"forwarded-tcpip", check_tcpip, NULL},
    [CHANNEL_FORWARDED_STREAMLOCAL] = {"forwarded-streamlocal@openssh.com",
        check_forwarded_streamlocal, NULL},
    [CHANNEL_X11] = {"x11", check_x11, NULL},
    [CHANNEL_AGENT] = {"auth-agent@openssh.com", open_nothing_parse, NULL},
    [CHANNEL_TUN] = {"tun@openssh.com", check_tun, open_tun},
};

const char *channel_type_name(enum channel_type type)
{
	return rows[type].name;
}

/* ----------------------------------------------------------------- the client opens */

enum err open_refuse(
    struct connection *connection, uint32_t peer_number, uint32_t reason, struct slice text)
{
	uint8_t room[OPEN_FIXED_ROOM + CONNECTION_REASON_LIMIT];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	const struct channel_open_failure failure = {
	    peer_number, reason, slice_first(text, CONNECTION_REASON_LIMIT)};

	channel_open_failure_encode(&w, &failure);
	return connection_send(connection, &w);
}

enum err on_channel_open(struct connection *connection, struct slice payload)
{
	struct channel_open open;

	TRY(channel_open_parse(payload, &open));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!slice_is(open.type, rows[i].name))
			continue;
		TRY(rows[i].check(open.fields));
		if (rows[i].open == NULL)
			return open_refuse(connection, open.sender_channel,
			    SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, LITERAL("not permitted"));
		return rows[i].open(connection, &open);
	}
	return open_refuse(connection, open.sender_channel, SSH_OPEN_UNKNOWN_CHANNEL_TYPE,
	    LITERAL("unknown channel type"));
}

enum err open_accept(struct connection *connection, const struct channel_open *open,
    enum channel_type type, struct channel **out)
{
	struct channel *channel;
	enum err err;

	*out = NULL;
	/* A sender of packets of nothing would be busy for ever (CVE-2026-59843). */
	if (open->maximum_packet_size < CHANNEL_PEER_PACKET_LEAST)
		return open_refuse(connection, open->sender_channel, SSH_OPEN_RESOURCE_SHORTAGE,
		    LITERAL("the maximum packet size is too small"));
	err = channel_new(connection, type, CHANNEL_ASKED, &channel);
	if (err == ERR_LIMIT)
		return open_refuse(connection, open->sender_channel, SSH_OPEN_RESOURCE_SHORTAGE,
		    LITERAL("too many channels"));
	TRY(err);
	channel->peer_number = open->sender_channel;
	channel->peer_max_packet = open->maximum_packet_size;
	channel->send_window.left = open->initial_window_size;
	*out = channel;
	return ERR_OK;
}

static enum err confirm(struct channel *channel)
{
	uint8_t room[OPEN_FIXED_ROOM];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	const struct channel_open_confirmation confirmation = {
	    .recipient_channel = channel->peer_number,
	    .sender_channel = channel->number,
	    .initial_window_size = channel->receive_window.left,
	    .maximum_packet_size = CHANNEL_MAX_PACKET,
	};

	channel->has_traffic = true; /* of a kind: it is not idle from before */
	channel->is_round_trip_begun = true;
	channel->confirmed_ms = channel->connection->now_ms;
	channel_open_confirmation_encode(&w, &confirmation);
	return connection_send(channel->connection, &w);
}

enum err open_answered(struct channel *channel, const struct connection_answer *answer)
{
	struct connection *connection = channel->connection;
	uint32_t peer_number = channel->peer_number;

	if (channel->open_request != 0)
		connection->opening_count--;
	channel->open_request = 0;
	if (answer->is_granted) {
		(void)channel_state_step(&channel->state, CHANNEL_GRANT);
		return confirm(channel);
	}
	(void)channel_state_step(&channel->state, CHANNEL_DENY);
	channel_forget(channel);
	return open_refuse(connection, peer_number,
	    answer->reason != 0 ? answer->reason : SSH_OPEN_ADMINISTRATIVELY_PROHIBITED,
	    answer->text);
}

/* -------------------------------------------------------------------- the server opens */

enum err connection_offer(struct connection *connection, enum channel_type type,
    struct slice fields, struct channel **out)
{
	AUTO(buf_wipe) struct buf payload = buf_empty(OPEN_FIXED_ROOM * 2 + fields.len);
	struct channel *channel;
	struct channel_open open = {.type = slice_text(rows[type].name),
	    .fields = fields,
	    .maximum_packet_size = CHANNEL_MAX_PACKET};
	struct span room;
	struct writer w;

	TRY(buf_reserve(&payload, payload.limit, &room));
	TRY(channel_new(connection, type, CHANNEL_OFFERED, &channel));
	open.sender_channel = channel->number;
	open.initial_window_size = channel->receive_window.left;
	w = writer_into(room);
	channel_open_encode(&w, &open);
	*out = channel;
	return connection_send(connection, &w);
}

enum err on_open_confirmation(struct connection *connection, struct slice payload)
{
	struct channel_open_confirmation confirmation;
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_open_confirmation_parse(payload, &confirmation));
	TRY(channel_received(connection, confirmation.recipient_channel,
	    CHANNEL_RECEIVE_CONFIRMATION, &channel, &effect));
	channel->has_traffic = true;
	channel->peer_number = confirmation.sender_channel;
	channel->peer_max_packet = confirmation.maximum_packet_size;
	channel->send_window.left = confirmation.initial_window_size;
	if (confirmation.maximum_packet_size < CHANNEL_PEER_PACKET_LEAST)
		return ERR_RANGE;
	connection->sink.offer_answered(connection->sink.owner, channel, true);
	return ERR_OK;
}

enum err on_open_failure(struct connection *connection, struct slice payload)
{
	struct channel_open_failure failure;
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_open_failure_parse(payload, &failure));
	TRY(channel_received(
	    connection, failure.recipient_channel, CHANNEL_RECEIVE_FAILURE, &channel, &effect));
	connection->sink.offer_answered(connection->sink.owner, channel, false);
	channel_forget(channel);
	return ERR_OK;
}
