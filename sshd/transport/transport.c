#include "sshd/transport/transport.h"

#include <assert.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/transport/exchange.h"
#include "sshd/transport/settings.h"

static enum err send_version(struct transport *t)
{
	TRY(outbox_raw(&t->out, t->settings.V_S));
	return outbox_raw(&t->out, LITERAL("\r\n"));
}

enum err transport_new(const struct transport_settings *settings, struct transport **out)
{
	AUTO(transport_release) struct transport *t = NULL;

	TRY(settings_check(settings));
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ERR_NO_MEMORY;
	inbox_init(&t->in);
	outbox_init(&t->out);
	exchange_init(&t->exchange);
	TRY(settings_copy(settings, &t->settings, &t->settings_bytes));
	if (!settings->is_version_sent)
		TRY(send_version(t));
	*out = TAKE(t);
	return ERR_OK;
}

void transport_free(struct transport *t)
{
	if (t == NULL)
		return;
	exchange_wipe(&t->exchange);
	outbox_wipe(&t->out);
	inbox_wipe(&t->in);
	free(t->settings_bytes);
	explicit_bzero(t, sizeof(*t));
	free(t);
}

void transport_release(struct transport **t)
{
	transport_free(*t);
	*t = NULL;
}

void transport_move(struct transport *t, enum phase next)
{
	assert(phase_may_follow(t->phase, next));
	t->phase = next;
	t->phase_since_ms = t->now_ms;
}

enum err transport_input_room(struct transport *t, struct span *room)
{
	return inbox_room(&t->in, room);
}

void transport_input_commit(struct transport *t, size_t len)
{
	inbox_commit(&t->in, len);
}

enum err transport_answer_signature(struct transport *t, struct slice signature)
{
	if (t->phase != PHASE_SIGNING)
		return ERR_UNEXPECTED;
	return exchange_sign(t, signature);
}

enum err transport_answer_rekey(struct transport *t, struct slice I_S)
{
	if (t->phase != PHASE_ASKING && t->phase != PHASE_CALLED)
		return ERR_UNEXPECTED;
	return exchange_offer(t, I_S);
}

enum err transport_answer_group(struct transport *t, struct slice p, struct slice g)
{
	if (t->phase != PHASE_GEX_CHOOSING)
		return ERR_UNEXPECTED;
	return exchange_choose_group(t, p, g);
}

enum err transport_packet_begin(struct transport *t, size_t payload_limit, struct span *room)
{
	if (payload_limit > TRANSPORT_PAYLOAD_LIMIT)
		return ERR_LIMIT;
	if (t->phase == PHASE_CLOSED)
		return ERR_CLOSED;
	return outbox_begin(&t->out, phase_holds_output(t->phase), payload_limit, room);
}

enum err transport_packet_end(struct transport *t, size_t payload_len)
{
	return outbox_end(&t->out, payload_len);
}

enum err transport_send(struct transport *t, struct slice payload)
{
	struct span room;

	if (payload.len == 0)
		return ERR_RANGE; /* no message has an empty payload */
	TRY(transport_packet_begin(t, payload.len, &room));
	memcpy(room.ptr, payload.ptr, payload.len);
	return transport_packet_end(t, payload.len);
}

enum err transport_send_unimplemented(struct transport *t, uint32_t sequence_number)
{
	struct span room;
	struct writer w;

	TRY(transport_packet_begin(t, 5, &room));
	w = writer_into(room);
	unimplemented_encode(&w, sequence_number);
	return transport_packet_end(t, w.len);
}

struct slice transport_output(const struct transport *t, bool *is_boundary)
{
	return outbox_view(&t->out, is_boundary);
}

void transport_output_consume(struct transport *t, size_t len)
{
	outbox_consume(&t->out, len);
}

size_t transport_output_len(const struct transport *t)
{
	return outbox_len(&t->out);
}

bool transport_may_send_data(const struct transport *t)
{
	return t->phase != PHASE_CLOSED && !phase_holds_output(t->phase) &&
	       outbox_len(&t->out) < TRANSPORT_OUTPUT_HIGH;
}

void transport_disconnect(struct transport *t, uint32_t reason, const char *text)
{
	uint8_t bytes[512];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});

	if (t->phase == PHASE_CLOSED)
		return;
	disconnect_encode(&w, reason, slice_first(slice_text(text), sizeof(bytes) - 32));
	/* Nothing can be done when even this fails: the connection is closed in any case. */
	if (t->phase != PHASE_VERSION)
		IGNORE(outbox_send(&t->out, writer_view(&w)));
	transport_move(t, PHASE_CLOSED);
}

void transport_fail(struct transport *t, enum err err)
{
	if (t->version_error != NULL && t->phase == PHASE_VERSION)
		IGNORE(outbox_raw(&t->out, slice_text(t->version_error))); /* as in disconnect */
	if (err_disconnect_reason(err) != 0)
		transport_disconnect(t, err_disconnect_reason(err), err_text(err));
	else
		transport_move(t, PHASE_CLOSED);
}

enum err transport_authenticated(struct transport *t)
{
	t->is_authenticated = true;
	return ERR_OK;
}

void transport_rekey_now(struct transport *t)
{
	t->is_rekey_wanted = t->phase == PHASE_OPEN;
}

struct slice transport_session_id(const struct transport *t)
{
	return digest_view(&t->session_id);
}

struct slice transport_V_C(const struct transport *t)
{
	return t->V_C;
}

uint64_t transport_packets_received(const struct transport *t)
{
	return t->in.packet_count;
}

bool transport_is_strict(const struct transport *t)
{
	return t->is_strict;
}

bool transport_peer_takes_ext_info_in_auth(const struct transport *t)
{
	return t->peer_takes_ext_info_in_auth;
}

const struct transport_algorithms *transport_algorithms(const struct transport *t)
{
	return t->is_negotiated ? &t->algorithms : NULL;
}

struct transport_mismatch transport_mismatch(const struct transport *t)
{
	return t->mismatch;
}
