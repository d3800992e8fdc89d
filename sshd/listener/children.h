/*
 * Our children by process id, and what becomes of each. Only we reap them, so that a pid in
 * this table never names somebody else's process: until its end was told, kill is safe.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sshd/base/err.h"

struct child_end {
	pid_t pid;
	bool is_known;  /* false: it was reaped before we knew whose it was */
	bool by_signal;
	int number;     /* of the signal, or the exit status */
};

/* Embedded by its owner. */
struct child {
	pid_t pid; /* 0: there is none, or it has ended */
	void (*ended)(struct child *child, struct child_end end);
	struct child *next;
};

#define CHILD_BUCKETS 1024u
#define ORPHAN_LIMIT  64u

struct orphan {
	pid_t pid;
	struct child_end end;
};

struct children {
	struct child *buckets[CHILD_BUCKETS];
	struct orphan orphans[ORPHAN_LIMIT]; /* reaped and not known, the newest of them */
	unsigned next_orphan;
};

/*
 * Watches `pid`. A sibling that a template forked may have died before we hear of it: then
 * `ended` is called from here.
 *
 * pidfd   names the process, -1: our own fork, which cannot have been reaped yet
 */
void children_watch(struct children *children, struct child *child, pid_t pid, int pidfd);

/* Forgets a child whose end interests nobody any more. */
void children_forget(struct children *children, struct child *child);

/* Reaps whoever has died, ours and, as the init of a container, what was reparented to us. */
void children_reap(struct children *children);

/* A signal for a living child; nothing when it has ended. */
void child_kill(const struct child *child, int signal_number);

/* What ended with an exit status other than 0, or by any signal but our own SIGKILL. */
bool child_end_is_crash(struct child_end end);
