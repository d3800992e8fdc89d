/* From "every factor was earned" to an open connection. */
#pragma once

#include "config/policy.h"
#include "privsep/monitor/attempt.h"

struct monitor;

/* RefuseConnection, and then the rules about accounts. A DENY is in the log and final. */
enum verdict login_may_connect(struct monitor *m);
enum verdict login_may_begin(struct monitor *m);

/* What the configuration says of this user's request; `text` and `number` as policy.h has them. */
enum verdict login_permits(const struct monitor *m, enum policy_ask ask, const char *text,
    unsigned number);

enum login_answer { LOGIN_REFUSED, LOGIN_MUST_CHANGE, LOGIN_PERMITTED };

/*
 * The account phase, in ACCT: may this account log in by this last factor? A refusal is in the
 * log. ERR_UNEXPECTED: a module tried to make another user of it.
 */
enum err login_weigh(struct monitor *m, const struct factor *last, enum login_answer *answer);

/*
 * The password has expired: begins its change in the way that this method's clients know, or in
 * the conversation that goes on. Finishes the attempt, or leaves it to the client's next request.
 */
enum err login_change(struct monitor *m, struct attempt *attempt);

/* It was changed: the account phase once more, and the end of the attempt. */
enum err login_changed(struct monitor *m, struct attempt *attempt);

/* In answer_password.c: the request for a new password. */
enum err password_ask_change(struct monitor *m);

/*
 * Opens the session where there is PAM, tells the listener and net; the connection is open. A
 * session that cannot be opened ends the connection.
 */
enum err login_open(struct monitor *m);
