#include "sshd/connection/window.h"

#include <assert.h>

#define ADJUST_LEAST          (32u << 10) /* not worth a packet below this */
#define ROUND_TRIP_BELIEVABLE 1000u       /* ms; what took longer was somebody thinking */

enum err send_window_add(struct send_window *window, uint32_t bytes)
{
	if (bytes > UINT32_MAX - window->left)
		return ERR_RANGE;
	window->left += bytes;
	return ERR_OK;
}

size_t send_window_fit(const struct send_window *window, size_t len)
{
	return len < window->left ? len : window->left;
}

void send_window_take(struct send_window *window, size_t len)
{
	assert(len <= window->left);
	window->left -= (uint32_t)len;
}

void window_path_measured(struct window_path *path, uint64_t elapsed_ms)
{
	if (elapsed_ms == 0 || elapsed_ms > ROUND_TRIP_BELIEVABLE)
		return;
	if (path->round_trip_ms == 0 || elapsed_ms < path->round_trip_ms)
		path->round_trip_ms = (uint32_t)elapsed_ms;
}

static uint32_t spare_take(struct window_path *path, uint32_t wanted)
{
	uint32_t taken = wanted < path->spare_bytes ? wanted : (uint32_t)path->spare_bytes;

	path->spare_bytes -= taken;
	return taken;
}

struct receive_window receive_window_open(struct window_path *path, uint32_t wanted, uint32_t least)
{
	uint32_t size = least + (wanted > least ? spare_take(path, wanted - least) : 0);

	return (struct receive_window){.size = size, .left = size};
}

void receive_window_close(struct receive_window *window, struct window_path *path, uint32_t least)
{
	if (window->size > least)
		path->spare_bytes += window->size - least;
	*window = (struct receive_window){0};
}

enum err receive_window_take(struct receive_window *window, size_t len)
{
	if (len > window->left)
		return ERR_LIMIT;
	window->left -= (uint32_t)len;
	return ERR_OK;
}

static void grow(struct receive_window *window, struct window_path *path, uint32_t limit)
{
	uint32_t room = window->size < limit ? limit - window->size : 0;
	uint32_t more = spare_take(path, room < window->size ? room : window->size);

	window->size += more;
	window->consumed += more;
}

void receive_window_consume(struct receive_window *window, struct window_path *path, size_t len,
    uint32_t limit, uint64_t now_ms)
{
	assert(len <= window->size - window->left - window->consumed);
	window->consumed += (uint32_t)len;
	if (window->round == 0)
		window->round_ms = now_ms;
	/* A window is a few packets at least, so the sum cannot come near 2^32. */
	window->round += (uint32_t)len;
	if (window->round < window->size)
		return;
	if (now_ms - window->round_ms < 2 * (uint64_t)path->round_trip_ms)
		grow(window, path, limit);
	window->round = 0;
}

uint32_t receive_window_return(struct receive_window *window)
{
	uint32_t due = window->size / 8 > ADJUST_LEAST ? window->size / 8 : ADJUST_LEAST;
	uint32_t bytes = window->consumed;

	if (due > window->size / 2)
		due = window->size / 2;
	if (bytes == 0 || bytes < due)
		return 0;
	window->consumed = 0;
	window->left += bytes;
	return bytes;
}
