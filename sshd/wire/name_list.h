/* RFC 4251 section 5, name-list: names separated by commas. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/*
 * Checks a name-list as it came from a peer.
 *
 * ERR_MALFORMED: an empty name, a trailing comma, bytes outside printable US-ASCII.
 * ERR_TOO_LONG: a name past 255 bytes. (RFC 4251 section 6 says 64; clients send longer ones.)
 */
enum err name_list_check(struct slice list);

/*
 * The same, but empty names pass, which are equal to none of ours: for lists of clients that write
 * them. libssh ends its list of ciphers with a comma (seen with 0.10.6).
 */
enum err name_list_check_names(struct slice list);

/* Takes the first name off the list. False at its end. */
bool name_list_next(struct slice *list, struct slice *name);

bool name_list_contains(struct slice list, struct slice name);
bool name_list_contains_text(struct slice list, const char *name);

/* The first name of `preferred` that `other` contains. False: none in common. */
bool name_list_first_common(struct slice preferred, struct slice other, struct slice *name);
