/*
 * Flow control in both directions (RFC 4254 section 5.2). All counts are of 32 bits and none
 * can wrap. Our windows grow with the path: see receive_window_consume.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* ------------------------------------------------------- what the peer lets us send */

struct send_window {
	uint32_t left;
};

/* ERR_RANGE: the window would pass 2^32-1; nothing is added. */
enum err send_window_add(struct send_window *window, uint32_t bytes);

/* How much of `len` fits. */
size_t send_window_fit(const struct send_window *window, size_t len);

/* `len` fits. */
void send_window_take(struct send_window *window, size_t len);

/* ----------------------------------------------------- what we let the peer send */

/* What is known of the way to the peer, and what its windows may still grow by. */
struct window_path {
	uint32_t round_trip_ms; /* the shortest seen; 0: not known */
	size_t spare_bytes;     /* of the budget */
};

/* A round trip took this long: from our message to what the peer can only have sent after it. */
void window_path_measured(struct window_path *path, uint64_t elapsed_ms);

struct receive_window {
	uint32_t size;     /* of the whole window: left + received but not returned */
	uint32_t left;     /* the peer may still send */
	uint32_t consumed; /* to be returned with the next adjustment */
	uint32_t round;    /* consumed since round_ms, towards a whole window */
	uint64_t round_ms; /* when the count began */
};

/*
 * A window of `wanted` bytes, or of what the budget still gives, but never less than `least`,
 * which is not taken off the budget.
 */
struct receive_window receive_window_open(
    struct window_path *path, uint32_t wanted, uint32_t least);

/* Gives back to the budget what the window had of it. */
void receive_window_close(struct receive_window *window, struct window_path *path, uint32_t least);

/* The peer sent `len` bytes. ERR_LIMIT: more than it was allowed; nothing is taken. */
enum err receive_window_take(struct receive_window *window, size_t len);

/*
 * `len` received bytes have gone to where they belong. When a whole window was consumed within
 * less than two round trips, the window and not the reader is what holds the peer back: it is
 * doubled as far as the budget and `limit` go.
 */
void receive_window_consume(struct receive_window *window, struct window_path *path, size_t len,
    uint32_t limit, uint64_t now_ms);

/*
 * The adjustment that is due, 0 for none: an eighth of the window is enough to send one, so that
 * a peer far away never waits for it.
 */
uint32_t receive_window_return(struct receive_window *window);
