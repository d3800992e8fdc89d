#include "sshd/transport/phase.h"

#include "sshd/wire/numbers.h"

/* Message numbers that are treated alike in every phase. */
enum message_class {
	CLASS_UNKNOWN, /* 0, 6, 8 to 19, 22 to 29, 128 and up, and whatever only servers send */
	CLASS_DISCONNECT,
	CLASS_NOISE, /* IGNORE, UNIMPLEMENTED, DEBUG */
	CLASS_SERVICE_REQUEST,
	CLASS_EXT_INFO,
	CLASS_KEXINIT,
	CLASS_NEWKEYS,
	CLASS_KEX_30,
	CLASS_KEX_32,
	CLASS_KEX_34,
	CLASS_KEX_OTHER, /* the rest of 30 to 49 */
	CLASS_UPPER,     /* 50 to 127: authentication and connection */
	CLASS_PING,
	CLASS_COUNT,
};

static const uint8_t class_of[256] = {
    [SSH_MSG_DISCONNECT] = CLASS_DISCONNECT,
    [SSH_MSG_IGNORE] = CLASS_NOISE,
    [SSH_MSG_UNIMPLEMENTED] = CLASS_NOISE,
    [SSH_MSG_DEBUG] = CLASS_NOISE,
    [SSH_MSG_SERVICE_REQUEST] = CLASS_SERVICE_REQUEST,
    [SSH_MSG_EXT_INFO] = CLASS_EXT_INFO,
    [SSH_MSG_KEXINIT] = CLASS_KEXINIT,
    [SSH_MSG_NEWKEYS] = CLASS_NEWKEYS,
    [SSH_MSG_KEX_ECDH_INIT] = CLASS_KEX_30,
    [31] = CLASS_KEX_OTHER,
    [SSH_MSG_KEX_DH_GEX_INIT] = CLASS_KEX_32,
    [33] = CLASS_KEX_OTHER,
    [SSH_MSG_KEX_DH_GEX_REQUEST] = CLASS_KEX_34,
    [35 ... 49] = CLASS_KEX_OTHER,
    [50 ... 127] = CLASS_UPPER,
    [SSH_MSG_PING] = CLASS_PING,
};

/*
 * In the phases of an exchange. Noise is refused in a first exchange that is strict. Messages of
 * the upper layers have no place behind their KEXINIT (RFC 4253 section 7.1), yet some come: PuTTY
 * 0.78 answers a CHANNEL_CLOSE in the middle of a rekey, Tera Term before 4.107 went on sending
 * data. Under the old keys of a client that is logged in they do no harm, and OpenSSH takes them.
 */
#define IN_EXCHANGE                                                                                \
	[CLASS_DISCONNECT] = MESSAGE_DISCONNECT, [CLASS_NOISE] = MESSAGE_DROPPED,                  \
	[CLASS_UPPER] = MESSAGE_LATE

/* Outside of an exchange, and while what was in flight before their KEXINIT comes in. */
#define TRAFFIC                                                                                    \
	[CLASS_UNKNOWN] = MESSAGE_UNKNOWN, [CLASS_DISCONNECT] = MESSAGE_DISCONNECT,                \
	[CLASS_NOISE] = MESSAGE_DROPPED, [CLASS_SERVICE_REQUEST] = MESSAGE_DELIVERED,              \
	[CLASS_EXT_INFO] = MESSAGE_EXT_INFO, [CLASS_KEXINIT] = MESSAGE_KEXINIT,                    \
	[CLASS_UPPER] = MESSAGE_DELIVERED, [CLASS_PING] = MESSAGE_PING

static const uint8_t actions[PHASE_COUNT][CLASS_COUNT] = {
    [PHASE_FIRST] = {IN_EXCHANGE, [CLASS_KEXINIT] = MESSAGE_KEXINIT},
    [PHASE_OPEN] = {TRAFFIC},
    [PHASE_ASKING] = {TRAFFIC},
    [PHASE_OFFERED] = {TRAFFIC},
    [PHASE_GUESS] =
        {
            IN_EXCHANGE,
            [CLASS_KEX_30] = MESSAGE_GUESS,
            [CLASS_KEX_32] = MESSAGE_GUESS,
            [CLASS_KEX_34] = MESSAGE_GUESS,
            [CLASS_KEX_OTHER] = MESSAGE_GUESS,
        },
    [PHASE_INIT] = {IN_EXCHANGE, [CLASS_KEX_30] = MESSAGE_INIT},
    [PHASE_GEX_REQUEST] =
        {
            IN_EXCHANGE,
            [CLASS_KEX_30] = MESSAGE_GEX_REQUEST,
            [CLASS_KEX_34] = MESSAGE_GEX_REQUEST,
        },
    [PHASE_GEX_INIT] = {IN_EXCHANGE, [CLASS_KEX_32] = MESSAGE_GEX_INIT},
    [PHASE_NEWKEYS] = {IN_EXCHANGE, [CLASS_NEWKEYS] = MESSAGE_NEWKEYS},
};

#define TO(phase)      (1u << (phase))
#define EXCHANGE_ENTRY (TO(PHASE_GUESS) | TO(PHASE_INIT) | TO(PHASE_GEX_REQUEST))

static const struct {
	const char *name;
	bool is_paused, holds_output, is_exchanging;
	uint32_t next; /* PHASE_CLOSED may always follow */
} rows[PHASE_COUNT] = {
    [PHASE_VERSION] = {"version", false, true, false, TO(PHASE_FIRST)},
    [PHASE_FIRST] = {"first", false, true, true, EXCHANGE_ENTRY},
    [PHASE_OPEN] = {"open", false, false, false, TO(PHASE_ASKING) | TO(PHASE_CALLED)},
    [PHASE_ASKING] = {"asking", false, false, false, TO(PHASE_OFFERED) | TO(PHASE_CALLED)},
    [PHASE_OFFERED] = {"offered", false, true, false, EXCHANGE_ENTRY},
    [PHASE_CALLED] = {"called", true, false, true, EXCHANGE_ENTRY},
    [PHASE_GUESS] = {"guess", false, true, true, TO(PHASE_INIT) | TO(PHASE_GEX_REQUEST)},
    [PHASE_INIT] = {"init", false, true, true, TO(PHASE_SIGNING)},
    [PHASE_GEX_REQUEST] = {"gex-request", false, true, true, TO(PHASE_GEX_CHOOSING)},
    [PHASE_GEX_CHOOSING] = {"gex-choosing", true, true, true, TO(PHASE_GEX_INIT)},
    [PHASE_GEX_INIT] = {"gex-init", false, true, true, TO(PHASE_SIGNING)},
    [PHASE_SIGNING] = {"signing", true, true, true, TO(PHASE_NEWKEYS)},
    [PHASE_NEWKEYS] = {"newkeys", false, false, true, TO(PHASE_OPEN)},
    [PHASE_CLOSED] = {"closed", true, false, false, 0},
};

enum message_action phase_action(enum phase phase, uint8_t number, bool is_strict_first)
{
	if (is_strict_first && class_of[number] == CLASS_NOISE)
		return MESSAGE_REFUSED;
	return actions[phase][class_of[number]];
}

bool phase_is_paused(enum phase phase)
{
	return rows[phase].is_paused;
}

bool phase_holds_output(enum phase phase)
{
	return rows[phase].holds_output;
}

bool phase_is_exchanging(enum phase phase)
{
	return rows[phase].is_exchanging;
}

bool phase_may_follow(enum phase now, enum phase next)
{
	return next == PHASE_CLOSED || (rows[now].next & TO(next)) != 0;
}

const char *phase_name(enum phase phase)
{
	return rows[phase].name;
}
