/* One request of the client, weighed: its result is counted, logged and answered here alone. */
#pragma once

#include "privsep/ipc/messages.h"
#include "sshd/auth/evidence/attempts.h"
#include "sshd/base/loop.h"

struct monitor;

struct attempt {
	enum auth_method method;
	enum auth_device device;
	enum attempt_result result;
	bool is_query;      /* asked whether a key would do */
	struct slice info;  /* for the log: type and fingerprint of the key */
	struct slice blob;  /* of the key; empty: there is none */
	uint64_t wanted_ms; /* a delay that something asks for */
};

/* Answers net: at once, or when the grid of times says so. `attempt` may be gone then. */
enum err attempt_finish(struct monitor *m, const struct attempt *attempt);

/*
 * The credential of this attempt is right: sets the result by what is still missing and by
 * whether the account may be used, and finishes.
 */
enum err attempt_earned(struct monitor *m, struct attempt *attempt);

/* NET_RESULT with what can continue, at once. For the success of a login and for this file. */
enum err attempt_answer(struct monitor *m, enum attempt_outcome outcome);

void on_refusal_due(struct loop_timer *timer, uint64_t now_ms);
