/* Random bytes from the kernel. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* Fills `room` with getrandom, for keys, cookies and nonces. Never weak bytes: ERR_SYSTEM. */
enum err random_fill(struct span room);

/*
 * A pool for packet padding: one getrandom serves many packets. Each byte is handed out once.
 * Drawn after a fork only: a copy made before its first use is empty.
 */
struct random_pool {
	uint8_t bytes[256];
	size_t used; /* from the front; all of it when nothing is left */
	bool is_filled;
};

enum err random_pool_take(struct random_pool *pool, struct span room);
