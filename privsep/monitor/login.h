/* From "every factor was earned" to an open connection. */
#pragma once

#include "sshd/auth/evidence/required.h"

struct monitor;

/* Before anything is asked for: the rules about accounts. DENY is in the log and final. */
enum verdict login_may_begin(struct monitor *m);

/*
 * The account phase, in ACCT: may this account log in by this last method, and with which
 * restrictions? DENY is final for the connection; why is in the log.
 */
enum verdict login_weigh(struct monitor *m, enum auth_method last);

/* Tells the listener and net; the connection is open. */
enum err login_open(struct monitor *m);
