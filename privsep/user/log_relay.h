/*
 * The way of internal-sftp's events to the log: a datagram each to sshd-user, which passes them to
 * the monitor. It holds behind a chroot, and the lines are the monitor's like all others.
 */
#pragma once

#include "sshd/base/log.h"
#include "sshd/base/loop.h"

#define RELAYED_LINE_LIMIT 1500u

/* Our end, in sshd-user. */
struct log_relay {
	struct loop *loop;
	struct loop_source source; /* fd -1: there is none */
	/* Passes a line on. After an error no more are taken. */
	enum err (*take)(struct log_relay *relay, uint8_t level, struct slice text);
};

/* Watches a new end of ours; `theirs` is for the child. `loop` and `take` are set already. */
enum err log_relay_open(struct log_relay *relay, int *theirs);

/* Takes what has come and closes. Idempotent. */
void log_relay_close(struct log_relay *relay);

/* In the child: one event over `fd`. Never fails: what cannot be sent is lost. */
void log_relay_tell(int fd, enum event event, const struct log_field *fields, size_t count);
