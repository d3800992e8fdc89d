/* Names to addresses in a child: a resolver that hangs holds up nobody but who asked. */
#pragma once

#include <sys/types.h>

#include "privsep/user/addresses.h"
#include "sshd/base/loop.h"

struct resolving {
	struct loop_source source; /* the child's answer */
	pid_t child;               /* 0: none */
	uint8_t answer[ADDRESSES_ENCODED_LIMIT];
	size_t len;
	void (*done)(struct resolving *resolving, const struct addresses *addresses, const char *failure);
};

/*
 * Begins; `done` is called later, once, with addresses (at least one) or with what failed. It
 * may free `resolving`. ERR_SYSTEM.
 */
enum err resolve_begin(struct resolving *resolving, struct loop *loop, const char *name,
    void (*done)(struct resolving *, const struct addresses *, const char *));

/* Stops it; `done` is not called. Idempotent. */
void resolve_end(struct resolving *resolving, struct loop *loop);
