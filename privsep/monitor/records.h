/*
 * utmp, wtmp and lastlog: who sits at which terminal. Only as root, and where the files exist.
 * The listener is told, so that it can close what a monitor that dies leaves open.
 */
#pragma once

#include "sshd/auth/evidence/verdict.h"
#include "sshd/base/buf.h"

struct monitor;
struct session;

/* What lastlog knows of the account's last login, as a line; nothing where it knows none. */
enum err records_last_login(const struct monitor *m, struct buf *out);

/*
 * The terminal of a session is going to be used by its program, under the monitor's process id.
 * PERMIT: something was written down.
 */
enum verdict records_login(struct monitor *m, const struct session *session);

/* It is not any more. Once for each records_login that said PERMIT. */
void records_logout(struct monitor *m, const struct session *session);
