/*
 * What a login may do: key options, certificate and configuration merged, always to the
 * narrower. A set only ever shrinks; what is not named in it is forbidden.
 */
#pragma once

#include "sshd/auth/evidence/verdict.h"
#include "sshd/base/buf.h"

enum permission {
	MAY_HAVE_PTY = 1u << 0,
	MAY_RUN_USER_RC = 1u << 1,
	MAY_FORWARD_AGENT = 1u << 2,
	MAY_FORWARD_X11 = 1u << 3,
	MAY_OPEN_TCP = 1u << 4,         /* direct-tcpip */
	MAY_LISTEN_TCP = 1u << 5,       /* tcpip-forward */
	MAY_OPEN_STREAMLOCAL = 1u << 6, /* direct-streamlocal@openssh.com */
	MAY_LISTEN_STREAMLOCAL = 1u << 7,
	MAY_TUNNEL_POINT_TO_POINT = 1u << 8,
	MAY_TUNNEL_ETHERNET = 1u << 9,
};

/* What the option port-forwarding and the certificate's permit-port-forwarding stand for. */
#define MAY_FORWARD_PORTS                                                                          \
	(MAY_OPEN_TCP | MAY_LISTEN_TCP | MAY_OPEN_STREAMLOCAL | MAY_LISTEN_STREAMLOCAL |           \
	    MAY_TUNNEL_POINT_TO_POINT | MAY_TUNNEL_ETHERNET)
#define MAY_FORWARD_ANYTHING (MAY_FORWARD_PORTS | MAY_FORWARD_AGENT | MAY_FORWARD_X11)
#define MAY_EVERYTHING       (MAY_FORWARD_ANYTHING | MAY_HAVE_PTY | MAY_RUN_USER_RC)

#define RESTRICTION_LISTS_LIMIT   8u           /* one per source that has one */
#define RESTRICTION_LIST_LIMIT    (64u * 1024) /* bytes of one list */
#define RESTRICTION_COMMAND_LIMIT (64u * 1024)
#define TUNNEL_UNIT_ANY           UINT32_MAX

/*
 * Lists of endpoints that must all agree: an endpoint is permitted when each list has an entry
 * for it. No list: everything is permitted. Entries are texts, each ended by a zero byte.
 */
struct endpoint_lists {
	struct buf lists[RESTRICTION_LISTS_LIMIT];
	unsigned count;
};

struct restrictions {
	uint32_t permitted; /* bits of enum permission */
	bool has_command;
	struct buf command; /* what runs, whatever was asked for */
	struct buf environment; /* NAME=value, each ended by a zero byte; a name's first value counts */
	struct endpoint_lists opens, listens;
	uint32_t tunnel_unit;
};

/* Nothing is restricted, and nothing is allocated. */
struct restrictions restrictions_none(void);
void restrictions_wipe(struct restrictions *restrictions); /* for AUTO */

/*
 * What both permit. Of two forced commands both must be the same.
 *
 * verdict   DENY: they contradict each other, nothing can be permitted; `set` permits nothing then
 * ERR_NO_MEMORY, ERR_LIMIT: `set` permits nothing then.
 */
enum err restrictions_narrow(struct restrictions *set, const struct restrictions *by,
    enum verdict *verdict);

/* Sets the command of a set that has none, or narrows it to this one. As restrictions_narrow. */
enum err restrictions_force_command(struct restrictions *set, struct slice command,
    enum verdict *verdict);

/* Appends an entry to the one list of a set that is being built from key options. */
enum err restrictions_add_endpoint(struct endpoint_lists *lists, struct slice entry);

/* Appends NAME=value unless the name is set already. */
enum err restrictions_add_environment(struct restrictions *set, struct slice assignment);

/*
 * "host:port", "[v6]:port", with "*" for any port, as in permitopen; a bare port (host: "*") only
 * if `takes_bare_port`, as in permitlisten. Port 0 stands for any.
 * ERR_MALFORMED.
 */
enum err endpoint_parse(struct slice entry, bool takes_bare_port, struct slice *host, uint16_t *port);

/* The next text of such a sequence of zero-ended texts; false at its end. */
bool text_next(struct slice *sequence, struct slice *text);
