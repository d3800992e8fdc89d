/*
 * Every message number in every state of the transport, with a valid body where there is one, an
 * empty one and one of nonsense. What must happen is written down here once more, apart from the
 * tables of phase.c, as a person reads it in the RFCs.
 */
#include <stdio.h>

#include "sshd/transport/state.h"
#include "tests/support/suite.h"
#include "tests/support/transport_pair.h"

enum outcome {
	REFUSED,   /* the connection ends */
	CLOSED,    /* the peer ended it */
	SILENT,    /* nothing happens */
	UNKNOWN,   /* UNIMPLEMENTED goes back */
	PONG,      /* goes back, or is held */
	DELIVERED, /* a payload for the layers above */
	PROGRESS,  /* the exchange goes on */
	WAITING,   /* it is not looked at before our own side has answered */
};

static const char *const outcome_names[] = {
    "refused", "closed", "silent", "unknown", "pong", "delivered", "progress", "waiting"};

struct range {
	uint8_t first, last;
	enum outcome outcome;
	bool is_parsed; /* nonsense in its body is refused */
};

#define RANGES_LIMIT 16

/* What is not listed is refused. */
struct scenario {
	const char *name;
	enum phase phase;
	bool is_rekey, is_lax, is_authenticated, is_later;
	struct range ranges[RANGES_LIMIT];
};

#define BYE                                                                                        \
	{                                                                                          \
		1, 1, CLOSED, false                                                                \
	}
#define NOISE                                                                                      \
	{                                                                                          \
		2, 4, SILENT, false                                                                \
	}
#define TRAFFIC                                                                                    \
	BYE, NOISE, {5, 5, DELIVERED, false}, {0, 0, UNKNOWN, false}, {6, 6, UNKNOWN, false},      \
	    {8, 19, UNKNOWN, false}, {22, 29, UNKNOWN, false}, {50, 127, DELIVERED, false},        \
	    {128, 191, UNKNOWN, false},                                                            \
	{                                                                                          \
		193, 255, UNKNOWN, false                                                           \
	}
#define EVERYTHING_WAITS                                                                           \
	{                                                                                          \
		0, 255, WAITING, false                                                             \
	}

static const struct scenario scenarios[] = {
    {"first KEXINIT", PHASE_FIRST, .ranges = {BYE, NOISE, {20, 20, PROGRESS, true}}},
    {"strict: ECDH init", PHASE_INIT, .ranges = {BYE, {30, 30, PROGRESS, true}}},
    {"lax: ECDH init", PHASE_INIT, .is_lax = true,
        .ranges = {BYE, NOISE, {30, 30, PROGRESS, true}}},
    {"strict: wrong guess", PHASE_GUESS, .ranges = {BYE, {30, 49, PROGRESS, false}}},
    {"lax: wrong guess", PHASE_GUESS, .is_lax = true,
        .ranges = {BYE, NOISE, {30, 49, PROGRESS, false}}},
    {"strict: group request", PHASE_GEX_REQUEST,
        .ranges = {BYE, {30, 30, PROGRESS, true}, {34, 34, PROGRESS, true}}},
    {"strict: group chosen by the monitor", PHASE_GEX_CHOOSING, .ranges = {EVERYTHING_WAITS}},
    {"strict: group init", PHASE_GEX_INIT, .ranges = {BYE, {32, 32, PROGRESS, true}}},
    {"lax: group init", PHASE_GEX_INIT, .is_lax = true,
        .ranges = {BYE, NOISE, {32, 32, PROGRESS, true}}},
    {"strict: being signed", PHASE_SIGNING, .ranges = {EVERYTHING_WAITS}},
    {"strict: NEWKEYS", PHASE_NEWKEYS, .ranges = {BYE, {21, 21, PROGRESS, true}}},
    {"lax: NEWKEYS", PHASE_NEWKEYS, .is_lax = true,
        .ranges = {BYE, NOISE, {21, 21, PROGRESS, true}}},
    {"keyed, first packet", PHASE_OPEN,
        .ranges = {TRAFFIC, {7, 7, SILENT, true}, {20, 20, PROGRESS, true},
            {192, 192, UNKNOWN, false}}},
    {"keyed, later", PHASE_OPEN, .is_later = true,
        .ranges = {TRAFFIC, {20, 20, PROGRESS, true}, {192, 192, UNKNOWN, false}}},
    {"authenticated", PHASE_OPEN, .is_authenticated = true, .is_later = true,
        .ranges = {TRAFFIC, {20, 20, PROGRESS, true}, {192, 192, PONG, true}}},
    {"KEXINIT asked for", PHASE_ASKING, .is_authenticated = true, .is_later = true,
        .ranges = {TRAFFIC, {20, 20, PROGRESS, true}, {192, 192, PONG, true}}},
    {"KEXINIT offered", PHASE_OFFERED, .is_authenticated = true, .is_later = true,
        .ranges = {TRAFFIC, {20, 20, PROGRESS, true}, {192, 192, PONG, true}}},
    {"KEXINIT read", PHASE_CALLED, .is_authenticated = true, .ranges = {EVERYTHING_WAITS}},
    {"rekey before login: ECDH init", PHASE_INIT, .is_rekey = true,
        .ranges = {BYE, NOISE, {30, 30, PROGRESS, true}}},
    {"rekey before login: NEWKEYS", PHASE_NEWKEYS, .is_rekey = true,
        .ranges = {BYE, NOISE, {21, 21, PROGRESS, true}}},
    {"rekey: ECDH init", PHASE_INIT, .is_rekey = true, .is_authenticated = true,
        .ranges = {BYE, NOISE, {30, 30, PROGRESS, true}, {50, 127, DELIVERED, false}}},
    {"rekey: being signed", PHASE_SIGNING, .is_rekey = true, .is_authenticated = true,
        .ranges = {EVERYTHING_WAITS}},
    {"rekey: NEWKEYS", PHASE_NEWKEYS, .is_rekey = true, .is_authenticated = true,
        .ranges = {BYE, NOISE, {21, 21, PROGRESS, true}, {50, 127, DELIVERED, false}}},
    {"closed", PHASE_CLOSED, .is_authenticated = true, .ranges = {EVERYTHING_WAITS}},
};

static void must(enum err err)
{
	ck_assert_msg(err == ERR_OK, "%s", err_name(err));
}

static void answer_rekey(struct pair *pair)
{
	struct buf I_S = buf_empty(8192);

	must(pair_kexinit(&pair->settings, 7, false, &I_S));
	must(transport_answer_rekey(pair->server, buf_view(&I_S)));
	buf_wipe(&I_S);
}

/* The client reads the next message without acting on it. */
static struct slice read_at_client(struct pair *pair)
{
	struct slice payload;

	must(client_feed(pair->client, transport_output(pair->server, NULL)));
	transport_output_consume(pair->server, transport_output(pair->server, NULL).len);
	do
		must(client_next(pair->client, &payload));
	while (payload.len == 0);
	return payload;
}

static void exchange_kexinits(struct pair *pair, const struct scenario *scenario)
{
	if (scenario->phase == PHASE_FIRST)
		return;
	must(client_send_kexinit(pair->client));
	pair_run_server(pair);
	if (scenario->phase == PHASE_CALLED)
		return;
	if (scenario->is_rekey)
		answer_rekey(pair);
	must(client_on_kexinit(pair->client, read_at_client(pair)));
}

/* From both KEXINITs to the phase wanted. */
static void exchange_up_to(struct pair *pair, enum phase phase)
{
	static const enum phase before_init[] = {
	    PHASE_FIRST, PHASE_INIT, PHASE_GUESS, PHASE_GEX_REQUEST, PHASE_CALLED};
	struct dh_group group;

	for (size_t i = 0; i < COUNT_OF(before_init); i++)
		if (phase == before_init[i])
			return;
	must(client_send_init(pair->client));
	pair_run_server(pair);
	if (phase == PHASE_GEX_INIT) {
		ck_assert(dh_group_of(
		    kex_algorithm_named(LITERAL("diffie-hellman-group14-sha256")), &group));
		must(transport_answer_group(pair->server, group.p, group.g));
	}
	if (phase == PHASE_NEWKEYS) {
		must(transport_answer_signature(pair->server, LITERAL(PAIR_SIGNATURE)));
		must(client_on_reply(pair->client, read_at_client(pair)));
	}
}

static struct pair_settings settings_for(const struct scenario *scenario)
{
	struct pair_settings settings = {.is_lax = scenario->is_lax};

	if (scenario->phase == PHASE_GEX_REQUEST || scenario->phase == PHASE_GEX_CHOOSING ||
	    scenario->phase == PHASE_GEX_INIT)
		settings.client.lists[KEXINIT_KEX] =
		    "diffie-hellman-group-exchange-sha256," MARKER_STRICT_CLIENT;
	if (scenario->phase == PHASE_GUESS) {
		settings.client.lists[KEXINIT_KEX] =
		    "unknown,curve25519-sha256," MARKER_STRICT_CLIENT;
		settings.client.first_kex_packet_follows = true;
	}
	return settings;
}

static void reach_first(struct pair *pair, const struct scenario *scenario)
{
	pair->settings.leaves_questions = true;
	must(client_send_version(pair->client));
	pair_run_server(pair);
	exchange_kexinits(pair, scenario);
	exchange_up_to(pair, scenario->phase);
}

static void reach_later(struct pair *pair, const struct scenario *scenario)
{
	must(pair_handshake(pair));
	if (scenario->is_authenticated)
		must(transport_authenticated(pair->server));
	if (scenario->is_later)
		must(client_send(pair->client, BYTES(SSH_MSG_IGNORE, 0, 0, 0, 0)));
	pair->settings.leaves_questions = true;
	if (scenario->phase == PHASE_ASKING || scenario->phase == PHASE_OFFERED)
		transport_rekey_now(pair->server);
	pair_run_server(pair);
	if (scenario->phase == PHASE_OFFERED)
		answer_rekey(pair);
	if (scenario->phase == PHASE_CLOSED)
		transport_disconnect(pair->server, 11, "the end");
	if (scenario->is_rekey || scenario->phase == PHASE_CALLED) {
		exchange_kexinits(pair, scenario);
		exchange_up_to(pair, scenario->phase);
	}
}

static void reach(struct pair *pair, const struct scenario *scenario)
{
	struct pair_settings settings = settings_for(scenario);

	must(pair_init(pair, &settings));
	if (scenario->is_rekey || scenario->phase == PHASE_CLOSED ||
	    (scenario->phase >= PHASE_OPEN && scenario->phase <= PHASE_CALLED))
		reach_later(pair, scenario);
	else
		reach_first(pair, scenario);
	must(pair->server_err);
	ck_assert_msg(pair->server->phase == scenario->phase, "%s: reached %s instead",
	    scenario->name, phase_name(pair->server->phase));
	if (scenario->phase != PHASE_FIRST)
		ck_assert_int_eq(transport_is_strict(pair->server), !scenario->is_lax);
}

/* A body that its parser takes; numbers that nobody parses have none. */
static struct slice valid_payload(struct pair *pair, uint8_t number, struct span room)
{
	struct writer w = writer_into(room);

	write_byte(&w, number);
	if (number == SSH_MSG_DISCONNECT || number == SSH_MSG_DEBUG)
		write_bytes(&w, BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
	if (number == SSH_MSG_EXT_INFO || number == SSH_MSG_PING)
		write_u32(&w, 0);
	if (number == SSH_MSG_KEXINIT) {
		must(client_make_kexinit(pair->client));
		return buf_view(&pair->client->I_C);
	}
	if (number == SSH_MSG_KEX_ECDH_INIT && pair->server->phase == PHASE_INIT) {
		static const uint8_t base_point[32] = {9};

		write_string(&w, SLICE_OF(base_point));
	} else if (number == SSH_MSG_KEX_DH_GEX_REQUEST_OLD) {
		write_u32(&w, 2048);
	}
	if (number == SSH_MSG_KEX_DH_GEX_INIT)
		write_string(&w, BYTES(4));
	if (number == SSH_MSG_KEX_DH_GEX_REQUEST)
		write_bytes(&w, BYTES(0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 0x20, 0));
	return writer_view(&w);
}

enum body { BODY_VALID, BODY_EMPTY, BODY_NONSENSE, BODIES };
static const char *const body_names[] = {"valid", "empty", "nonsense"};

static struct slice payload_of(struct pair *pair, uint8_t number, enum body body, struct span room)
{
	if (body == BODY_VALID)
		return valid_payload(pair, number, room);
	memset(room.ptr, 0xff, room.len);
	room.ptr[0] = number;
	return slice_over(room.ptr, body == BODY_EMPTY ? 1 : room.len);
}

/* For these an empty body is the valid one, or the body does not matter. */
static bool is_refused_body(const struct range *range, uint8_t number, enum body body)
{
	if (!range->is_parsed || body == BODY_VALID)
		return false;
	return !(body == BODY_EMPTY && number == SSH_MSG_NEWKEYS);
}

static enum outcome expected(const struct scenario *scenario, uint8_t number, enum body body)
{
	for (size_t i = 0; i < RANGES_LIMIT; i++) {
		const struct range *range = &scenario->ranges[i];

		if (range->outcome != REFUSED && number >= range->first && number <= range->last)
			return is_refused_body(range, number, body) ? REFUSED : range->outcome;
	}
	return REFUSED;
}

struct snapshot {
	unsigned events[TRANSPORT_DISCONNECTED + 1];
	enum phase phase;
	uint64_t sealed_packets, opened_packets;
	size_t held_len;
};

static struct snapshot snapshot_of(const struct pair *pair)
{
	struct snapshot snapshot = {
	    .phase = pair->server->phase,
	    .sealed_packets = pair->server->out.sealer.traffic.packets,
	    .opened_packets = transport_packets_received(pair->server),
	    .held_len = buf_len(&pair->server->out.held),
	};

	memcpy(snapshot.events, pair->event_counts, sizeof(snapshot.events));
	return snapshot;
}

/* What happened, from outside: errors, events, what went out. */
static enum outcome observed(const struct pair *pair, const struct snapshot *before, uint8_t number)
{
	struct snapshot now = snapshot_of(pair);
	bool has_output =
	    now.sealed_packets != before->sealed_packets || now.held_len != before->held_len;

	if (pair->server_err != ERR_OK)
		return REFUSED;
	if (now.opened_packets == before->opened_packets)
		return has_output ? REFUSED : WAITING;
	if (now.events[TRANSPORT_DISCONNECTED] != before->events[TRANSPORT_DISCONNECTED])
		return CLOSED;
	if (now.events[TRANSPORT_PAYLOAD] != before->events[TRANSPORT_PAYLOAD])
		return DELIVERED;
	if (now.phase != before->phase)
		return PROGRESS;
	if (has_output)
		return number == SSH_MSG_PING && pair->server->is_authenticated ? PONG : UNKNOWN;
	return SILENT;
}

START_TEST(every_message_in_every_state)
{
	const struct scenario *scenario = &scenarios[_i];

	for (unsigned number = 0; number < 256; number++) {
		for (enum body body = 0; body < BODIES; body++) {
			uint8_t bytes[256];
			struct snapshot before;
			enum outcome got, want = expected(scenario, (uint8_t)number, body);
			struct slice payload;
			struct pair pair;

			reach(&pair, scenario);
			before = snapshot_of(&pair);
			payload = payload_of(
			    &pair, (uint8_t)number, body, (struct span){bytes, sizeof(bytes)});
			must(client_send(pair.client, payload));
			pair_run_server(&pair);
			got = observed(&pair, &before, (uint8_t)number);
			ck_assert_msg(got == want,
			    "%s: message %u with %s body: %s instead of %s (%s)", scenario->name,
			    number, body_names[body], outcome_names[got], outcome_names[want],
			    err_name(pair.server_err));
			pair_wipe(&pair);
		}
	}
}
END_TEST

/* Strict key exchange counts from KEXINIT on: it must have been the first packet. */
START_TEST(strict_kexinit_comes_first)
{
	for (uint8_t number = SSH_MSG_IGNORE; number <= SSH_MSG_DEBUG; number++) {
		struct pair pair;

		reach(&pair, &scenarios[0]);
		must(client_send(pair.client, BYTES(number)));
		must(client_send_kexinit(pair.client));
		pair_run_server(&pair);
		ck_assert_int_eq(pair.server_err, ERR_UNEXPECTED);
		pair_wipe(&pair);
	}
}
END_TEST

/* The table of moves, read as a whole: every phase can be reached, and left. */
START_TEST(the_phases_hang_together)
{
	for (enum phase phase = 0; phase < PHASE_COUNT; phase++) {
		unsigned ways_in = 0, ways_on = 0;

		for (enum phase other = 0; other < PHASE_COUNT; other++) {
			ways_in += other != phase && phase_may_follow(other, phase);
			ways_on += other != PHASE_CLOSED && phase_may_follow(phase, other);
		}
		ck_assert_msg(
		    ways_in > 0 || phase == PHASE_VERSION, "no way to %s", phase_name(phase));
		ck_assert_msg(
		    ways_on > 0 || phase == PHASE_CLOSED, "no way from %s", phase_name(phase));
		ck_assert(phase_may_follow(phase, PHASE_CLOSED));
	}
	ck_assert(!phase_may_follow(PHASE_CLOSED, PHASE_OPEN));
	ck_assert(!phase_may_follow(PHASE_VERSION, PHASE_OPEN));
	ck_assert(!phase_may_follow(PHASE_OPEN, PHASE_SIGNING));
}
END_TEST

SUITE("matrix", LOOP_TEST(every_message_in_every_state, COUNT_OF(scenarios)),
    TEST(strict_kexinit_comes_first), TEST(the_phases_hang_together))
