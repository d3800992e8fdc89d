/* How a channel ends: EOF, exit status, CLOSE, in that order (RFC 4254 sections 5.3 and 6.10). */
#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"
#include "sshd/wire/messages_channel_request.h"

static enum err notice_send(struct channel *channel, uint8_t number)
{
	uint8_t room[8];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	channel_notice_encode(&w, number, channel->peer_number);
	return connection_send(channel->connection, &w);
}

static enum err eof_send(struct channel *channel)
{
	if (channel_state_step(&channel->state, CHANNEL_SEND_EOF) != CHANNEL_ACT)
		return ERR_OK;
	return notice_send(channel, SSH_MSG_CHANNEL_EOF);
}

/*
 * Our CLOSE. Descriptors go at once and not with the peer's CLOSE, so that a program loses its
 * terminal even when the peer never answers.
 */
static enum err close_send(struct channel *channel)
{
	struct connection *connection = channel->connection;
	const struct connection_question question = {
	    .kind = CONNECTION_SESSION_CLOSE, .session = channel->serial};

	if (channel_state_step(&channel->state, CHANNEL_SEND_CLOSE) != CHANNEL_ACT)
		return ERR_OK;
	TRY(notice_send(channel, SSH_MSG_CHANNEL_CLOSE));
	pending_abandon(connection, channel);
	connection->has_closed = true;
	buf_wipe(&channel->kept);
	connection->sink.closed(connection->sink.owner, channel);
	channel->owner = NULL;
	if (channel->type == CHANNEL_SESSION)
		TRY(connection->sink.ask(connection->sink.owner, &question));
	if (channel->state == CHANNEL_GONE)
		channel_forget(channel);
	return ERR_OK;
}

/* ------------------------------------------------------------------- from the peer */

void channel_input_settle(struct channel *channel)
{
	const struct connection_sink *sink = &channel->connection->sink;
	bool has_eof = channel->state == CHANNEL_EOF_RECEIVED || channel->state == CHANNEL_EOF_BOTH;

	if (!has_eof || channel->is_input_ended || buf_len(&channel->kept) > 0)
		return;
	channel->is_input_ended = true;
	sink->input_ended(sink->owner, channel);
}

enum err on_eof(struct connection *connection, struct slice payload)
{
	uint32_t recipient_channel;
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_notice_parse(payload, SSH_MSG_CHANNEL_EOF, &recipient_channel));
	TRY(channel_received(
	    connection, recipient_channel, CHANNEL_RECEIVE_EOF, &channel, &effect));
	if (effect == CHANNEL_IGNORE)
		return ERR_OK;
	channel_input_settle(channel);
	return channel_settle(channel);
}

/* What a program still had to say, nobody reads. */
enum err on_close(struct connection *connection, struct slice payload)
{
	uint32_t recipient_channel;
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_notice_parse(payload, SSH_MSG_CHANNEL_CLOSE, &recipient_channel));
	TRY(channel_received(
	    connection, recipient_channel, CHANNEL_RECEIVE_CLOSE, &channel, &effect));
	if (channel->state == CHANNEL_CLOSE_RECEIVED)
		return channel_settle(channel);
	channel_forget(channel);
	return ERR_OK;
}

/* --------------------------------------------------------------- from the program */

void channel_has_streams(struct channel *channel, bool has_stderr)
{
	channel->open_streams = 1u << CHANNEL_STDOUT | (has_stderr ? 1u << CHANNEL_STDERR : 0);
	channel->busy_streams = channel->open_streams;
}

static enum err exit_send(struct channel *channel)
{
	uint8_t fields[EXIT_SIGNAL_LIMIT + EXIT_MESSAGE_LIMIT + 64];
	uint8_t room[sizeof(fields) + 64];
	const struct exit_report *report = &channel->exit;
	const struct request_exit_signal exit_signal = {
	    slice_over(report->signal, report->signal_len), report->dumped_core,
	    slice_over(report->message, report->message_len)};
	struct channel_request request = {.recipient_channel = channel->peer_number};
	struct writer f = writer_into((struct span){fields, sizeof(fields)});
	struct writer w = writer_into((struct span){room, sizeof(room)});

	if (report->is_signal)
		request_exit_signal_encode(&f, &exit_signal);
	else
		request_exit_status_encode(&f, report->status);
	request.type = slice_text(report->is_signal ? "exit-signal" : "exit-status");
	TRY(writer_finish(&f, &request.fields));
	channel_request_encode(&w, &request);
	channel->exit.phase = EXIT_SENT;
	return connection_send(channel->connection, &w);
}

/* Our EOF has left, and all else that comes before CLOSE. */
static bool is_over(const struct channel *channel)
{
	if (channel_state_would(channel->state, CHANNEL_SEND_DATA) == CHANNEL_ACT)
		return false;
	if (channel->type == CHANNEL_SESSION)
		return channel->exit.phase == EXIT_SENT;
	return channel->is_input_ended || channel->is_input_broken;
}

/*
 * What a forward was sent before the peer's CLOSE is delivered first: the peer closes as soon as
 * it has said and heard all. A program's session is over at once.
 */
static bool still_delivers(const struct channel *channel)
{
	return channel->type != CHANNEL_SESSION && !channel->is_input_broken &&
	       buf_len(&channel->kept) > 0;
}

enum err channel_settle(struct channel *channel)
{
	if (!channel_is_open(channel))
		return ERR_OK;
	if (channel->state == CHANNEL_CLOSE_RECEIVED)
		return still_delivers(channel) ? ERR_OK : close_send(channel);
	if (channel->exit.phase == EXIT_KNOWN && channel->busy_streams == 0)
		TRY(exit_send(channel));
	return is_over(channel) ? close_send(channel) : ERR_OK;
}

static enum err stream_ended(struct channel *channel, unsigned streams)
{
	if (!channel_is_open(channel))
		return ERR_OK;
	channel->open_streams &= ~streams;
	channel->busy_streams &= ~streams;
	if (channel->open_streams == 0)
		TRY(eof_send(channel));
	return channel_settle(channel);
}

enum err channel_program_eof(struct channel *channel, enum channel_stream stream)
{
	return stream_ended(channel, 1u << stream);
}

enum err channel_program_idle(struct channel *channel, enum channel_stream stream)
{
	if (channel->exit.phase == EXIT_KNOWN)
		channel->busy_streams &= ~(1u << stream);
	return channel_settle(channel);
}

enum err channel_output_broken(struct channel *channel)
{
	const struct connection_sink *sink = &channel->connection->sink;

	if (channel->open_streams == 0)
		return ERR_OK;
	sink->output_unwanted(sink->owner, channel);
	return stream_ended(channel, channel->open_streams);
}

static size_t text_copy(uint8_t *to, size_t room, struct slice text)
{
	size_t len = text.len < room ? text.len : room;

	if (len > 0)
		memcpy(to, text.ptr, len);
	return len;
}

enum err channel_program_exited(struct channel *channel, const struct program_exit *exit)
{
	struct exit_report *report = &channel->exit;

	if (report->phase != EXIT_UNKNOWN || !channel_is_open(channel))
		return ERR_OK;
	report->phase = EXIT_KNOWN;
	report->is_signal = exit->is_signal;
	report->dumped_core = exit->dumped_core;
	report->status = exit->status;
	report->signal_len = text_copy(report->signal, sizeof(report->signal), exit->signal);
	report->message_len = text_copy(report->message, sizeof(report->message), exit->message);
	if (channel->open_streams == 0)
		return stream_ended(channel, 0);
	return channel_settle(channel);
}

enum err channel_close(struct channel *channel)
{
	if (!channel_is_open(channel))
		return ERR_OK;
	channel->open_streams = 0;
	TRY(eof_send(channel));
	return close_send(channel);
}
