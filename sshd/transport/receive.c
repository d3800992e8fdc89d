/* From bytes of the connection to the next event. */
#include "sshd/base/auto.h"
#include "sshd/transport/exchange.h"
#include "sshd/transport/ext_info.h"

/*
 * What a peer may still send under the old keys after our KEXINIT: everything that its windows
 * allowed was in flight, so the limit is generous. It bounds a peer that never ends.
 */
#define IN_FLIGHT_LIMIT (256u * 1024 * 1024)

/* No more packets are looked at while this much output waits for a peer that does not read. */
#define OUTPUT_STALL (256u * 1024)

bool transport_wants_input(const struct transport *t)
{
	return !phase_is_paused(t->phase) && outbox_len(&t->out) < OUTPUT_STALL;
}

static enum err on_disconnect(
    struct transport *t, struct slice payload, struct transport_event *event)
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
	if (t->exchange_count != 1 || t->in.opener.traffic.packets != 1)
		return ERR_UNEXPECTED;
	return ext_info_read(payload, &t->peer_takes_ext_info_in_auth);
}

static void deliver(const struct opened_packet *packet, struct transport_event *event)
{
	event->kind = TRANSPORT_PAYLOAD;
	event->payload = packet->payload;
	event->sequence_number = packet->sequence_number;
}

static enum err on_message(
    struct transport *t, const struct opened_packet *packet, struct transport_event *event)
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
	case MESSAGE_LATE:
		/* Never in the first exchange, whatever the layers above believe. */
		if (!t->is_authenticated || t->exchange_count == 0)
			return ERR_UNEXPECTED;
		[[fallthrough]];
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

static enum err read_version(struct transport *t)
{
	struct version_line line;
	enum err err = version_parse(inbox_view(&t->in), &line);

	if (err == ERR_AGAIN)
		return ERR_AGAIN;
	if (err != ERR_OK) {
		t->version_error =
		    err == ERR_UNSUPPORTED ? VERSION_MAJOR_TEXT : VERSION_INVALID_TEXT;
		return ERR_VERSION;
	}
	memcpy(t->V_C_bytes, line.text.ptr, line.text.len);
	t->V_C = slice_over(t->V_C_bytes, line.text.len);
	inbox_consume(&t->in, line.line_len);
	return exchange_offer(t, t->settings.I_S);
}

static bool rekey_is_due(const struct transport *t)
{
	const struct rekey_policy policy = {t->settings.rekey_bytes, t->settings.rekey_seconds};

	/* Before that there is nothing to protect, and some clients cannot do it. */
	if (t->phase != PHASE_OPEN || !t->is_authenticated)
		return false;
	return t->is_rekey_wanted || t->now_ms >= rekey_due_ms(&policy, t->keyed_ms) ||
	       rekey_due_by_traffic(&policy, &t->in.opener.keys, &t->in.opener.traffic) ||
	       rekey_due_by_traffic(&policy, &t->out.sealer.keys, &t->out.sealer.traffic);
}

static enum err next_message(struct transport *t, struct transport_event *event)
{
	struct opened_packet packet;

	/*
	 * A client compresses once it read USERAUTH_SUCCESS. Its NEWKEYS answers our reply: it
	 * was sent before a SUCCESS that had to wait for our NEWKEYS.
	 */
	if (t->phase != PHASE_NEWKEYS)
		t->is_peer_told = t->out.is_authenticated;
	TRY(inbox_next(&t->in, t->is_peer_told, &packet));
	if ((t->phase == PHASE_OFFERED || phase_is_exchanging(t->phase)) &&
	    t->in.opener.traffic.bytes - t->exchange.in_flight_bytes > IN_FLIGHT_LIMIT)
		return ERR_LIMIT;
	return on_message(t, &packet, event);
}

static enum err step(struct transport *t, struct transport_event *event)
{
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
