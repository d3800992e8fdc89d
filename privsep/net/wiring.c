/* Payloads to the core that knows them, by number and phase. */
#include <stdlib.h>

#include "privsep/net/net.h"
#include "sshd/base/auto.h"
#include "sshd/wire/numbers.h"
#include "sshd/wire/reader.h"

/* Receive windows of all channels together: how far one connection may fill our memory. */
#define WINDOW_BUDGET (64u << 20)

static enum err send_payload(void *owner, struct slice payload)
{
	struct net *net = owner;

	return transport_send(net->transport, payload);
}

/* ------------------------------------------------------------------ start */

static enum err read_host_keys(struct slice list, struct transport_host_key *keys, size_t *count)
{
	struct reader r = reader_over(list);

	for (*count = 0; r.left.len > 0 && r.err == ERR_OK; (*count)++) {
		if (*count == TRANSPORT_HOST_KEYS_LIMIT)
			return ERR_LIMIT;
		keys[*count].algorithms = read_string(&r, 4096);
		keys[*count].blob = read_string(&r, 16384);
	}
	return reader_finish(&r);
}

static enum err keep(struct slice bytes, struct slice *kept)
{
	uint8_t *copy = malloc(bytes.len + 1);

	if (copy == NULL)
		return ERR_NO_MEMORY;
	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	*kept = slice_over(copy, bytes.len);
	return ERR_OK;
}

enum err wiring_start(struct net *net, const struct msg_net_hello *hello)
{
	struct dialogue_sink sink = {.owner = net, .send = send_payload, .ask = question_dialogue};
	struct transport_host_key keys[TRANSPORT_HOST_KEYS_LIMIT];
	struct transport_settings settings = {
	    .V_S = hello->V_S,
	    .is_version_sent = hello->version_is_sent,
	    .I_S = hello->I_S,
	    .host_keys = keys,
	    .server_sig_algs = hello->server_sig_algs,
	    .rekey_bytes = hello->rekey_bytes,
	    .rekey_seconds = hello->rekey_seconds,
	    .requires_strict = hello->requires_strict,
	};

	TRY(keep(hello->host_keys, &net->host_keys));
	TRY(read_host_keys(hello->host_keys, keys, &settings.host_key_count));
	TRY(transport_new(&settings, &net->transport));
	return dialogue_new(&sink, &net->dialogue);
}

void wiring_free(struct net *net)
{
	connection_release(&net->connection);
	dialogue_release(&net->dialogue);
	transport_release(&net->transport);
	free((void *)(uintptr_t)net->host_keys.ptr);
}

/* ------------------------------------------------------------------- open */

static enum err announce_host_keys(struct net *net)
{
	struct transport_host_key keys[TRANSPORT_HOST_KEYS_LIMIT];
	struct slice blobs[TRANSPORT_HOST_KEYS_LIMIT];
	size_t count = 0;

	TRY(read_host_keys(net->host_keys, keys, &count));
	for (size_t i = 0; i < count; i++)
		blobs[i] = keys[i].blob;
	return connection_send_host_keys(net->connection, blobs, count);
}

enum err wiring_open(struct net *net, const struct msg_net_open *open)
{
	struct connection_sink sink = pump_sink;
	struct connection_settings settings = {
	    .window_budget = WINDOW_BUDGET,
	    .speaks_eow = slice_starts(transport_V_C(net->transport), "SSH-2.0-OpenSSH"),
	    .channel_timeouts = open->channel_timeouts,
	    .unused_seconds = open->unused_seconds,
	};

	sink.owner = net;
	sink.send = send_payload;
	sink.ask = question_connection;
	TRY(connection_new(&sink, &settings, &net->connection));
	net->ip_qos_interactive = open->ip_qos_interactive;
	net->ip_qos_bulk = open->ip_qos_bulk;
	net->phase = PHASE_OPEN;
	idle_start(net);
	keepalive_start(net, open->keepalive_seconds, open->keepalive_count);
	return announce_host_keys(net);
}

/* ----------------------------------------------------------------- events */

bool wiring_is_waiting(const struct net *net)
{
	if (net->phase == PHASE_ADMITTED)
		return true;
	if (net->phase == PHASE_OPEN)
		return connection_is_waiting(net->connection);
	return dialogue_is_waiting(net->dialogue);
}

static enum err take_payload(struct net *net, struct slice payload, uint32_t sequence_number)
{
	bool is_connection = payload.ptr[0] >= SSH_MSG_GLOBAL_REQUEST;
	enum err err;

	if (net->phase != PHASE_OPEN)
		/* Whatever is not the dialogue's is refused by it: nothing else may be said before. */
		return dialogue_feed(net->dialogue, payload);
	if (!is_connection)
		return dialogue_feed(net->dialogue, payload);
	err = connection_feed(net->connection, payload, net->loop.now_ms);
	if (err == ERR_UNSUPPORTED)
		return transport_send_unimplemented(net->transport, sequence_number);
	return err;
}

static enum err take_question(struct net *net, const struct transport_event *event)
{
	if (event->kind == TRANSPORT_REKEY)
		return question_rekey(net);
	if (event->kind == TRANSPORT_GROUP)
		return question_group(net, &event->group);
	return question_sign(net, &event->sign);
}

enum err wiring_take(struct net *net, const struct transport_event *event)
{
	switch (event->kind) {
	case TRANSPORT_PAYLOAD:
		return take_payload(net, event->payload, event->sequence_number);
	case TRANSPORT_SIGN:
	case TRANSPORT_REKEY:
	case TRANSPORT_GROUP:
		return take_question(net, event);
	case TRANSPORT_DISCONNECTED:
		net_end(net, END_PEER_DISCONNECT, event->disconnect.reason, event->disconnect.text);
		return ERR_OK;
	case TRANSPORT_KEYED:
	case TRANSPORT_REKEYED:
	case TRANSPORT_NOTHING:
		break;
	}
	return ERR_OK;
}
