/* From "every factor was earned" to an open connection. */
#pragma once

#include "config/policy.h"
#include "sshd/auth/evidence/required.h"

struct monitor;

/* RefuseConnection, and then the rules about accounts. A DENY is in the log and final. */
enum verdict login_may_connect(struct monitor *m);
enum verdict login_may_begin(struct monitor *m);

/* What the configuration says of this user's request; `text` and `number` as policy.h has them. */
enum verdict login_permits(const struct monitor *m, enum policy_ask ask, const char *text,
    unsigned number);

/*
 * The account phase, in ACCT: may this account log in by this last factor, and with which
 * restrictions? DENY is final for the connection; why is in the log.
 */
enum verdict login_weigh(struct monitor *m, const struct factor *last);

/* Tells the listener and net; the connection is open. */
enum err login_open(struct monitor *m);
