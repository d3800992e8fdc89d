/*
 * The nursery's guests: our identification string is sent at accept, and the first bytes that
 * come are looked at, not read. Only "SSH-" costs a process.
 */
#pragma once

#include "sshd/base/loop.h"
#include "sshd/listener/accept.h"
#include "sshd/listener/nursery.h"

struct guest {
	struct loop_source source; /* fd -1: the place is free */
	struct listener *listener;
	struct accepted accepted;
	uint64_t since_ms;
};

struct greeting {
	struct nursery nursery;
	struct guest *guests; /* by place */
	struct loop_timer late;
};

enum err greeting_init(struct listener *listener);
void greeting_wipe(struct listener *listener);

/* Takes the connection over. */
void greeting_take(struct listener *listener, struct accepted *accepted);
