/* The entries of an open directory, one after the other, read in large pieces. */
#pragma once

#include <sys/types.h>

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define SFTP_LISTING_ROOM 32768u /* bytes of entries asked of the kernel at once */

struct sftp_listing;

/* ERR_NO_MEMORY. */
enum err sftp_listing_new(struct sftp_listing **listing);

/* NULL is fine. */
void sftp_listing_free(struct sftp_listing *listing);

/*
 * The name of the next entry without going past it; valid until sftp_listing_advance.
 *
 * ERR_NOT_FOUND: there are no more. ERR_SYSTEM: errno.
 */
enum err sftp_listing_peek(struct sftp_listing *listing, int fd, const char **name);
void sftp_listing_advance(struct sftp_listing *listing);

/* The next peek asks the kernel; false: it is answered from what was read. */
bool sftp_listing_is_drained(const struct sftp_listing *listing);
