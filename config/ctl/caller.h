/* Who runs sshdctl, and by which way he came in: whom a new configuration must not lock out. */
#pragma once

#include <stdbool.h>

#include "config/arena.h"
#include "sshd/base/err.h"

#define CALLER_ACCOUNTS_LIMIT 256u

struct caller {
	bool is_remote;                                 /* came by SSH, or at least seems so */
	const char *accounts[CALLER_ACCOUNTS_LIMIT];    /* at a console: all of sudo and wheel */
	size_t count;
	const char *address, *local_address;            /* NULL: not known */
	uint16_t local_port;
	struct arena arena;
};

/*
 * The login is /proc/self/loginuid's, else SUDO_UID's, else that of the process that the
 * connection began with. The connection is SSH_CONNECTION of this process, or, since sudo takes
 * it away, of one that it descends from. ERR_NO_MEMORY.
 */
enum err caller_find(struct caller *caller);
void caller_wipe(struct caller *caller); /* for AUTO */
