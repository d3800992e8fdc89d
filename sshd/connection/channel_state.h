/* Opening, EOF and CLOSE of a channel in both directions (RFC 4254 sections 5.1 and 5.3). */
#pragma once

enum channel_state {
	CHANNEL_ASKED,        /* the peer's open waits for an answer; the peer has no number yet */
	CHANNEL_OFFERED,      /* our open waits for the peer */
	CHANNEL_OPEN,         /* data both ways */
	CHANNEL_EOF_SENT,     /* we send no more data */
	CHANNEL_EOF_RECEIVED, /* the peer sends no more data */
	CHANNEL_EOF_BOTH,
	CHANNEL_CLOSE_SENT,     /* nothing leaves any more; the peer's CLOSE is awaited */
	CHANNEL_CLOSE_RECEIVED, /* ours is to be sent at once */
	CHANNEL_GONE,
	CHANNEL_STATE_COUNT,
};

enum channel_event {
	CHANNEL_GRANT,
	CHANNEL_DENY,
	CHANNEL_RECEIVE_CONFIRMATION,
	CHANNEL_RECEIVE_FAILURE,
	CHANNEL_RECEIVE_DATA,
	CHANNEL_RECEIVE_ADJUST,
	CHANNEL_RECEIVE_REQUEST,
	CHANNEL_RECEIVE_REPLY,
	CHANNEL_RECEIVE_EOF,
	CHANNEL_RECEIVE_CLOSE,
	CHANNEL_SEND_DATA,
	CHANNEL_SEND_MESSAGE, /* a request, a reply, a window adjustment */
	CHANNEL_SEND_EOF,
	CHANNEL_SEND_CLOSE,
	CHANNEL_EVENT_COUNT,
};

enum channel_effect {
	CHANNEL_REFUSE, /* not permitted; from the peer, it ends the connection */
	CHANNEL_IGNORE, /* permitted and without effect */
	CHANNEL_ACT,
};

/* Moves `state` when the effect is CHANNEL_ACT, and only then. */
enum channel_effect channel_state_step(enum channel_state *state, enum channel_event event);

/* What a step would do. */
enum channel_effect channel_state_would(enum channel_state state, enum channel_event event);
