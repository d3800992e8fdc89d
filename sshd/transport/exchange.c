#include "sshd/transport/exchange.h"

#include <limits.h>

#include "sshd/base/auto.h"
#include "sshd/transport/ext_info.h"
#include "sshd/transport/key_derivation.h"
#include "sshd/wire/name_list.h"

/*
 * Reply, NEWKEYS and EXT_INFO together go out in one write below this; it fits the smallest
 * segment in use. Else NEWKEYS and EXT_INFO start a segment of their own, so that no boundary
 * can part them: TTSSH dies of an EXT_INFO that comes later than NEWKEYS.
 */
#define ONE_SEGMENT_LEN 1200u

/* RFC 4419 section 3 and RFC 8270: no client may ask for less than 2048 bits. */
#define GROUP_BITS_MIN 2048u
#define GROUP_BITS_MAX 8192u

void exchange_init(struct exchange *exchange)
{
	*exchange = (struct exchange){
	    .I_C = buf_empty(TRANSPORT_KEXINIT_LIMIT),
	    .I_S = buf_empty(TRANSPORT_KEXINIT_LIMIT),
	    .p = buf_empty(KEX_MPINT_LIMIT),
	    .g = buf_empty(KEX_MPINT_LIMIT),
	    .Q_C = buf_empty(KEX_PUBLIC_LIMIT),
	    .keys = kex_keys_empty(),
	};
}

void exchange_wipe(struct exchange *exchange)
{
	buf_wipe(&exchange->I_C);
	buf_wipe(&exchange->I_S);
	buf_wipe(&exchange->p);
	buf_wipe(&exchange->g);
	buf_wipe(&exchange->Q_C);
	kex_keys_wipe(&exchange->keys);
	packet_keys_wipe(&exchange->next_open);
	exchange_init(exchange);
}

static bool is_first(const struct transport *t)
{
	return t->exchange_count == 0;
}

/* The phase in which the chosen method begins. */
static enum phase entry_of(const struct kex_algorithm *kex)
{
	return kex->flow == KEX_FLOW_GROUP ? PHASE_GEX_REQUEST : PHASE_INIT;
}

/* Both KEXINITs are here. */
static enum err enter(struct transport *t)
{
	struct negotiation negotiation;

	TRY(negotiate(&t->exchange.client, &t->exchange.server, t->settings.host_keys,
	    t->settings.host_key_count, &negotiation, &t->mismatch));
	t->algorithms = negotiation.algorithms;
	t->is_negotiated = true;
	transport_move(t, negotiation.is_guess_wrong ? PHASE_GUESS : entry_of(t->algorithms.kex));
	return ERR_OK;
}

enum err exchange_offer(struct transport *t, struct slice I_S)
{
	struct exchange *exchange = &t->exchange;

	TRY(buf_append(&exchange->I_S, I_S));
	TRY(kexinit_parse(buf_view(&exchange->I_S), &exchange->server));
	TRY(outbox_send(&t->out, I_S));
	exchange->in_flight_bytes = t->in.opener.traffic.bytes;
	if (t->phase == PHASE_CALLED)
		return enter(t);
	transport_move(t, t->phase == PHASE_VERSION ? PHASE_FIRST : PHASE_OFFERED);
	return ERR_OK;
}

/*
 * The markers in the kex lists, which count in the first exchange only. Under strict key
 * exchange KEXINIT must have been the very first packet.
 */
static enum err read_markers(struct transport *t, uint32_t sequence_number)
{
	struct slice theirs = t->exchange.client.lists[KEXINIT_KEX];
	struct slice ours = t->exchange.server.lists[KEXINIT_KEX];

	t->peer_wants_ext_info = name_list_contains_text(theirs, MARKER_EXT_INFO_CLIENT);
	t->is_strict = name_list_contains_text(theirs, MARKER_STRICT_CLIENT) &&
	               name_list_contains_text(ours, MARKER_STRICT_SERVER);
	if (t->is_strict && sequence_number != 0)
		return ERR_UNEXPECTED;
	if (t->settings.requires_strict && !t->is_strict) {
		t->mismatch = (struct transport_mismatch){"strict key exchange", theirs};
		return ERR_NO_COMMON;
	}
	return ERR_OK;
}

enum err exchange_on_kexinit(
    struct transport *t, const struct opened_packet *packet, struct transport_event *event)
{
	struct exchange *exchange = &t->exchange;

	TRY(buf_append(&exchange->I_C, packet->payload));
	TRY(kexinit_parse(buf_view(&exchange->I_C), &exchange->client));
	if (is_first(t))
		TRY(read_markers(t, packet->sequence_number));
	switch (t->phase) {
	case PHASE_OPEN:
		event->kind = TRANSPORT_REKEY;
		transport_move(t, PHASE_CALLED);
		return ERR_OK;
	case PHASE_ASKING: /* the question is out already */
		transport_move(t, PHASE_CALLED);
		return ERR_OK;
	default:
		return enter(t);
	}
}

enum err exchange_on_guess(struct transport *t)
{
	transport_move(t, entry_of(t->algorithms.kex));
	return ERR_OK;
}

static bool has_mpints(const struct transport *t)
{
	return t->algorithms.kex->flow != KEX_FLOW_ECDH;
}

/* K is known: lays out what the signature covers and asks for it. */
static void ask_for_signature(struct transport *t, struct transport_event *event)
{
	struct exchange *exchange = &t->exchange;

	exchange->transcript = (struct transcript){
	    .V_C = t->V_C,
	    .V_S = t->settings.V_S,
	    .I_C = buf_view(&exchange->I_C),
	    .I_S = buf_view(&exchange->I_S),
	    .K_S = t->settings.host_keys[t->algorithms.host_key].blob,
	    .group = {exchange->request.is_old, exchange->request.min, exchange->request.n,
	        exchange->request.max, buf_view(&exchange->p), buf_view(&exchange->g)},
	    .Q_C = buf_view(&exchange->Q_C),
	    .Q_S = buf_view(&exchange->keys.Q_S),
	    .K = buf_view(&exchange->keys.K),
	};
	event->kind = TRANSPORT_SIGN;
	event->sign = (struct transport_sign_question){t->algorithms.kex, t->algorithms.signature,
	    t->algorithms.host_key, &exchange->transcript};
	transport_move(t, PHASE_SIGNING);
}

/* The payload lies in the input, which moves on; the transcript needs the value until the end. */
static enum err keep_Q_C(struct transport *t, struct slice payload, uint8_t number)
{
	struct slice Q_C;

	TRY(kex_init_parse(payload, number, has_mpints(t), &Q_C));
	return buf_append(&t->exchange.Q_C, Q_C);
}

enum err exchange_on_init(struct transport *t, struct slice payload, struct transport_event *event)
{
	TRY(keep_Q_C(t, payload, SSH_MSG_KEX_ECDH_INIT));
	TRY(kex_respond(t->algorithms.kex, buf_view(&t->exchange.Q_C), &t->exchange.keys));
	ask_for_signature(t, event);
	return ERR_OK;
}

enum err exchange_on_gex_request(
    struct transport *t, struct slice payload, struct transport_event *event)
{
	struct gex_request request;

	TRY(gex_request_parse(payload, &request));
	if (request.is_old) {
		request.min = GROUP_BITS_MIN;
		request.max = GROUP_BITS_MAX;
	}
	if (request.max < GROUP_BITS_MIN || request.min > GROUP_BITS_MAX)
		return ERR_EXCHANGE;
	if (!request.is_old && (request.n < request.min || request.n > request.max))
		return ERR_EXCHANGE;
	t->exchange.request = request;
	event->kind = TRANSPORT_GROUP;
	event->group =
	    (struct transport_group_question){request.is_old, request.min, request.n, request.max};
	transport_move(t, PHASE_GEX_CHOOSING);
	return ERR_OK;
}

enum err exchange_choose_group(struct transport *t, struct slice p, struct slice g)
{
	struct exchange *exchange = &t->exchange;
	struct gex_group group;
	struct span room;
	struct writer w;

	if (p.len == 0 || g.len == 0)
		return ERR_EXCHANGE;
	TRY(buf_append(&exchange->p, p));
	TRY(buf_append(&exchange->g, g));
	group = (struct gex_group){p, g};
	TRY(outbox_begin(&t->out, false, 16 + p.len + g.len, &room));
	w = writer_into(room);
	gex_group_encode(&w, &group);
	TRY(writer_finish(&w, NULL));
	TRY(outbox_end(&t->out, w.len));
	transport_move(t, PHASE_GEX_INIT);
	return ERR_OK;
}

enum err exchange_on_gex_init(
    struct transport *t, struct slice payload, struct transport_event *event)
{
	struct dh_group group = {buf_view(&t->exchange.p), buf_view(&t->exchange.g)};

	TRY(keep_Q_C(t, payload, SSH_MSG_KEX_DH_GEX_INIT));
	TRY(dh_respond(&group, buf_view(&t->exchange.Q_C), &t->exchange.keys));
	ask_for_signature(t, event);
	return ERR_OK;
}

/* Keys of both directions; those for opening wait for their NEWKEYS. */
static enum err derive(struct transport *t, struct slice H, struct packet_keys *seal)
{
	const struct transport_algorithms *chosen = &t->algorithms;
	const struct key_source source = {
	    .hash = chosen->kex->hash,
	    .k_kind = chosen->kex->k_kind,
	    .K = buf_view(&t->exchange.keys.K),
	    .H = H,
	    .session_id = digest_view(&t->session_id),
	};

	TRY(key_derive_direction(&source, true, chosen->cipher[TRANSPORT_CLIENT_TO_SERVER],
	    chosen->mac[TRANSPORT_CLIENT_TO_SERVER], CIPHER_OPENS, &t->exchange.next_open));
	return key_derive_direction(&source, false, chosen->cipher[TRANSPORT_SERVER_TO_CLIENT],
	    chosen->mac[TRANSPORT_SERVER_TO_CLIENT], CIPHER_SEALS, seal);
}

static enum err send_reply(struct transport *t, struct slice signature)
{
	const struct kex_reply reply = {
	    .K_S = t->exchange.transcript.K_S,
	    .Q_S = t->exchange.transcript.Q_S,
	    .signature = signature,
	};
	bool is_group = t->algorithms.kex->flow == KEX_FLOW_GROUP;
	struct span room;
	struct writer w;

	TRY(outbox_begin(&t->out, false, kex_reply_room(&reply), &room));
	w = writer_into(room);
	kex_reply_encode(&w, is_group ? SSH_MSG_KEX_DH_GEX_REPLY : SSH_MSG_KEX_ECDH_REPLY,
	    has_mpints(t), &reply);
	TRY(writer_finish(&w, NULL));
	return outbox_end(&t->out, w.len);
}

/* K has done its work: nothing of it stays while their NEWKEYS is on its way. */
static void forget_secret(struct exchange *exchange)
{
	kex_keys_wipe(&exchange->keys);
	exchange->transcript = (struct transcript){0};
}

/* NEWKEYS under the old keys; whatever follows is under the new ones, which are taken. */
static enum err switch_sealing(struct transport *t, struct packet_keys *keys)
{
	TRY(outbox_send(&t->out, BYTES(SSH_MSG_NEWKEYS)));
	outbox_rekey(&t->out, keys, t->algorithms.compression[TRANSPORT_SERVER_TO_CLIENT]->kind);
	if (t->is_strict)
		t->out.sealer.sequence_number = 0;
	return ERR_OK;
}

enum err exchange_sign(struct transport *t, struct slice signature)
{
	AUTO(packet_keys_wipe) struct packet_keys seal = {0};
	struct digest H;
	size_t reply_end;

	TRY(exchange_hash(t->algorithms.kex, &t->exchange.transcript, &H));
	if (is_first(t))
		t->session_id = H;
	TRY(derive(t, digest_view(&H), &seal));
	TRY(send_reply(t, signature));
	forget_secret(&t->exchange);
	reply_end = outbox_len(&t->out);
	TRY(switch_sealing(t, &seal));
	if (is_first(t) && t->peer_wants_ext_info)
		TRY(ext_info_send(&t->out, t->settings.server_sig_algs));
	if (is_first(t) && outbox_len(&t->out) > ONE_SEGMENT_LEN)
		outbox_mark_boundary(&t->out, reply_end);
	transport_move(t, PHASE_NEWKEYS);
	return outbox_release_held(&t->out);
}

enum err exchange_on_newkeys(
    struct transport *t, struct slice payload, struct transport_event *event)
{
	TRY(newkeys_parse(payload));
	inbox_rekey(&t->in, &t->exchange.next_open,
	    t->algorithms.compression[TRANSPORT_CLIENT_TO_SERVER]->kind);
	if (t->is_strict)
		t->in.opener.sequence_number = 0;
	exchange_wipe(&t->exchange);
	event->kind = is_first(t) ? TRANSPORT_KEYED : TRANSPORT_REKEYED;
	if (t->exchange_count < UINT_MAX)
		t->exchange_count++;
	t->keyed_ms = t->now_ms;
	t->is_rekey_wanted = false;
	transport_move(t, PHASE_OPEN);
	return ERR_OK;
}
