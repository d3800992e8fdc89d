#include "sshd/transport/transport.h"

#include <assert.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/transport/exchange.h"
#include "sshd/transport/ext_info.h"

/* Input: packets of 32 KiB are usual, 256 KiB possible; reads grow with what they bring. */
#define INPUT_LIMIT       (512u * 1024)
#define INPUT_WINDOW_MIN  (16u * 1024)
#define INPUT_WINDOW_MAX  (128u * 1024)

/* No more packets are looked at while this much output waits for a peer that does not read. */
#define OUTPUT_STALL (256u * 1024)

/*
 * What a peer may still send under the old keys after our KEXINIT: everything that its windows
 * allowed was in flight, so the limit is generous. It bounds a peer that never answers.
 */
#define IN_FLIGHT_LIMIT (256u * 1024 * 1024)

/* An exchange that both sides are in ends soon; a peer that is merely silent may be asleep. */
#define EXCHANGE_MS (60u * 1000)
#define OFFERED_MS  (15u * 60 * 1000)

/* Buffers that grew past this are given back after a second of silence. */
#define IDLE_MS    1000u
#define IDLE_BYTES (32u * 1024)

/* --- settings -------------------------------------------------------------------------- */

static size_t settings_size(const struct transport_settings *from)
{
	size_t size = from->V_S.len + from->I_S.len + from->server_sig_algs.len;

	for (size_t i = 0; i < from->host_key_count; i++)
		size += from->host_keys[i].algorithms.len + from->host_keys[i].blob.len;
	return size + from->host_key_count * sizeof(struct transport_host_key);
}

static enum err settings_check(const struct transport_settings *settings)
{
	struct kexinit kexinit;

	if (settings->V_S.len == 0 || settings->V_S.len > VERSION_LINE_LIMIT - 2)
		return ERR_RANGE;
	if (settings->host_key_count == 0 || settings->host_key_count > TRANSPORT_HOST_KEYS_LIMIT)
		return ERR_RANGE;
	if (settings->I_S.len > TRANSPORT_KEXINIT_LIMIT)
		return ERR_RANGE;
	return kexinit_parse(settings->I_S, &kexinit) == ERR_OK ? ERR_OK : ERR_MALFORMED;
}

static struct slice copy_slice(uint8_t **at, struct slice from)
{
	struct slice copy = {*at, from.len};

	if (from.len > 0)
		memcpy(*at, from.ptr, from.len);
	*at += from.len;
	return copy;
}

/* All of it into one block; the host keys first, for their alignment. */
static enum err settings_copy(struct transport *t, const struct transport_settings *from)
{
	uint8_t *bytes = malloc(settings_size(from));
	struct transport_host_key *keys = (struct transport_host_key *)(void *)bytes;
	uint8_t *at = bytes + from->host_key_count * sizeof(*keys);

	if (bytes == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < from->host_key_count; i++) {
		keys[i].algorithms = copy_slice(&at, from->host_keys[i].algorithms);
		keys[i].blob = copy_slice(&at, from->host_keys[i].blob);
	}
	t->settings_bytes = bytes;
	t->settings = *from;
	t->settings.host_keys = keys;
	t->settings.V_S = copy_slice(&at, from->V_S);
	t->settings.I_S = copy_slice(&at, from->I_S);
	t->settings.server_sig_algs = copy_slice(&at, from->server_sig_algs);
	return ERR_OK;
}

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
	t->input = stream_buffer_empty(INPUT_LIMIT);
	t->input_window = INPUT_WINDOW_MIN;
	packet_opener_init(&t->opener);
	outbox_init(&t->out);
	exchange_init(&t->exchange);
	TRY(settings_copy(t, settings));
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
	packet_opener_wipe(&t->opener);
	outbox_wipe(&t->out);
	stream_buffer_wipe(&t->input);
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

/* --- input ----------------------------------------------------------------------------- */

static void consume_delivered(struct transport *t)
{
	stream_buffer_consume(&t->input, t->delivered_len);
	t->delivered_len = 0;
}

bool transport_wants_input(const struct transport *t)
{
	return !phase_is_paused(t->phase) && outbox_len(&t->out) < OUTPUT_STALL;
}

enum err transport_input_room(struct transport *t, struct span *room)
{
	size_t wanted = t->input_window;
	size_t used, missing;

	consume_delivered(t);
	used = stream_buffer_len(&t->input);
	missing = packet_opener_wants(&t->opener);
	missing = missing > used ? missing - used : 0;
	if (wanted < missing)
		wanted = missing;
	/* More than a packet and a window waits already: it has to be taken first. */
	if (used > INPUT_LIMIT - wanted) {
		*room = (struct span){0};
		return ERR_OK;
	}
	return stream_buffer_reserve(&t->input, wanted, room);
}

void transport_input_commit(struct transport *t, size_t len)
{
	stream_buffer_commit(&t->input, len);
	if (len >= t->input_window && t->input_window < INPUT_WINDOW_MAX)
		t->input_window *= 2;
}

/* --- one message ------------------------------------------------------------------------ */

static enum err hold_or_send(struct transport *t, struct slice payload)
{
	struct span room;

	TRY(transport_packet_begin(t, payload.len, &room));
	memcpy(room.ptr, payload.ptr, payload.len);
	return transport_packet_end(t, payload.len);
}

static enum err on_disconnect(struct transport *t, struct slice payload,
    struct transport_event *event)
{
	struct disconnect disconnect = {0};

	/* Malformed or not, it is the last that comes. */
	IGNORE(disconnect_parse(payload, &disconnect));
	event->kind = TRANSPORT_DISCONNECTED;
	event->disconnect = (struct transport_disconnect){disconnect.reason, disconnect.text};
	transport_move(t, PHASE_CLOSED);
	return ERR_OK;
}

/* ping@openssh.com: same bytes back. Before authentication it is a number we do not know. */
static enum err on_ping(struct transport *t, const struct opened_packet *packet)
{
	struct slice data;
	struct span room;
	struct writer w;

	if (!t->is_authenticated)
		return transport_send_unimplemented(t, packet->sequence_number);
	TRY(ping_parse(packet->payload, &data));
	TRY(transport_packet_begin(t, packet->payload.len, &room));
	w = writer_into(room);
	pong_encode(&w, data);
	TRY(writer_finish(&w, NULL));
	return transport_packet_end(t, w.len);
}

/* RFC 8308 section 2.4: a client's EXT_INFO is the first packet after its first NEWKEYS. */
static enum err on_ext_info(struct transport *t, struct slice payload)
{
	if (t->exchange_count != 1 || t->opener.traffic.packets != 1)
		return ERR_UNEXPECTED;
	return ext_info_read(payload, &t->peer_takes_ext_info_in_auth);
}

static void deliver(const struct opened_packet *packet, struct transport_event *event)
{
	event->kind = TRANSPORT_PAYLOAD;
	event->payload = packet->payload;
	event->sequence_number = packet->sequence_number;
}

static enum err on_message(struct transport *t, const struct opened_packet *packet,
    struct transport_event *event)
{
	struct slice payload = packet->payload;
	bool is_strict_first = t->is_strict && t->exchange_count == 0;

	switch (phase_action(t->phase, message_number(payload), is_strict_first)) {
	case MESSAGE_DISCONNECT:
		return on_disconnect(t, payload, event);
	case MESSAGE_DROPPED:
		return ERR_OK;
	case MESSAGE_UNKNOWN:
		return transport_send_unimplemented(t, packet->sequence_number);
	case MESSAGE_DELIVERED:
		deliver(packet, event);
		return ERR_OK;
	case MESSAGE_PING:
		return on_ping(t, packet);
	case MESSAGE_EXT_INFO:
		return on_ext_info(t, payload);
	case MESSAGE_KEXINIT:
		return exchange_on_kexinit(t, packet, event);
	case MESSAGE_GUESS:
		return exchange_on_guess(t);
	case MESSAGE_INIT:
		return exchange_on_init(t, payload, event);
	case MESSAGE_GEX_REQUEST:
		return exchange_on_gex_request(t, payload, event);
	case MESSAGE_GEX_INIT:
		return exchange_on_gex_init(t, payload, event);
	case MESSAGE_NEWKEYS:
		return exchange_on_newkeys(t, payload, event);
	case MESSAGE_REFUSED:
	case MESSAGE_ACTION_COUNT:
		break;
	}
	return ERR_UNEXPECTED;
}

/* --- what happens next -------------------------------------------------------------------- */

static enum err read_version(struct transport *t)
{
	struct version_line line;
	enum err err = version_parse(span_view(stream_buffer_content(&t->input)), &line);

	if (err == ERR_AGAIN)
		return ERR_AGAIN;
	if (err != ERR_OK) {
		t->version_error = err == ERR_UNSUPPORTED ? VERSION_MAJOR_TEXT : VERSION_INVALID_TEXT;
		return ERR_VERSION;
	}
	memcpy(t->V_C_bytes, line.text.ptr, line.text.len);
	t->V_C = slice_over(t->V_C_bytes, line.text.len);
	stream_buffer_consume(&t->input, line.line_len);
	return exchange_offer(t, t->settings.I_S);
}

static bool rekey_is_due(const struct transport *t)
{
	const struct rekey_policy policy = {t->settings.rekey_bytes, t->settings.rekey_seconds};

	/* Before that there is nothing to protect, and some clients cannot do it. */
	if (t->phase != PHASE_OPEN || !t->is_authenticated)
		return false;
	return t->is_rekey_wanted || t->now_ms >= rekey_due_ms(&policy, t->keyed_ms) ||
	    rekey_due_by_traffic(&policy, &t->opener.keys, &t->opener.traffic) ||
	    rekey_due_by_traffic(&policy, &t->out.sealer.keys, &t->out.sealer.traffic);
}

static enum err next_message(struct transport *t, struct transport_event *event)
{
	struct opened_packet packet;

	TRY(packet_open(&t->opener, stream_buffer_content(&t->input), &packet));
	t->delivered_len = packet.packet_len;
	t->packets_received++;
	if (t->phase == PHASE_OFFERED &&
	    t->opener.traffic.bytes - t->exchange.in_flight_bytes > IN_FLIGHT_LIMIT)
		return ERR_LIMIT;
	return on_message(t, &packet, event);
}

static enum err step(struct transport *t, struct transport_event *event)
{
	consume_delivered(t);
	if (!transport_wants_input(t))
		return ERR_AGAIN;
	if (t->phase == PHASE_VERSION)
		return read_version(t);
	if (rekey_is_due(t)) {
		event->kind = TRANSPORT_REKEY;
		transport_move(t, PHASE_ASKING);
		return ERR_OK;
	}
	return next_message(t, event);
}

enum err transport_next(struct transport *t, uint64_t now_ms, struct transport_event *event)
{
	struct transport_event happened = {0};

	t->now_ms = t->active_ms = now_ms;
	while (happened.kind == TRANSPORT_NOTHING) {
		enum err err = step(t, &happened);

		if (err == ERR_AGAIN)
			break;
		if (err != ERR_OK)
			return err;
	}
	*event = happened;
	return ERR_OK;
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

/* --- output ------------------------------------------------------------------------------- */

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
	return hold_or_send(t, payload);
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

/* --- time and state ------------------------------------------------------------------------ */

enum err transport_authenticated(struct transport *t)
{
	t->is_authenticated = true;
	return ERR_OK;
}

void transport_rekey_now(struct transport *t)
{
	t->is_rekey_wanted = t->phase == PHASE_OPEN;
}

static uint64_t exchange_deadline_ms(const struct transport *t)
{
	if (t->phase == PHASE_OFFERED)
		return t->phase_since_ms + OFFERED_MS;
	return phase_is_exchanging(t->phase) ? t->phase_since_ms + EXCHANGE_MS : UINT64_MAX;
}

static bool has_idle_buffers(const struct transport *t)
{
	return (t->input.touched > IDLE_BYTES && stream_buffer_len(&t->input) == 0) ||
	    (t->out.sealed.touched > IDLE_BYTES && outbox_len(&t->out) == 0);
}

static void free_idle_buffers(struct transport *t)
{
	if (stream_buffer_len(&t->input) == 0) {
		stream_buffer_wipe(&t->input);
		t->input_window = INPUT_WINDOW_MIN;
	}
	if (outbox_len(&t->out) == 0)
		stream_buffer_wipe(&t->out.sealed);
}

enum err transport_tick(struct transport *t, uint64_t now_ms)
{
	t->now_ms = now_ms;
	if (now_ms >= exchange_deadline_ms(t))
		return ERR_TIMEOUT;
	if (has_idle_buffers(t) && now_ms >= t->active_ms + IDLE_MS)
		free_idle_buffers(t);
	return ERR_OK;
}

uint64_t transport_deadline_ms(const struct transport *t)
{
	const struct rekey_policy policy = {t->settings.rekey_bytes, t->settings.rekey_seconds};
	uint64_t deadline = exchange_deadline_ms(t);

	if (t->phase == PHASE_OPEN && t->is_authenticated &&
	    rekey_due_ms(&policy, t->keyed_ms) < deadline)
		deadline = rekey_due_ms(&policy, t->keyed_ms);
	if (has_idle_buffers(t) && t->active_ms + IDLE_MS < deadline)
		deadline = t->active_ms + IDLE_MS;
	return deadline;
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
	return t->packets_received;
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
