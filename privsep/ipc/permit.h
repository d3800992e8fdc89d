/*
 * Who may send what, when: state, direction, type, size and descriptors in; allowed or not out.
 * The tables are the .def files beside this one.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

enum message_direction { DIRECTION_NONE, UP, DOWN };

/* The monitor's states towards net. */
enum monitor_state {
	STATE_START, /* net sets up its sandbox */
	STATE_KEX,   /* the first key exchange */
	STATE_KEYED, /* a session identifier, no user yet */
	STATE_AUTH,
	STATE_CONV,  /* a prompt is outstanding */
	STATE_ACCT,  /* account phase: net may ask nothing */
	STATE_OPEN,
	STATE_DRAIN, /* ending */
	STATE_DEAD,
	MONITOR_STATE_COUNT,
};

/* The states of the channel to sshd-user. */
enum user_state { STATE_BORN, STATE_LOOKUP, STATE_SERVING, USER_STATE_COUNT };

/* The signer and the listener's channels know only one. */
enum signer_state { STATE_READY };

#define IN(state)  (1u << STATE_##state)
#define ANY_STATE  (~0u)

/* What net and user say of the monitor's state, which only the monitor knows and judges by. */
#define STATE_UNKNOWN 255u

struct message_row {
	const char *name;
	enum message_direction direction;
	uint32_t states;
	unsigned descriptors;
	size_t limit_bytes;
};

struct message_table {
	const char *pair;
	const struct message_row *rows; /* by type; row 0 is no message */
	unsigned count;
};

extern const struct message_table net_messages;
extern const struct message_table user_messages;
extern const struct message_table signer_messages;
extern const struct message_table listener_messages;

/*
 * ERR_BREACH unless the row permits this direction in this state with exactly that many
 * descriptors and no more bytes than its limit.
 */
enum err message_permit(const struct message_table *table, unsigned type,
    enum message_direction direction, unsigned state, size_t len, unsigned descriptors);

/* The row's name for the log; "unknown" past the table. */
const char *message_name(const struct message_table *table, unsigned type);
