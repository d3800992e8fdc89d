/*
 * A connection as the listener sees it: two processes that start one after the other, a channel
 * that says how it goes, and a deadline until somebody has logged in.
 */
#pragma once

#include <sys/socket.h>

#include "privsep/ipc/channel.h"
#include "sshd/base/loop.h"
#include "sshd/listener/children.h"

struct listener;

struct connection_start {
	int input, output; /* the same socket twice, or two pipes; the connection's from here on */
	bool is_socket;
	bool version_is_sent; /* by the nursery */
	unsigned listening;
	struct sockaddr_storage peer;
};

/* A line of utmp that the monitor opened and did not close yet. */
#define CONNECTION_RECORDS_LIMIT 32u

struct connection_record {
	char line[33];
	pid_t pid; /* 0: free */
};

enum connection_state {
	CONNECTION_WAITS_SIGNER,
	CONNECTION_WAITS_NET,      /* for a template that is ready */
	CONNECTION_STARTS_NET,     /* the template was told */
	CONNECTION_WAITS_MONITOR,
	CONNECTION_STARTS_MONITOR,
	CONNECTION_RUNS,
	CONNECTION_ENDS,           /* the monitor is gone, net may not be yet */
};

struct connection {
	uint64_t id;
	struct listener *listener;
	struct connection *next, *previous;
	enum connection_state state;
	struct connection_start start;
	struct sockaddr_storage local;
	int net_channel;    /* net's end until it is sent, then -1 */
	int monitor_channel, signer_channel, status_channel; /* the monitor's ends, until sent */
	int net_pidfd;      /* until it is sent to the monitor */
	uint32_t net_uid;   /* its own, where NetUidRange gives one */
	struct child net, monitor;
	struct ipc_channel status;
	struct loop_source status_source;
	struct loop_timer deadline;
	enum connection_outcome outcome;
	struct connection_record *records; /* NULL until there is one */
	bool is_admitted;      /* counts as a startup */
	bool is_authenticated;
	bool is_late;          /* killed at the deadline */
	bool has_crashed;
};

/* Takes the descriptors over and asks for the first process. */
void connection_begin(struct listener *listener, const struct connection_start *start);

/* A template or a signer is ready: those who wait for it go on. */
void connections_resume(struct listener *listener);

/* The process of a START was made (pidfd is taken over), or could not be. */
void connection_net_started(struct connection *connection, pid_t pid, int pidfd);
void connection_monitor_started(struct connection *connection, pid_t pid, int pidfd);
void connection_failed(struct connection *connection, const char *reason);

/* True while a process of some connection has this uid of NetUidRange. */
bool connections_use_uid(const struct listener *listener, uint32_t uid);

/* NULL: it is gone meanwhile. */
struct connection *connection_find(const struct listener *listener, uint64_t id);

/* -i and -d: SIGTERM asks the monitor to end everything, SIGKILL is for what is left. */
void connections_end(struct listener *listener, int signal_number);

/* OpenSSH's line for a connection that came too late to log in. */
void connection_log_timeout(const struct sockaddr *peer, const struct sockaddr *local, pid_t pid);
