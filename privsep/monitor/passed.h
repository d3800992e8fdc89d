/*
 * Descriptors on their way from the user's process to net: what they are is read from them, and
 * only what net may hold goes on.
 */
#pragma once

#include "privsep/ipc/messages.h"
#include "privsep/monitor/peer.h"

/*
 * A connected stream socket of the family that the kind has, or a tun device; not blocking.
 * ERR_BREACH: it is something else.
 */
enum err passed_check(enum forward_kind kind, int fd);

/* Who is at the other end; "UNKNOWN" and 0 for a socket without an address. */
struct passed_peer {
	char address[ADDRESS_TEXT_SIZE];
	uint16_t port;
};
void passed_peer_of(int fd, struct passed_peer *peer);
