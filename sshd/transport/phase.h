/*
 * The states of a connection's transport, which messages each of them takes, and which state may
 * follow which. Everything about "what is allowed now" is in the tables of phase.c.
 */
#pragma once

#include "sshd/base/slice.h"

enum phase {
	PHASE_VERSION,      /* their identification string is next */
	PHASE_FIRST,        /* our first KEXINIT is out, theirs is next */
	PHASE_OPEN,         /* keys are in force, no exchange runs */
	PHASE_ASKING,       /* we want to rekey and wait for the payload of our KEXINIT */
	PHASE_OFFERED,      /* our KEXINIT is out; theirs comes behind what was in flight */
	PHASE_CALLED,       /* theirs is here; we wait for the payload of ours */
	PHASE_GUESS,        /* their wrong guess is next, to be dropped */
	PHASE_INIT,         /* 30 is next */
	PHASE_GEX_REQUEST,  /* 34 is next, or 30 in its old form */
	PHASE_GEX_CHOOSING, /* we wait for a group */
	PHASE_GEX_INIT,     /* 32 is next */
	PHASE_SIGNING,      /* we wait for the signature */
	PHASE_NEWKEYS,      /* our NEWKEYS is out, theirs is next */
	PHASE_CLOSED,       /* one side said DISCONNECT, or something broke */
	PHASE_COUNT,
};

/* Zero refuses: a message that no row names ends the connection. */
enum message_action {
	MESSAGE_REFUSED,
	MESSAGE_DISCONNECT,
	MESSAGE_DROPPED,
	MESSAGE_UNKNOWN, /* answered by UNIMPLEMENTED */
	MESSAGE_DELIVERED,
	MESSAGE_LATE, /* delivered after authentication, refused before */
	MESSAGE_PING,
	MESSAGE_EXT_INFO,
	MESSAGE_KEXINIT,
	MESSAGE_GUESS,
	MESSAGE_INIT,
	MESSAGE_GEX_REQUEST,
	MESSAGE_GEX_INIT,
	MESSAGE_NEWKEYS,
	MESSAGE_ACTION_COUNT,
};

/*
 * What is done with a message from the client. `is_strict_first`: this is the first exchange,
 * under strict key exchange, which leaves no room for IGNORE, DEBUG and UNIMPLEMENTED.
 */
enum message_action phase_action(enum phase phase, uint8_t number, bool is_strict_first);

/* No message is looked at: an answer of our own side is due first. */
bool phase_is_paused(enum phase phase);

/* Between our KEXINIT and our NEWKEYS: only messages 1 to 4 and those of the exchange leave. */
bool phase_holds_output(enum phase phase);

/* The exchange has both sides in it, so it may be expected to end soon. */
bool phase_is_exchanging(enum phase phase);

bool phase_may_follow(enum phase now, enum phase next);

const char *phase_name(enum phase phase);
