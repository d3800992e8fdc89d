#include "sshd/connection/channel_state.h"

struct transition {
	enum channel_effect effect;
	enum channel_state next;
};

#define TO(state) {CHANNEL_ACT, CHANNEL_##state}
#define DROP      {CHANNEL_IGNORE, 0}

/*
 * What is empty is refused. Data and a second EOF after the peer's EOF are dropped and not
 * punished: some clients send them. Once our CLOSE has left, whatever the peer had under way is
 * dropped until its own CLOSE is in.
 */
static const struct transition transitions[CHANNEL_STATE_COUNT][CHANNEL_EVENT_COUNT] = {
    [CHANNEL_ASKED] = {
	[CHANNEL_GRANT] = TO(OPEN),
	[CHANNEL_DENY] = TO(GONE),
    },
    [CHANNEL_OFFERED] = {
	[CHANNEL_RECEIVE_CONFIRMATION] = TO(OPEN),
	[CHANNEL_RECEIVE_FAILURE] = TO(GONE),
    },
    [CHANNEL_OPEN] = {
	[CHANNEL_RECEIVE_DATA] = TO(OPEN),
	[CHANNEL_RECEIVE_ADJUST] = TO(OPEN),
	[CHANNEL_RECEIVE_REQUEST] = TO(OPEN),
	[CHANNEL_RECEIVE_REPLY] = TO(OPEN),
	[CHANNEL_RECEIVE_EOF] = TO(EOF_RECEIVED),
	[CHANNEL_RECEIVE_CLOSE] = TO(CLOSE_RECEIVED),
	[CHANNEL_SEND_DATA] = TO(OPEN),
	[CHANNEL_SEND_MESSAGE] = TO(OPEN),
	[CHANNEL_SEND_EOF] = TO(EOF_SENT),
	[CHANNEL_SEND_CLOSE] = TO(CLOSE_SENT),
    },
    [CHANNEL_EOF_SENT] = {
	[CHANNEL_RECEIVE_DATA] = TO(EOF_SENT),
	[CHANNEL_RECEIVE_ADJUST] = DROP,
	[CHANNEL_RECEIVE_REQUEST] = TO(EOF_SENT),
	[CHANNEL_RECEIVE_REPLY] = TO(EOF_SENT),
	[CHANNEL_RECEIVE_EOF] = TO(EOF_BOTH),
	[CHANNEL_RECEIVE_CLOSE] = TO(CLOSE_RECEIVED),
	[CHANNEL_SEND_MESSAGE] = TO(EOF_SENT),
	[CHANNEL_SEND_CLOSE] = TO(CLOSE_SENT),
    },
    [CHANNEL_EOF_RECEIVED] = {
	[CHANNEL_RECEIVE_DATA] = DROP,
	[CHANNEL_RECEIVE_ADJUST] = TO(EOF_RECEIVED),
	[CHANNEL_RECEIVE_REQUEST] = TO(EOF_RECEIVED),
	[CHANNEL_RECEIVE_REPLY] = TO(EOF_RECEIVED),
	[CHANNEL_RECEIVE_EOF] = DROP,
	[CHANNEL_RECEIVE_CLOSE] = TO(CLOSE_RECEIVED),
	[CHANNEL_SEND_DATA] = TO(EOF_RECEIVED),
	[CHANNEL_SEND_MESSAGE] = TO(EOF_RECEIVED),
	[CHANNEL_SEND_EOF] = TO(EOF_BOTH),
	[CHANNEL_SEND_CLOSE] = TO(CLOSE_SENT),
    },
    [CHANNEL_EOF_BOTH] = {
	[CHANNEL_RECEIVE_DATA] = DROP,
	[CHANNEL_RECEIVE_ADJUST] = DROP,
	[CHANNEL_RECEIVE_REQUEST] = TO(EOF_BOTH),
	[CHANNEL_RECEIVE_REPLY] = TO(EOF_BOTH),
	[CHANNEL_RECEIVE_EOF] = DROP,
	[CHANNEL_RECEIVE_CLOSE] = TO(CLOSE_RECEIVED),
	[CHANNEL_SEND_MESSAGE] = TO(EOF_BOTH),
	[CHANNEL_SEND_CLOSE] = TO(CLOSE_SENT),
    },
    [CHANNEL_CLOSE_SENT] = {
	[CHANNEL_RECEIVE_DATA] = DROP,
	[CHANNEL_RECEIVE_ADJUST] = DROP,
	[CHANNEL_RECEIVE_REQUEST] = DROP,
	[CHANNEL_RECEIVE_REPLY] = DROP,
	[CHANNEL_RECEIVE_EOF] = DROP,
	[CHANNEL_RECEIVE_CLOSE] = TO(GONE),
    },
    [CHANNEL_CLOSE_RECEIVED] = {
	[CHANNEL_SEND_CLOSE] = TO(GONE),
    },
};

enum channel_effect channel_state_would(enum channel_state state, enum channel_event event)
{
	return transitions[state][event].effect;
}

enum channel_effect channel_state_step(enum channel_state *state, enum channel_event event)
{
	const struct transition *transition = &transitions[*state][event];

	if (transition->effect == CHANNEL_ACT)
		*state = transition->next;
	return transition->effect;
}
