/* utmp and wtmp lines that a monitor left open: it died, and its terminals are nobody's any more. */
#pragma once

#include "privsep/ipc/messages.h"

struct connection;

/* Notes what the monitor opened or closed. One line too many is not noted. */
void records_note(struct connection *connection, const struct msg_record *record);

/* Closes what is open and forgets it. */
void records_close(struct connection *connection);
