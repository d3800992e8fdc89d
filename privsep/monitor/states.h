/* The life of a connection as one table: state and occurrence in, next state out. */
#pragma once

#include "privsep/ipc/permit.h"

enum monitor_occurrence {
	NET_IS_READY,       /* its sandbox stands */
	EXCHANGE_IS_SIGNED, /* the first one: there is a session identifier */
	USER_IS_FIXED,
	PROMPT_IS_SENT,
	ATTEMPT_IS_OVER,    /* failed, or of several factors not the last */
	FACTORS_SUFFICE,
	ACCOUNT_AGREES,
	CONNECTION_ENDS,
	ALL_IS_CLOSED,
	MONITOR_OCCURRENCE_COUNT,
};

/*
 * The state that follows. ERR_UNEXPECTED: this cannot happen in `state` (the caller ends the
 * connection); `next` is untouched then.
 */
enum err state_after(enum monitor_state state, enum monitor_occurrence occurrence,
    enum monitor_state *next);

const char *state_name(enum monitor_state state);
