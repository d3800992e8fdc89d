/*
 * The messages between the processes, made from the tables beside this file: a struct, an
 * encoder, a parser and a row for each. BYTES fields borrow from the datagram.
 */
#pragma once

#include "privsep/ipc/permit.h"
#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* -------------------------------------------------- words used in fields */

enum attempt_outcome { ATTEMPT_FAILED, ATTEMPT_PARTIAL, ATTEMPT_SUCCEEDED };

enum program_kind { PROGRAM_SHELL, PROGRAM_EXEC, PROGRAM_SUBSYSTEM };

/* What a forward leads to, in NET_CONNECT, NET_LISTEN and what follows from them. */
enum forward_kind {
	FORWARD_NONE,
	FORWARD_TCP,
	FORWARD_STREAMLOCAL,
	FORWARD_AGENT, /* accepted only: the client's agent */
	FORWARD_X11,   /* accepted only: the client's display */
	FORWARD_TUN_POINT_TO_POINT,
	FORWARD_TUN_ETHERNET,
	FORWARD_KIND_COUNT,
};

/* Where a listener of USER_LISTEN binds; zero is the narrowest. */
enum bind_where { BIND_LOOPBACK, BIND_WILDCARD, BIND_AS_ASKED };

/* Accepted connections on their way to the client and not yet answered by it. */
#define ACCEPTS_LIMIT 16u

enum user_role { ROLE_NONE, ROLE_LOOKUP, ROLE_SESSIONS };

/* NET_EVENT. */
enum net_event {
	NET_EVENT_NONE,
	NET_EVENT_IDENTIFICATION,  /* text: the client's identification string */
	NET_EVENT_ALGORITHMS,      /* text: what was negotiated */
	NET_EVENT_NO_COMMON,       /* text: their offer; number: into NO_COMMON_WORDS */
	NET_EVENT_BAD_VERSION,     /* text: the line that was no identification string */
	NET_EVENT_DISCONNECT,      /* number: the peer's reason, text: its description */
	NET_EVENT_DEBUG,           /* text */
	NET_EVENT_COUNT,
};

/* NET_EVENT_NO_COMMON: in which list. */
#define NO_COMMON_WORDS                                                                            \
	{                                                                                          \
		"key exchange method", "host key type", "cipher", "MAC", "compression method"      \
	}

/* NET_BYE. */
enum connection_end {
	END_NONE,
	END_CLOSED,           /* the peer closed its side */
	END_RESET,            /* the socket failed */
	END_PEER_DISCONNECT,  /* reason: the peer's */
	END_PROTOCOL,         /* reason: our enum err; the peer was told */
	END_TIMEOUT,          /* probes stayed unanswered */
	END_UNUSED,           /* no channel for UnusedConnectionTimeout */
};

/* OUTCOME: what feeds the penalties. */
enum connection_outcome {
	OUTCOME_NONE,
	OUTCOME_AUTHENTICATED,
	OUTCOME_NO_AUTHENTICATION,
	OUTCOME_FAILED,
	OUTCOME_INVALID_USER,
	OUTCOME_GRACE_EXCEEDED,
	OUTCOME_REFUSED,
	OUTCOME_CRASHED,
};

/* ---------------------------------------------------------------- structs */

#define U8(field)           uint8_t field;
#define U32(field)          uint32_t field;
#define U64(field)          uint64_t field;
#define FLAG(field)         bool field;
#define BYTES_FIELD(field)  struct slice field;
#pragma push_macro("BYTES")
#undef BYTES
#define BYTES(field, limit) BYTES_FIELD(field)
#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit)                                   \
	struct msg_##name {                                                                        \
		uint8_t unused_; /* a struct may not be empty in C */
#define MESSAGE_END(NAME, name)                                                                    \
	};                                                                                         \
	enum err msg_##name##_encode(const struct msg_##name *msg, struct span room, size_t *len); \
	enum err msg_##name##_parse(struct slice body, struct msg_##name *msg);
#include "privsep/ipc/messages_net.def"
#include "privsep/ipc/messages_user.def"
#include "privsep/ipc/messages_signer.def"
#include "privsep/ipc/messages_listener.def"
#undef U8
#undef U32
#undef U64
#undef FLAG
#undef BYTES
#undef BYTES_FIELD
#undef MESSAGE_BEGIN
#undef MESSAGE_END
#pragma pop_macro("BYTES")

/* ----------------------------------------------------------------- numbers */

/* Types start at 1 in each pair: 0 is never a message. */
#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit) MSG_##NAME,
#define U8(field)
#define U32(field)
#define U64(field)
#define FLAG(field)
#pragma push_macro("BYTES")
#undef BYTES
#define BYTES(field, limit)
#define MESSAGE_END(NAME, name)
enum net_message { MSG_NET_NONE_TYPE,
#include "privsep/ipc/messages_net.def"
	MSG_NET_COUNT };
enum user_message { MSG_USER_NONE_TYPE,
#include "privsep/ipc/messages_user.def"
	MSG_USER_COUNT };
enum signer_message { MSG_SIGNER_NONE_TYPE,
#include "privsep/ipc/messages_signer.def"
	MSG_SIGNER_COUNT };
enum listener_message { MSG_LISTENER_NONE_TYPE,
#include "privsep/ipc/messages_listener.def"
	MSG_LISTENER_COUNT };
#undef U8
#undef U32
#undef U64
#undef FLAG
#undef BYTES
#undef MESSAGE_BEGIN
#undef MESSAGE_END
#pragma pop_macro("BYTES")
