/* Requests that concern no channel (RFC 4254 section 4, and OpenSSH's). */
#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"
#include "sshd/wire/messages_global_request.h"

#define PROOF_LIMIT (32u << 10) /* of all signatures of one reply */

static enum err reply(
    struct connection *connection, const struct global_request *request, bool is_success)
{
	return pending_reply(connection, NULL, request->want_reply, is_success);
}

static enum err on_no_more_sessions(
    struct connection *connection, const struct global_request *request)
{
	TRY(global_nothing_parse(request->fields));
	connection->refuses_sessions = true;
	return reply(connection, request, true);
}

/* ----------------------------------------------------------------- listening (7.1) */

static enum err ask_tcpip(struct connection *connection, const struct global_request *request,
    enum connection_question_kind kind)
{
	struct connection_question question = {.kind = kind};
	struct global_tcpip forward;

	TRY(global_tcpip_parse(request->fields, &forward));
	if (forward.port > UINT16_MAX)
		return reply(connection, request, false);
	question.tcpip.address = forward.address;
	question.tcpip.port = (uint16_t)forward.port;
	return pending_ask(connection, NULL, request->want_reply, &question);
}

static enum err on_tcpip_forward(
    struct connection *connection, const struct global_request *request)
{
	return ask_tcpip(connection, request, CONNECTION_LISTEN_TCPIP);
}

static enum err on_cancel_tcpip_forward(
    struct connection *connection, const struct global_request *request)
{
	return ask_tcpip(connection, request, CONNECTION_CANCEL_TCPIP);
}

static enum err ask_streamlocal(struct connection *connection,
    const struct global_request *request, enum connection_question_kind kind)
{
	struct connection_question question = {.kind = kind};

	TRY(global_streamlocal_parse(request->fields, &question.path));
	return pending_ask(connection, NULL, request->want_reply, &question);
}

static enum err on_streamlocal_forward(
    struct connection *connection, const struct global_request *request)
{
	return ask_streamlocal(connection, request, CONNECTION_LISTEN_STREAMLOCAL);
}

static enum err on_cancel_streamlocal_forward(
    struct connection *connection, const struct global_request *request)
{
	return ask_streamlocal(connection, request, CONNECTION_CANCEL_STREAMLOCAL);
}

/* ------------------------------------------------------------- hostkeys-prove-00 */

void proof_end(struct proof *proof)
{
	buf_wipe(&proof->keys);
	buf_wipe(&proof->signatures);
	*proof = (struct proof){0};
}

/* Takes the next key off; the question's view of it ends with the next change of `keys`. */
static enum err next_key(struct proof *proof, struct slice *key, size_t *len)
{
	struct reader r = reader_over(buf_view(&proof->keys));
	struct slice blob = read_string(&r, GLOBAL_KEY_BLOB_LIMIT);

	if (r.err != ERR_OK)
		return r.err;
	*key = blob;
	*len = blob.len + 4;
	return ERR_OK;
}

/* One key after the other, so that the signatures are in the order of the keys. */
static enum err on_prove(struct connection *connection, const struct global_request *request)
{
	struct connection_question question = {.kind = CONNECTION_PROVE};
	struct proof *proof = &connection->proof;
	struct global_strings keys;
	size_t len;

	TRY(global_strings_parse(request->fields, CONNECTION_PROVE_LIMIT, &keys));
	if (!request->want_reply)
		return ERR_OK;
	if (keys.count == 0 || proof->is_running)
		return reply(connection, request, false);
	proof->keys = buf_empty(request->fields.len);
	proof->signatures = buf_empty(PROOF_LIMIT);
	proof->is_running = true;
	TRY(buf_append(&proof->keys, request->fields));
	TRY(next_key(proof, &question.host_key, &len));
	TRY(pending_ask(connection, NULL, true, &question));
	buf_consume(&proof->keys, len);
	return ERR_OK;
}

static enum err signature_append(struct proof *proof, struct slice signature)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(&proof->signatures, signature.len + 4, &room));
	w = writer_into(room);
	write_string(&w, signature);
	TRY(writer_finish(&w, NULL));
	buf_commit(&proof->signatures, w.len);
	return ERR_OK;
}

enum err prove_answered(
    struct connection *connection, struct pending *pending, const struct connection_answer *answer)
{
	struct connection_question question = {.kind = CONNECTION_PROVE};
	struct proof *proof = &connection->proof;
	size_t len;

	if (!answer->is_granted || signature_append(proof, answer->proof) != ERR_OK)
		return pending_settle(connection, pending, false);
	if (buf_len(&proof->keys) == 0)
		return pending_settle(connection, pending, true);
	TRY(next_key(proof, &question.host_key, &len));
	TRY(pending_ask_again(connection, pending, &question));
	buf_consume(&proof->keys, len);
	return ERR_OK;
}

/* --------------------------------------------------------------------------- the table */

static const struct global_row {
	const char *name;
	enum err (*handle)(struct connection *connection, const struct global_request *request);
} rows[] = {
    {"no-more-sessions@openssh.com", on_no_more_sessions},
    {"hostkeys-prove-00@openssh.com", on_prove},
    {"tcpip-forward", on_tcpip_forward},
    {"cancel-tcpip-forward", on_cancel_tcpip_forward},
    {"streamlocal-forward@openssh.com", on_streamlocal_forward},
    {"cancel-streamlocal-forward@openssh.com", on_cancel_streamlocal_forward},
};

/* What has no row is refused, which is the right answer to keepalive@openssh.com as well. */
enum err on_global_request(struct connection *connection, struct slice payload)
{
	struct global_request request;

	TRY(global_request_parse(payload, &request));
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (slice_is(request.name, rows[i].name))
			return rows[i].handle(connection, &request);
	return reply(connection, &request, false);
}

/* -------------------------------------------------------------------------------- ours */

/* To keepalive@openssh.com, or to nothing at all: any packet is a sign of life. */
enum err on_request_reply(struct connection *connection, struct slice payload)
{
	struct slice data;

	(void)connection;
	return payload.ptr[0] == SSH_MSG_REQUEST_SUCCESS ? request_success_parse(payload, &data)
	                                                 : request_failure_parse(payload);
}

enum err connection_send_host_keys(
    struct connection *connection, const struct slice *blobs, size_t count)
{
	const struct global_request request = {.name = LITERAL("hostkeys-00@openssh.com")};
	AUTO(buf_wipe) struct buf payload = {0};
	size_t len = request.name.len + 6;
	struct span room;
	struct writer w;

	if (connection->has_sent_host_keys || count == 0)
		return ERR_OK;
	for (size_t i = 0; i < count; i++)
		len += blobs[i].len + 4;
	payload = buf_empty(len);
	TRY(buf_reserve(&payload, len, &room));
	w = writer_into(room);
	global_request_encode(&w, &request);
	for (size_t i = 0; i < count; i++)
		write_string(&w, blobs[i]);
	connection->has_sent_host_keys = true;
	return connection_send(connection, &w);
}

enum err connection_send_keepalive(struct connection *connection)
{
	static const char name[] = "keepalive@openssh.com";
	const struct channel *channel = connection_next_channel(connection, NULL);
	uint8_t room[64];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	if (channel != NULL) {
		const struct channel_request request = {.recipient_channel = channel->peer_number,
		    .type = slice_text(name),
		    .want_reply = true};

		channel_request_encode(&w, &request);
	} else {
		const struct global_request request = {
		    .name = slice_text(name), .want_reply = true};

		global_request_encode(&w, &request);
	}
	return connection_send(connection, &w);
}
