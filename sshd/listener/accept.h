/* From a listening socket into the nursery: what every stranger gets to before a process is spent. */
#pragma once

#include <sys/socket.h>

#include "sshd/listener/source.h"

struct listener;
struct listening;

/* A stranger's connection. */
struct accepted {
	int fd;
	unsigned listening; /* which socket, counted from 0 */
	struct sockaddr_storage peer;
};

/* Takes what waits there, up to a number per turn. */
void accept_all(struct listener *listener, struct listening *listening);

/*
 * False, logged and closed: it came with IP options, by which a sender may name a route for the
 * answers and so use an address that is not its own.
 */
bool accept_is_direct(struct accepted *accepted);

/* May it come in (penalties, MaxStartups)? What may not is told so, logged and closed. */
bool accept_permits(struct listener *listener, struct accepted *accepted, bool is_spoken_to);
