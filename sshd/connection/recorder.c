#include "sshd/connection/recorder.h"

#include <check.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/wire/messages_channel_request.h"

#define PEER_NUMBER 7u /* of the first session; the next ones count up */

#define note(recorder, ...)                                                                        \
	ck_assert_int_eq(buf_append_format(&(recorder)->lines, __VA_ARGS__), ERR_OK)

static void note_text(struct recorder *recorder, struct slice text)
{
	note(recorder, " \"");
	ck_assert_int_eq(text_append_escaped(&recorder->lines, text, 64), ERR_OK);
	note(recorder, "\"");
}

/* -------------------------------------------------------------------------- questions */

static void note_size(struct recorder *recorder, const struct terminal_size *size)
{
	note(recorder, " %ux%u %ux%u", size->columns, size->rows, size->width, size->height);
}

static void note_details(struct recorder *recorder, const struct connection_question *question)
{
	static const char *const starts[] = {"shell", "exec", "subsystem"};

	switch (question->kind) {
	case CONNECTION_PTY:
		note_text(recorder, question->pty.term);
		note_size(recorder, &question->pty.size);
		note(recorder, " modes=%zu", question->pty.modes.len);
		break;
	case CONNECTION_ENV:
		note_text(recorder, question->env.name);
		note_text(recorder, question->env.value);
		break;
	case CONNECTION_START:
		note(recorder, " %s", starts[question->start.what]);
		note_text(recorder, question->start.command);
		break;
	case CONNECTION_RESIZE:
		note_size(recorder, &question->resize);
		break;
	case CONNECTION_SIGNAL:
		note_text(recorder, question->signal);
		break;
	case CONNECTION_BREAK:
		note(recorder, " %u", question->break_ms);
		break;
	case CONNECTION_X11:
		note(recorder, " %s", question->x11.is_single ? "single" : "many");
		note_text(recorder, question->x11.protocol);
		note_text(recorder, question->x11.cookie);
		note(recorder, " %u", question->x11.screen);
		break;
	case CONNECTION_PROVE:
		note_text(recorder, question->host_key);
		break;
	case CONNECTION_DIRECT_TCPIP:
		note_text(recorder, question->direct_tcpip.host);
		note(recorder, " %u from", question->direct_tcpip.port);
		note_text(recorder, question->direct_tcpip.originator);
		note(recorder, " %u", question->direct_tcpip.originator_port);
		break;
	case CONNECTION_OPEN_TUN:
		note(recorder, " %u %u", question->tun.mode, question->tun.unit);
		break;
	case CONNECTION_LISTEN_TCPIP:
	case CONNECTION_CANCEL_TCPIP:
		note_text(recorder, question->tcpip.address);
		note(recorder, " %u", question->tcpip.port);
		break;
	case CONNECTION_DIRECT_STREAMLOCAL:
	case CONNECTION_LISTEN_STREAMLOCAL:
	case CONNECTION_CANCEL_STREAMLOCAL:
		note_text(recorder, question->path);
		break;
	default:
		break;
	}
}

static enum err on_ask(void *owner, const struct connection_question *question)
{
	static const char *const names[CONNECTION_QUESTION_COUNT] = {
	    [CONNECTION_SESSION_OPEN] = "SESSION_OPEN",
	    [CONNECTION_PTY] = "PTY",
	    [CONNECTION_ENV] = "ENV",
	    [CONNECTION_START] = "START",
	    [CONNECTION_RESIZE] = "RESIZE",
	    [CONNECTION_SIGNAL] = "SIGNAL",
	    [CONNECTION_BREAK] = "BREAK",
	    [CONNECTION_SESSION_CLOSE] = "SESSION_CLOSE",
	    [CONNECTION_AGENT] = "AGENT",
	    [CONNECTION_X11] = "X11",
	    [CONNECTION_PROVE] = "PROVE",
	    [CONNECTION_DIRECT_TCPIP] = "DIRECT_TCPIP",
	    [CONNECTION_DIRECT_STREAMLOCAL] = "DIRECT_STREAMLOCAL",
	    [CONNECTION_OPEN_TUN] = "OPEN_TUN",
	    [CONNECTION_LISTEN_TCPIP] = "LISTEN_TCPIP",
	    [CONNECTION_CANCEL_TCPIP] = "CANCEL_TCPIP",
	    [CONNECTION_LISTEN_STREAMLOCAL] = "LISTEN_STREAMLOCAL",
	    [CONNECTION_CANCEL_STREAMLOCAL] = "CANCEL_STREAMLOCAL",
	};
	struct recorder *recorder = owner;

	note(recorder, "?%s r%u s%u", names[question->kind], question->request, question->session);
	note_details(recorder, question);
	note(recorder, "\n");
	if (question->request != 0)
		recorder->last_request = question->request;
	return ERR_OK;
}

/* --------------------------------------------------------------------------- messages */

static void note_notice(struct recorder *recorder, const char *name, struct slice payload)
{
	uint32_t channel;

	ck_assert_int_eq(channel_notice_parse(payload, payload.ptr[0], &channel), ERR_OK);
	note(recorder, ">%s %u\n", name, channel);
}

static void note_open(struct recorder *recorder, struct slice payload)
{
	struct channel_open open;

	ck_assert_int_eq(channel_open_parse(payload, &open), ERR_OK);
	note(recorder, ">OPEN %.*s %u window=%u packet=%u\n", (int)open.type.len,
	    (const char *)open.type.ptr, open.sender_channel, open.initial_window_size,
	    open.maximum_packet_size);
}

static void note_confirmation(struct recorder *recorder, struct slice payload)
{
	struct channel_open_confirmation c;

	ck_assert_int_eq(channel_open_confirmation_parse(payload, &c), ERR_OK);
	ck_assert_uint_eq(c.maximum_packet_size, CHANNEL_MAX_PACKET);
	note(recorder, ">CONFIRM %u as %u window=%u\n", c.recipient_channel, c.sender_channel,
	    c.initial_window_size);
}

static void note_refusal(struct recorder *recorder, struct slice payload)
{
	struct channel_open_failure failure;

	ck_assert_int_eq(channel_open_failure_parse(payload, &failure), ERR_OK);
	note(recorder, ">REFUSE %u reason=%u", failure.recipient_channel, failure.reason);
	note_text(recorder, failure.text);
	note(recorder, "\n");
}

static void note_adjust(struct recorder *recorder, struct slice payload)
{
	struct channel_window_adjust adjust;

	ck_assert_int_eq(channel_window_adjust_parse(payload, &adjust), ERR_OK);
	note(recorder, ">ADJUST %u +%u\n", adjust.recipient_channel, adjust.bytes_to_add);
}

static void note_request(struct recorder *recorder, struct slice payload)
{
	struct request_exit_signal exit_signal;
	struct channel_request request;
	uint32_t status;

	ck_assert_int_eq(channel_request_parse(payload, &request), ERR_OK);
	note(recorder, ">REQUEST %u %.*s%s", request.recipient_channel, (int)request.type.len,
	    (const char *)request.type.ptr, request.want_reply ? " reply" : "");
	if (slice_is(request.type, "exit-status")) {
		ck_assert_int_eq(request_exit_status_parse(request.fields, &status), ERR_OK);
		note(recorder, " %u", status);
	} else if (slice_is(request.type, "exit-signal")) {
		ck_assert_int_eq(request_exit_signal_parse(request.fields, &exit_signal), ERR_OK);
		note_text(recorder, exit_signal.signal);
		note(recorder, "%s", exit_signal.core_dumped ? " core" : "");
	} else {
		ck_assert_uint_eq(request.fields.len, 0);
	}
	note(recorder, "\n");
}

static void note_global(struct recorder *recorder, struct slice payload)
{
	struct global_request request;

	ck_assert_int_eq(global_request_parse(payload, &request), ERR_OK);
	note(recorder, ">GLOBAL %.*s%s", (int)request.name.len, (const char *)request.name.ptr,
	    request.want_reply ? " reply" : "");
	note_text(recorder, request.fields);
	note(recorder, "\n");
}

static void note_global_success(struct recorder *recorder, struct slice payload)
{
	struct slice data;

	ck_assert_int_eq(request_success_parse(payload, &data), ERR_OK);
	note(recorder, ">GLOBAL_SUCCESS");
	note_text(recorder, data);
	note(recorder, "\n");
}

static enum err on_send(void *owner, struct slice payload)
{
	struct recorder *recorder = owner;

	ck_assert_uint_gt(payload.len, 0);
	switch (payload.ptr[0]) {
	case SSH_MSG_GLOBAL_REQUEST:
		note_global(recorder, payload);
		break;
	case SSH_MSG_REQUEST_SUCCESS:
		note_global_success(recorder, payload);
		break;
	case SSH_MSG_REQUEST_FAILURE:
		note(recorder, ">GLOBAL_FAILURE\n");
		break;
	case SSH_MSG_CHANNEL_OPEN:
		note_open(recorder, payload);
		break;
	case SSH_MSG_CHANNEL_OPEN_CONFIRMATION:
		note_confirmation(recorder, payload);
		break;
	case SSH_MSG_CHANNEL_OPEN_FAILURE:
		note_refusal(recorder, payload);
		break;
	case SSH_MSG_CHANNEL_WINDOW_ADJUST:
		note_adjust(recorder, payload);
		break;
	case SSH_MSG_CHANNEL_EOF:
		note_notice(recorder, "EOF", payload);
		break;
	case SSH_MSG_CHANNEL_CLOSE:
		note_notice(recorder, "CLOSE", payload);
		break;
	case SSH_MSG_CHANNEL_REQUEST:
		note_request(recorder, payload);
		break;
	case SSH_MSG_CHANNEL_SUCCESS:
		note_notice(recorder, "SUCCESS", payload);
		break;
	case SSH_MSG_CHANNEL_FAILURE:
		note_notice(recorder, "FAILURE", payload);
		break;
	default:
		ck_abort_msg("sent message %u", payload.ptr[0]);
	}
	return ERR_OK;
}

/* -------------------------------------------------------------------------------- sink */

static size_t on_deliver(void *owner, struct channel *channel, struct slice data)
{
	struct recorder *recorder = owner;
	size_t taken = data.len < recorder->takes ? data.len : recorder->takes;

	(void)channel;
	recorder->takes -= taken;
	if (taken > 0) {
		note(recorder, "data");
		note_text(recorder, slice_first(data, taken));
		note(recorder, "\n");
	}
	return taken;
}

static void on_input_ended(void *owner, struct channel *channel)
{
	note((struct recorder *)owner, "input ended %u\n", channel_serial(channel));
}

static void on_output_unwanted(void *owner, struct channel *channel)
{
	note((struct recorder *)owner, "output unwanted %u\n", channel_serial(channel));
}

static void on_window_opened(void *owner, struct channel *channel)
{
	note((struct recorder *)owner, "window opened %u\n", channel_serial(channel));
}

static void on_closed(void *owner, struct channel *channel)
{
	note((struct recorder *)owner, "closed %u\n", channel_serial(channel));
}

static void on_offer_answered(void *owner, struct channel *channel, bool is_open)
{
	note((struct recorder *)owner, "offer %u %s\n", channel_serial(channel),
	    is_open ? "open" : "refused");
}

struct recorder *recorder_new(const struct connection_settings *settings)
{
	static const struct connection_settings usual = {
	    .window_budget = 64u << 20, .speaks_eow = true};
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	const struct connection_sink sink = {
	    .owner = recorder,
	    .send = on_send,
	    .ask = on_ask,
	    .deliver = on_deliver,
	    .input_ended = on_input_ended,
	    .output_unwanted = on_output_unwanted,
	    .window_opened = on_window_opened,
	    .closed = on_closed,
	    .offer_answered = on_offer_answered,
	};

	ck_assert_ptr_nonnull(recorder);
	recorder->lines = buf_empty(1u << 24);
	recorder->takes = SIZE_MAX;
	recorder->now_ms = 1000;
	ck_assert_int_eq(
	    connection_new(&sink, settings != NULL ? settings : &usual, &recorder->connection),
	    ERR_OK);
	return recorder;
}

void recorder_release(struct recorder **recorder)
{
	connection_free((*recorder)->connection);
	buf_wipe(&(*recorder)->lines);
	free(*recorder);
}

void expect(struct recorder *recorder, const char *lines)
{
	const char *got;

	ck_assert_int_eq(buf_c_string(&recorder->lines, &got), ERR_OK);
	ck_assert_str_eq(got, lines);
	forget(recorder);
}

void forget(struct recorder *recorder)
{
	buf_consume(&recorder->lines, buf_len(&recorder->lines));
}

/* -------------------------------------------------------------------------------- peer */

enum err feed(struct recorder *recorder, struct slice payload)
{
	return connection_feed(recorder->connection, payload, recorder->now_ms);
}

static struct writer fresh(struct recorder *recorder)
{
	return writer_into((struct span){recorder->scratch, sizeof(recorder->scratch)});
}

static enum err feed_written(struct recorder *recorder, const struct writer *w)
{
	ck_assert_int_eq(w->err, ERR_OK);
	return feed(recorder, writer_view(w));
}

enum err feed_notice(struct recorder *recorder, uint8_t number, uint32_t channel)
{
	struct writer w = fresh(recorder);

	channel_notice_encode(&w, number, channel);
	return feed_written(recorder, &w);
}

enum err feed_open(struct recorder *recorder, const char *type, uint32_t sender_channel,
    uint32_t window, uint32_t max_packet, struct slice fields)
{
	const struct channel_open open = {
	    slice_text(type), sender_channel, window, max_packet, fields};
	struct writer w = fresh(recorder);

	channel_open_encode(&w, &open);
	return feed_written(recorder, &w);
}

enum err feed_data(struct recorder *recorder, uint32_t channel, const char *text)
{
	const struct channel_data data = {channel, slice_text(text)};
	struct writer w = fresh(recorder);

	channel_data_encode(&w, &data);
	return feed_written(recorder, &w);
}

enum err feed_bulk(struct recorder *recorder, uint32_t channel, size_t len)
{
	static const uint8_t zeros[CHANNEL_DATA_WIRE_LIMIT];
	const struct channel_data data = {channel, slice_over(zeros, len)};
	struct writer w = fresh(recorder);

	channel_data_encode(&w, &data);
	return feed_written(recorder, &w);
}

enum err feed_adjust(struct recorder *recorder, uint32_t channel, uint32_t bytes)
{
	const struct channel_window_adjust adjust = {channel, bytes};
	struct writer w = fresh(recorder);

	channel_window_adjust_encode(&w, &adjust);
	return feed_written(recorder, &w);
}

enum err feed_request(struct recorder *recorder, uint32_t channel, const char *type,
    bool want_reply, struct slice fields)
{
	const struct channel_request request = {channel, slice_text(type), want_reply, fields};
	struct writer w = fresh(recorder);

	channel_request_encode(&w, &request);
	return feed_written(recorder, &w);
}

enum err feed_global(
    struct recorder *recorder, const char *name, bool want_reply, struct slice fields)
{
	const struct global_request request = {slice_text(name), want_reply, fields};
	struct writer w = fresh(recorder);

	global_request_encode(&w, &request);
	return feed_written(recorder, &w);
}

static struct channel *answer(struct recorder *recorder, const struct connection_answer *answer)
{
	struct channel *channel;
	enum err err = connection_answer(recorder->connection, answer, recorder->now_ms, &channel);

	ck_assert_msg(err == ERR_OK, "answer to %u: %s", answer->request, err_name(err));
	return channel;
}

struct channel *grant(struct recorder *recorder, uint32_t request)
{
	return answer(
	    recorder, &(struct connection_answer){.request = request, .is_granted = true});
}

struct channel *deny(struct recorder *recorder, uint32_t request)
{
	return answer(
	    recorder, &(struct connection_answer){.request = request, .text = LITERAL("no")});
}

struct channel *open_session_channel(struct recorder *recorder)
{
	uint32_t count = (uint32_t)connection_channel_count(recorder->connection);

	ck_assert_int_eq(
	    feed_open(recorder, "session", PEER_NUMBER + count, 2u << 20, 32768, BYTES()), ERR_OK);
	return grant(recorder, recorder->last_request);
}

struct channel *start_program(struct recorder *recorder, bool has_stderr)
{
	struct channel *channel = open_session_channel(recorder);

	ck_assert_int_eq(
	    feed_request(recorder, channel_number(channel), "shell", true, BYTES()), ERR_OK);
	grant(recorder, recorder->last_request);
	channel_has_streams(channel, has_stderr);
	forget(recorder);
	return channel;
}

void pump(
    struct recorder *recorder, struct channel *channel, enum channel_stream stream, size_t len)
{
	size_t header = stream == CHANNEL_STDERR ? CHANNEL_EXTENDED_HEADER : CHANNEL_DATA_HEADER;

	ck_assert_uint_le(len, channel_may_send(channel));
	channel_data_header(channel, stream, len, (struct span){recorder->scratch, header});
	note(recorder, ">DATA%s %zu\n", stream == CHANNEL_STDERR ? "2" : "", len);
}
