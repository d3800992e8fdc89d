/* The listener's state, and who among its files does what with it. */
#pragma once

#include "config/resolve.h"
#include "privsep/ipc/channel.h"
#include "sshd/base/inheritance.h"
#include "sshd/base/loop.h"
#include "sshd/listener/admission.h"
#include "sshd/listener/children.h"
#include "sshd/listener/greeting.h"
#include "sshd/listener/host.h"
#include "sshd/listener/options.h"
#include "sshd/listener/penalties.h"
#include "sshd/listener/programs.h"
#include "sshd/listener/refusals.h"
#include "sshd/listener/settings.h"
#include "sshd/listener/signer.h"
#include "sshd/listener/sockets.h"
#include "sshd/listener/templates.h"

struct connection;

struct listener {
	const struct options *options;
	const char *title;             /* argv as it was given */
	struct inheritance inheritance;
	struct host host;
	struct programs programs;
	struct settings *settings;     /* in force */
	struct settings *candidate;    /* read, waiting for a signer that has its keys */
	int filter_fd;                 /* sealed: the seccomp program of sshd-net */
	int log_fd;                    /* of -E, -e, -d: what monitors get as 2; -1: the system's log */
	bool has_log;
	bool is_announced;             /* sshdctl finds us by our lock */
	bool is_ending;                /* is_single: a signal came, the connection is being ended */
	bool is_draining;              /* stopping: nobody is accepted, who is here is handed on */
	bool is_single;                /* -i, -d: one connection, then the end */

	struct loop loop;
	struct loop_source signals;
	struct children children;
	struct sockets sockets;
	struct greeting greeting;
	struct admission admission;
	struct penalties penalties;
	struct refusals refusals;
	struct signer *signer;         /* in force */
	struct signer *coming_signer;  /* has not told its keys yet */
	struct template_slot net, monitor;
	struct connection *connections; /* all that have a process or wait for one */
	uint64_t last_connection;
	struct loop_timer resume;       /* at the end of this turn */
	struct loop_timer accept_again; /* after descriptors ran out */
	struct loop_timer signer_again; /* after its death */
	struct loop_timer rollback;     /* of a configuration that nobody confirmed */
	struct loop_timer watchdog;
	struct loop_timer drain;        /* while stopping */
	uint64_t drain_until_ms;
	uint64_t watchdog_ms;

	char refusal[192];  /* why the last reload changed nothing; "": it did */
	bool is_serving;    /* sockets are bound, templates were ready once */
	struct inetd { int input, output; bool is_socket, has_begun; } inetd; /* -i */
	int detach_fd;      /* to the parent that waits until we serve; -1 */
	int exit_status;
	struct span datagram; /* room for one, for sending and receiving */
};

/* Everything before the loop; the error is logged. Then runs until it is told to stop. */
enum err listener_start(struct listener *listener);
int listener_run(struct listener *listener);

/* A template is ready: the first time both are, the service is up. */
void listener_template_ready(struct listener *listener);

/*
 * Connections that wait for a template go on at the end of this turn of the loop: not from
 * within the reading of a channel, since a template may be used up and freed by them.
 */
void listener_resume(struct listener *listener);

/* Something that the title counts has changed. */
void listener_show(const struct listener *listener);

/* The end of everything that cannot go on; is logged by the caller. */
void listener_fail(struct listener *listener);
