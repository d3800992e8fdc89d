#include "privsep/monitor/states.h"

/* 0, which is STATE_START and follows nothing, means: cannot happen here. */
#define NEVER STATE_START

static const uint8_t table[MONITOR_STATE_COUNT][MONITOR_OCCURRENCE_COUNT] = {
    [STATE_START] = {[NET_IS_READY] = STATE_KEX, [CONNECTION_ENDS] = STATE_DRAIN},
    [STATE_KEX] = {[EXCHANGE_IS_SIGNED] = STATE_KEYED, [CONNECTION_ENDS] = STATE_DRAIN},
    [STATE_KEYED] = {[USER_IS_FIXED] = STATE_AUTH, [CONNECTION_ENDS] = STATE_DRAIN},
    [STATE_AUTH] = {[PROMPT_IS_SENT] = STATE_CONV, [ATTEMPT_IS_OVER] = STATE_AUTH,
	[FACTORS_SUFFICE] = STATE_ACCT, [CONNECTION_ENDS] = STATE_DRAIN},
    [STATE_CONV] = {[PROMPT_IS_SENT] = STATE_CONV, [ATTEMPT_IS_OVER] = STATE_AUTH,
	[FACTORS_SUFFICE] = STATE_ACCT, [CONNECTION_ENDS] = STATE_DRAIN},
    /* An expired password is changed in a conversation, which comes back by FACTORS_SUFFICE. */
    [STATE_ACCT] = {[PROMPT_IS_SENT] = STATE_CONV, [ATTEMPT_IS_OVER] = STATE_AUTH,
	[ACCOUNT_AGREES] = STATE_OPEN, [CONNECTION_ENDS] = STATE_DRAIN},
    [STATE_OPEN] = {[CONNECTION_ENDS] = STATE_DRAIN},
    [STATE_DRAIN] = {[CONNECTION_ENDS] = STATE_DRAIN, [ALL_IS_CLOSED] = STATE_DEAD},
    [STATE_DEAD] = {[CONNECTION_ENDS] = STATE_DEAD},
};

static const char *const names[MONITOR_STATE_COUNT] = {
    [STATE_START] = "START",
    [STATE_KEX] = "KEX",
    [STATE_KEYED] = "KEYED",
    [STATE_AUTH] = "AUTH",
    [STATE_CONV] = "CONV",
    [STATE_ACCT] = "ACCT",
    [STATE_OPEN] = "OPEN",
    [STATE_DRAIN] = "DRAIN",
    [STATE_DEAD] = "DEAD",
};

enum err state_after(enum monitor_state state, enum monitor_occurrence occurrence,
    enum monitor_state *next)
{
	if (state >= MONITOR_STATE_COUNT || occurrence >= MONITOR_OCCURRENCE_COUNT)
		return ERR_UNEXPECTED;
	if (table[state][occurrence] == NEVER)
		return ERR_UNEXPECTED;
	*next = table[state][occurrence];
	return ERR_OK;
}

const char *state_name(enum monitor_state state)
{
	return state < MONITOR_STATE_COUNT ? names[state] : "none";
}
