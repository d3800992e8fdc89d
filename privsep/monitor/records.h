/*
 * utmp, wtmp and lastlog: who sits at which terminal. Only as root, and where the files exist.
 * The listener is told, so that it can close what a monitor that dies leaves open.
 */
#pragma once

#include "sshd/auth/evidence/verdict.h"

struct monitor;
struct session;

/* The terminal of a session is in use by its program. PERMIT: something was written down. */
enum verdict records_login(struct monitor *m, const struct session *session);

/* It is not any more. Once for each records_login that said PERMIT. */
void records_logout(struct monitor *m, const struct session *session);
