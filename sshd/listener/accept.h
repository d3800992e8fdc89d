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

/* May it come in (penalties, MaxStartups)? What may not is told so, logged and closed. */
bool accept_permits(struct listener *listener, struct accepted *accepted, bool is_spoken_to);
