#include "sshd/crypto/random.h"

#include <errno.h>
#include <sys/random.h>

#include "sshd/base/auto.h"

enum err random_fill(struct span room)
{
	size_t filled = 0;

	while (filled < room.len) {
		ssize_t n = getrandom(room.ptr + filled, room.len - filled, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_SYSTEM;
		filled += (size_t)n;
	}
	return ERR_OK;
}

static enum err pool_refill(struct random_pool *pool)
{
	pool->is_filled = false;
	TRY(random_fill((struct span){pool->bytes, sizeof(pool->bytes)}));
	pool->used = 0;
	pool->is_filled = true;
	return ERR_OK;
}

enum err random_pool_take(struct random_pool *pool, struct span room)
{
	size_t taken = 0;

	while (taken < room.len) {
		size_t part = room.len - taken;

		if (!pool->is_filled || pool->used == sizeof(pool->bytes))
			TRY(pool_refill(pool));
		if (part > sizeof(pool->bytes) - pool->used)
			part = sizeof(pool->bytes) - pool->used;
		memcpy(room.ptr + taken, pool->bytes + pool->used, part);
		memset(pool->bytes + pool->used, 0, part);
		pool->used += part;
		taken += part;
	}
	return ERR_OK;
}
