/* Terminals: a master from the kernel, its size, and the encoded modes of RFC 4254 section 8. */
#pragma once

#include <termios.h>

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct terminal_size {
	uint32_t columns, rows, width_pixels, height_pixels;
};

#define TERMINAL_NAME_LIMIT 32u

/*
 * A new master from the `ptmx` of the directory `dev`, opened before any chroot. Its slave
 * belongs to whoever calls. ERR_SYSTEM.
 */
enum err terminal_open(int dev, const struct terminal_size *size, struct slice modes, int *master);

/* "/dev/pts/N", as the kernel numbers it. */
enum err terminal_name(int master, char name[static TERMINAL_NAME_LIMIT]);

enum err terminal_resize(int master, const struct terminal_size *size);

/*
 * In the child that becomes the session's leader: a new session with the slave as controlling
 * terminal and standard input, output and error.
 */
enum err terminal_enter(int master);

/*
 * Applies encoded modes to `settings` (pure). Unknown opcodes below 160 are passed over; from
 * 160 up the rest is, as RFC 4254 says.
 *
 * ERR_TRUNCATED: an argument is missing. What stood before it is applied.
 */
enum err terminal_modes_apply(struct slice modes, struct termios *settings);
