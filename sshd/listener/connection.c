#include "sshd/listener/connection.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/listener/listener.h"
#include "sshd/listener/records.h"

/* The monitor's own deadline comes first; ours is for a monitor that does not keep it. */
#define DEADLINE_SLACK_MS 2000u

/* ------------------------------------------------------------------- log */

/* Both ends as text, for the length of one log line. */
struct ends {
	char address[ADDRESS_TEXT_SIZE], port[8];
	char local_address[ADDRESS_TEXT_SIZE], local_port[8];
};

static struct ends ends_of(const struct sockaddr *peer, const struct sockaddr *local)
{
	struct ends ends;

	address_format(peer, ends.address, ends.port);
	address_format(local, ends.local_address, ends.local_port);
	return ends;
}

static const struct sockaddr *peer_of(const struct connection *connection)
{
	return (const struct sockaddr *)&connection->start.peer;
}

static const struct sockaddr *local_of(const struct connection *connection)
{
	return (const struct sockaddr *)&connection->local;
}

static void log_failure(const struct connection *connection, const char *reason)
{
	struct ends ends = ends_of(peer_of(connection), local_of(connection));

	LOG(START_FAILED, T("ADDRESS", ends.address), T("PORT", ends.port), T("REASON", reason));
}

static void log_crash(const struct connection *connection, const char *program, pid_t pid, int signal_number)
{
	struct ends ends = ends_of(peer_of(connection), local_of(connection));
	char pid_text[16], signal_text[16];

	snprintf(pid_text, sizeof(pid_text), "%ld", (long)pid);
	snprintf(signal_text, sizeof(signal_text), "%d", signal_number);
	LOG(PROCESS_CRASHED, T("PROGRAM", program), T("PID", pid_text), T("ADDRESS", ends.address),
	    T("PORT", ends.port), T("SIGNAL", signal_text));
}

void connection_log_timeout(const struct sockaddr *peer, const struct sockaddr *local, pid_t pid)
{
	struct ends ends = ends_of(peer, local);
	char pid_text[16];

	snprintf(pid_text, sizeof(pid_text), "%ld", (long)pid);
	LOG(GRACE_TIMEOUT, T("ADDRESS", ends.address), T("LOCAL_ADDRESS", ends.local_address),
	    T("PID", pid_text));
}

/* ------------------------------------------------------------------- end */

static void close_descriptors(struct connection *connection)
{
	if (connection->start.output != connection->start.input)
		fd_release(&connection->start.output);
	fd_release(&connection->start.input);
	connection->start.output = -1;
	fd_release(&connection->net_channel);
	fd_release(&connection->monitor_channel);
	fd_release(&connection->signer_channel);
	fd_release(&connection->status_channel);
	fd_release(&connection->net_pidfd);
}

static void leave_startups(struct connection *connection)
{
	struct listener *listener = connection->listener;

	loop_timer_cancel(&listener->loop, &connection->deadline);
	if (!connection->is_admitted)
		return;
	connection->is_admitted = false;
	admission_end(&listener->admission, connection->id);
	listener_show(listener);
}

static void close_status(struct connection *connection)
{
	loop_remove(&connection->listener->loop, &connection->status_source);
	fd_release(&connection->status.fd);
}

static enum connection_outcome outcome_of(const struct connection *connection)
{
	if (connection->has_crashed)
		return OUTCOME_CRASHED;
	if (connection->is_authenticated)
		return OUTCOME_AUTHENTICATED;
	if (connection->is_late)
		return OUTCOME_GRACE_EXCEEDED;
	return connection->outcome != OUTCOME_NONE ? connection->outcome : OUTCOME_NO_AUTHENTICATION;
}

static void connection_free(struct connection *connection)
{
	struct listener *listener = connection->listener;

	leave_startups(connection);
	refusals_penalise(listener, peer_of(connection), outcome_of(connection));
	if (listener->is_single) {
		bool is_good = connection->is_authenticated && !connection->has_crashed && !listener->is_ending;

		listener->exit_status = is_good ? 0 : 255;
		loop_stop(&listener->loop);
	}
	close_status(connection);
	close_descriptors(connection);
	*(connection->previous != NULL ? &connection->previous->next : &listener->connections) =
	    connection->next;
	if (connection->next != NULL)
		connection->next->previous = connection->previous;
	free(connection);
}

/* Frees it once neither process is left. */
static void settle(struct connection *connection)
{
	if (connection->net.pid == 0 && connection->monitor.pid == 0)
		connection_free(connection);
}

/* Ends what runs; the table of children tells when it is over. */
static void kill_processes(struct connection *connection)
{
	child_kill(&connection->net, SIGKILL);
	child_kill(&connection->monitor, SIGKILL);
}

void connection_failed(struct connection *connection, const char *reason)
{
	log_failure(connection, reason);
	connection->state = CONNECTION_ENDS;
	close_descriptors(connection);
	kill_processes(connection);
	settle(connection);
}

/* A layout that was crashed once is not offered again; the monitor says so when it was told so. */
static void on_crash(struct connection *connection)
{
	if (connection->has_crashed)
		return;
	connection->has_crashed = true;
	templates_renew_at_once(connection->listener);
}

static void report_crash(struct connection *connection, enum program program, struct child_end end)
{
	log_crash(connection, program_name(program), end.pid, end.number);
	on_crash(connection);
}

/* ---------------------------------------------------------------- status */

static void on_authenticated(struct connection *connection)
{
	connection->is_authenticated = true;
	leave_startups(connection);
}

static enum err take_status(struct connection *connection, const struct ipc_message *message)
{
	struct msg_outcome outcome;

	if (message->type == MSG_AUTHENTICATED) {
		on_authenticated(connection);
		return ERR_OK;
	}
	if (message->type == MSG_RECORD) {
		struct msg_record record;

		TRY(msg_record_parse(message->body, &record));
		records_note(connection, &record);
		return ERR_OK;
	}
	if (message->type != MSG_OUTCOME)
		return ERR_BREACH;
	TRY(msg_outcome_parse(message->body, &outcome));
	connection->outcome = outcome.outcome;
	if (outcome.outcome == OUTCOME_CRASHED)
		on_crash(connection);
	return ERR_OK;
}

/* Everything that waits there. False: the channel is done. */
static bool drain_status(struct connection *connection)
{
	for (;;) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};
		enum err err = ipc_receive(&connection->status, STATE_READY, connection->listener->datagram,
		    false, &message);

		if (err == ERR_AGAIN)
			return true;
		if (err != ERR_OK || take_status(connection, &message) != ERR_OK)
			return false;
	}
}

static void on_status(struct loop_source *source, uint32_t events)
{
	struct connection *connection = CONTAINER_OF(source, struct connection, status_source);

	(void)events;
	if (connection->status.fd >= 0 && !drain_status(connection))
		close_status(connection);
}

/* --------------------------------------------------------------- processes */

static void on_net_ended(struct child *child, struct child_end end)
{
	struct connection *connection = CONTAINER_OF(child, struct connection, net);

	if (end.by_signal && child_end_is_crash(end))
		report_crash(connection, THE_NET, end);
	if (connection->state < CONNECTION_RUNS) {
		connection_failed(connection, "its network process ended");
		return;
	}
	settle(connection);
}

static void on_monitor_ended(struct child *child, struct child_end end)
{
	struct connection *connection = CONTAINER_OF(child, struct connection, monitor);

	/* What it said last may still wait there. */
	if (connection->status.fd >= 0)
		(void)drain_status(connection);
	if (end.by_signal && child_end_is_crash(end))
		report_crash(connection, THE_MONITOR, end);
	if (connection->outcome == OUTCOME_GRACE_EXCEEDED && !connection->is_authenticated)
		connection->is_late = true;
	records_close(connection);
	connection->state = CONNECTION_ENDS;
	leave_startups(connection);
	/* It takes net along; this is for one that could not. */
	child_kill(&connection->net, SIGKILL);
	settle(connection);
}

static void on_deadline(struct loop_timer *timer, uint64_t now_ms)
{
	struct connection *connection = CONTAINER_OF(timer, struct connection, deadline);

	(void)now_ms;
	connection->is_late = true;
	connection_log_timeout(peer_of(connection), local_of(connection), connection->monitor.pid);
	if (connection->state < CONNECTION_RUNS) {
		connection_failed(connection, "no process in time");
		return;
	}
	kill_processes(connection);
}

/* ----------------------------------------------------------------- start */

static enum err reach_signer(struct connection *connection)
{
	struct signer *signer = connection->listener->signer;
	int to_signer[2];
	enum err err;

	if (signer == NULL)
		return ERR_AGAIN;
	TRY(ipc_pair(to_signer));
	connection->signer_channel = to_signer[0];
	err = signer_take_channel(signer, connection->id, to_signer[1]);
	if (err != ERR_CLOSED)
		return err;
	/* It has just died, which we are about to hear; another will come. */
	fd_release(&connection->signer_channel);
	return ERR_AGAIN;
}

static enum err make_channels(struct connection *connection)
{
	int between[2], status[2];

	TRY(ipc_pair(between));
	connection->net_channel = between[0];
	connection->monitor_channel = between[1];
	TRY(ipc_pair(status));
	connection->status_channel = status[0];
	connection->status = ipc_channel_over(status[1], &listener_messages, DOWN, false);
	connection->status_source = (struct loop_source){.fd = status[1], .ready = on_status};
	return loop_add(&connection->listener->loop, &connection->status_source, EPOLLIN);
}

static void go_on(struct connection *connection)
{
	struct listener *listener = connection->listener;
	enum err err = ERR_OK;

	if (connection->state == CONNECTION_WAITS_SIGNER) {
		err = reach_signer(connection);
		if (err == ERR_OK)
			connection->state = CONNECTION_WAITS_NET;
	}
	if (err == ERR_OK && connection->state == CONNECTION_WAITS_NET) {
		err = templates_start_net(listener, connection);
		if (err == ERR_OK && connection->state == CONNECTION_WAITS_NET)
			connection->state = CONNECTION_STARTS_NET;
	}
	if (err == ERR_OK && connection->state == CONNECTION_WAITS_MONITOR) {
		err = templates_start_monitor(listener, connection);
		if (err == ERR_OK && connection->state == CONNECTION_WAITS_MONITOR)
			connection->state = CONNECTION_STARTS_MONITOR;
	}
	if (err != ERR_OK && err != ERR_AGAIN)
		connection_failed(connection, err_text(err));
}

bool connections_use_uid(const struct listener *listener, uint32_t uid)
{
	for (const struct connection *at = listener->connections; at != NULL; at = at->next)
		if (at->net_uid == uid)
			return true;
	return false;
}

void connections_resume(struct listener *listener)
{
	struct connection *next;

	for (struct connection *at = listener->connections; at != NULL; at = next) {
		next = at->next;
		if (at->state == CONNECTION_WAITS_SIGNER || at->state == CONNECTION_WAITS_NET ||
		    at->state == CONNECTION_WAITS_MONITOR)
			go_on(at);
	}
}

void connection_net_started(struct connection *connection, pid_t pid, int pidfd)
{
	fd_release(&connection->net_channel);
	connection->net_pidfd = pidfd;
	connection->state = CONNECTION_WAITS_MONITOR;
	children_watch(&connection->listener->children, &connection->net, pid, pidfd);
	/* `ended` may have been called and have freed it; then nobody is found. */
}

void connection_monitor_started(struct connection *connection, pid_t pid, int pidfd)
{
	AUTO(fd_release) int named = pidfd;

	connection->state = CONNECTION_RUNS;
	close_descriptors(connection); /* all of them are the processes' now */
	children_watch(&connection->listener->children, &connection->monitor, pid, named);
}

struct connection *connection_find(const struct listener *listener, uint64_t id)
{
	struct connection *at = listener->connections;

	while (at != NULL && at->id != id)
		at = at->next;
	return at;
}

static void arm_deadline(struct connection *connection)
{
	struct listener *listener = connection->listener;
	uint64_t grace_ms = (uint64_t)listener->settings->conf->login_grace_s * 1000;

	connection->deadline.fired = on_deadline;
	if (grace_ms > 0)
		loop_timer_set(&listener->loop, &connection->deadline,
		    listener->loop.now_ms + grace_ms + DEADLINE_SLACK_MS);
}

static enum err admit(struct connection *connection)
{
	struct listener *listener = connection->listener;
	const struct conf_net_block *block = &listener->settings->conf->per_source_net_block;
	struct source source = source_of(peer_of(connection), block->ipv4_bits, block->ipv6_bits);

	TRY(admission_begin(&listener->admission, connection->id, &source));
	connection->is_admitted = true;
	listener_show(listener);
	return ERR_OK;
}

static void close_start(const struct connection_start *start)
{
	fd_close(start->input);
	if (start->output != start->input)
		fd_close(start->output);
}

void connection_begin(struct listener *listener, const struct connection_start *start)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	socklen_t len = sizeof(connection->local);
	enum err err;

	if (connection == NULL) {
		close_start(start);
		return;
	}
	*connection = (struct connection){.id = ++listener->last_connection, .listener = listener,
	    .start = *start, .next = listener->connections, .net_channel = -1, .monitor_channel = -1,
	    .signer_channel = -1, .status_channel = -1, .net_pidfd = -1, .status = {.fd = -1},
	    .status_source = {.fd = -1}, .net = {.ended = on_net_ended}, .monitor = {.ended = on_monitor_ended}};
	if (connection->next != NULL)
		connection->next->previous = connection;
	listener->connections = connection;
	(void)getsockname(start->input, (struct sockaddr *)&connection->local, &len);
	arm_deadline(connection);
	err = admit(connection);
	if (err == ERR_OK)
		err = make_channels(connection);
	if (err != ERR_OK)
		connection_failed(connection, err_text(err));
	else
		go_on(connection);
}

void connections_end(struct listener *listener, int signal_number)
{
	for (struct connection *at = listener->connections; at != NULL; at = at->next) {
		child_kill(&at->monitor, signal_number);
		if (at->monitor.pid == 0 || signal_number == SIGKILL)
			child_kill(&at->net, SIGKILL);
	}
}
