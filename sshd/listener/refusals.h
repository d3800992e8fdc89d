/* Who is refused and why, told to the log at a rate that a flood cannot drive. */
#pragma once

#include "privsep/ipc/messages.h"
#include "sshd/listener/source.h"

struct listener;
struct accepted;

struct refusals {
	uint64_t minute_began_ms;
	unsigned logged, unlogged; /* in this minute */
	bool is_throttling;        /* MaxStartups refuses some */
	uint64_t throttling_since_ms;
	unsigned throttled;
};

/* Takes penalties and startups over from the settings in force. */
void refusals_configure(struct listener *listener);

/* The reason in OpenSSH's words; NULL: it may come in. */
const char *refusals_reason(struct listener *listener, const struct source *source,
    unsigned random_percent);

void refusals_log(struct listener *listener, const struct accepted *accepted, const char *reason);

/* What a connection's end does to its source. `address`: of the peer, as text. */
void refusals_penalise(struct listener *listener, const struct sockaddr *peer,
    enum connection_outcome outcome);
