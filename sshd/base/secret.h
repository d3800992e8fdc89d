/* Locked, undumped, wiped memory with one owner. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct secret;

/*
 * `len` zero bytes on pages of their own: memfd_secret where the kernel has it, else locked
 * and kept out of core dumps. A lock that the limits forbid is not an error.
 *
 * ERR_RANGE: len is 0 or past SECRET_LIMIT. ERR_NO_MEMORY.
 */
#define SECRET_LIMIT (1u << 20)
enum err secret_new(size_t len, struct secret **out);

/* Reads a whole file of at most `limit` bytes. ERR_SYSTEM, ERR_TOO_LONG, ERR_NO_MEMORY. */
enum err secret_read(int fd, size_t limit, struct secret **out);

/* Wipes and frees. The first suits AUTO. NULL is fine. */
void secret_release(struct secret **secret);
void secret_free(struct secret *secret);

/* The bytes themselves. Whatever copies them elsewhere must be wiped by who copied. */
struct span secret_expose(struct secret *secret);

/* Shortens the content; what is cut off is wiped. */
void secret_shorten(struct secret *secret, size_t len);
