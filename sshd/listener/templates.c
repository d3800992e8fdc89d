#include "sshd/listener/templates.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privsep/ipc/handover.h"
#include "privsep/sandbox/sandbox.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/log.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/listener.h"

struct template {
	struct template_slot *slot;
	struct ipc_channel control;
	struct loop_source source;
	struct child child;
	bool is_fresh;
	bool is_retired;      /* takes no more; lives until it has answered what it was asked */
	unsigned connections;
};

static struct listener *listener_of(const struct template *template)
{
	return template->slot->listener;
}

/* -------------------------------------------------------------- execution */

#define ID_TEXT_SIZE 12

/* NetUidRange: each connection's network process has a uid that no other has at the time. */
static bool has_uid_range(const struct listener *listener)
{
	return listener->host.layers & LAYER_IDENTITY && listener->settings->conf->net_uid_range.last != 0;
}

/* ERR_LIMIT: all are taken. */
static enum err pick_uid(const struct listener *listener, uint64_t id, uint32_t *uid)
{
	const struct conf_uid_range *range = &listener->settings->conf->net_uid_range;
	uint64_t count = (uint64_t)range->last - range->first + 1;

	if (!has_uid_range(listener)) {
		*uid = listener->host.net.uid;
		return ERR_OK;
	}
	for (uint64_t i = 0; i < count; i++) {
		uint32_t candidate = range->first + (uint32_t)((id + i) % count);

		if (!connections_use_uid(listener, candidate)) {
			*uid = candidate;
			return ERR_OK;
		}
	}
	return ERR_LIMIT;
}

static enum err execute_net(struct listener *listener, const struct template *template, int control, pid_t *pid)
{
	const struct host *host = &listener->host;
	char uid[ID_TEXT_SIZE], gid[ID_TEXT_SIZE], layers[LAYERS_TEXT_SIZE];
	const char *argv[12] = {"sshd-net", "--uid", uid, "--gid", gid, "--layers", layers};
	size_t count = 7;
	struct program_start start = {.fds = {control, listener->filter_fd, host->network_fd}, .fd_count = 3,
	    .stderr_fd = listener->log_fd, .keeps_session = listener->is_single,
	    .inheritance = &listener->inheritance};

	snprintf(uid, sizeof(uid), "%u", host->net.uid);
	snprintf(gid, sizeof(gid), "%u", host->net.gid);
	layers_format(host->layers, layers);
	if (host->layers & LAYER_EMPTY_ROOT) {
		argv[count++] = "--empty-root";
		argv[count++] = host->empty_root;
	}
	if (template->is_fresh)
		argv[count++] = "--fresh";
	if (has_uid_range(listener))
		argv[count++] = "--late-identity";
	start.argv = (char *const *)(uintptr_t)argv;
	return program_start(&listener->programs, THE_NET, &start, pid);
}

static enum handover_log log_for_monitors(const struct listener *listener)
{
	if (listener->log_fd < 0)
		return HANDOVER_LOG_SYSTEM;
	return listener->options->log_path != NULL ? HANDOVER_LOG_FILE : HANDOVER_LOG_STDERR;
}

static enum err make_handover(const struct listener *listener, int *fd)
{
	const struct options *options = listener->options;
	struct handover handover = {
	    .snapshot = buf_view(&listener->settings->snapshot),
	    .host_keys = signer_keys(listener->signer),
	    .V_S = slice_text(listener->settings->V_S),
	    .is_root = listener->host.is_root,
	    .is_debugging = options->debug > 0,
	    .layers = listener->host.layers,
	    .net_uid = listener->host.net.uid,
	    .net_gid = listener->host.net.gid,
	    .log = log_for_monitors(listener),
	    .log_level_floor = options->debug > 0 ? (uint8_t)(LOG_LEVEL_DEBUG1 + options->debug - 1) : 0,
	    .is_quiet = options->is_quiet,
	    .utmp_host_len = options->utmp_host_len,
	    .inheritance = listener->inheritance,
	};
	AUTO(buf_wipe) struct buf bytes = buf_empty(HANDOVER_LIMIT);

	TRY(handover_encode(&handover, &bytes));
	return file_seal("handover", buf_view(&bytes), fd);
}

static enum err execute_monitor(struct listener *listener, const struct template *template, int control,
    pid_t *pid)
{
	const char *argv[3] = {"sshd-monitor", template->is_fresh ? "--fresh" : NULL};
	AUTO(fd_release) int handover = -1;

	TRY(make_handover(listener, &handover));
	return program_start(&listener->programs, THE_MONITOR,
	    &(struct program_start){.argv = (char *const *)(uintptr_t)argv,
		.fds = {control, handover, listener->programs.fds[THE_USER]}, .fd_count = 3,
		.stderr_fd = listener->log_fd, .keeps_session = listener->is_single,
		.inheritance = &listener->inheritance},
	    pid);
}

/* ------------------------------------------------------------------ life */

static void on_control(struct loop_source *source, uint32_t events);
static void on_ended(struct child *child, struct child_end end);
static void slot_start(struct template_slot *slot);

static void template_free(struct template *template)
{
	struct listener *listener = listener_of(template);

	loop_remove(&listener->loop, &template->source);
	fd_release(&template->control.fd);
	children_forget(&listener->children, &template->child);
	free(template);
}

/* It ends when it has answered everything: it sees the end of our side behind the last request. */
static void template_retire(struct template *template)
{
	template->is_retired = true;
	(void)shutdown(template->control.fd, SHUT_WR);
}

static void slot_retire_serving(struct template_slot *slot)
{
	loop_timer_cancel(&slot->listener->loop, &slot->used_up);
	if (slot->serving != NULL)
		template_retire(slot->serving);
	slot->serving = NULL;
}

static enum err template_execute(struct template_slot *slot, struct template *template)
{
	struct listener *listener = slot->listener;
	AUTO(fd_release) int theirs = -1;
	int control[2];
	pid_t pid = 0;

	TRY(ipc_pair(control));
	theirs = control[1];
	template->control = ipc_channel_over(control[0], &listener_messages, DOWN, true);
	template->source = (struct loop_source){.fd = control[0], .ready = on_control};
	TRY(slot->program == THE_NET ? execute_net(listener, template, theirs, &pid)
				     : execute_monitor(listener, template, theirs, &pid));
	children_watch(&listener->children, &template->child, pid, -1);
	return loop_add(&listener->loop, &template->source, EPOLLIN);
}

/* A first start that fails would fail again: the service does not come up. */
static void slot_failed(struct template_slot *slot)
{
	struct listener *listener = slot->listener;

	if (!listener->is_serving)
		listener_fail(listener);
	else
		loop_timer_set(&listener->loop, &slot->retry, listener->loop.now_ms + TEMPLATE_RETRY_MS);
}

static void slot_start(struct template_slot *slot)
{
	struct listener *listener = slot->listener;
	struct template *template;
	enum err err;

	if (slot->coming != NULL)
		return;
	template = calloc(1, sizeof(*template));
	if (template == NULL) {
		slot_failed(slot);
		return;
	}
	template->slot = slot;
	template->control.fd = template->source.fd = -1;
	template->child.ended = on_ended;
	template->is_fresh = listener->is_single || listener->settings->conf->fresh_processes;
	slot->coming = template;
	err = template_execute(slot, template);
	if (err == ERR_OK)
		return;
	LOG(PROGRAM_FAILED, T("PROGRAM", program_name(slot->program)), T("REASON", err_text(err)));
	child_kill(&template->child, SIGKILL);
	slot->coming = NULL;
	template_free(template);
	slot_failed(slot);
}

static void on_ready(struct template *template)
{
	struct template_slot *slot = template->slot;
	struct listener *listener = slot->listener;

	if (slot->coming != template)
		return; /* retired before it was ready */
	slot->coming = NULL;
	slot_retire_serving(slot);
	slot->serving = template;
	listener_template_ready(listener);
	listener_resume(listener);
}

static void on_started(struct template *template, struct ipc_message *message)
{
	struct listener *listener = listener_of(template);
	struct msg_started started;
	struct connection *connection;

	if (msg_started_parse(message->body, &started) != ERR_OK)
		return;
	connection = connection_find(listener, started.connection);
	if (connection == NULL) /* it gave up waiting; the process finds its channel closed */
		return;
	if (template->slot->program == THE_NET) {
		connection_net_started(connection, (pid_t)started.pid, TAKE_FD(message->fds[0]));
		listener_resume(listener);
	} else {
		connection_monitor_started(connection, (pid_t)started.pid, TAKE_FD(message->fds[0]));
	}
}

static void on_start_failed(struct template *template, const struct ipc_message *message)
{
	struct msg_start_failed failed;
	struct connection *connection;

	if (msg_start_failed_parse(message->body, &failed) != ERR_OK)
		return;
	connection = connection_find(listener_of(template), failed.connection);
	if (connection != NULL)
		connection_failed(connection, strerror((int)failed.error));
}

/* Its channel is closed: nothing more will be answered. */
static void template_gone(struct template *template)
{
	struct template_slot *slot = template->slot;
	bool was_serving = slot->serving == template;
	bool was_coming = slot->coming == template;

	if (was_serving) {
		loop_timer_cancel(&slot->listener->loop, &slot->used_up);
		slot->serving = NULL;
	}
	if (was_coming)
		slot->coming = NULL;
	template_free(template);
	if (was_coming)
		slot_failed(slot);
	else if (was_serving)
		slot_start(slot);
}

static void on_failed(const struct ipc_message *message)
{
	struct msg_template_failed failed;

	if (msg_template_failed_parse(message->body, &failed) == ERR_OK)
		LOG(ERROR, F("TEXT", failed.text));
}

static void take(struct template *template, struct ipc_message *message)
{
	switch (message->type) {
	case MSG_TEMPLATE_READY:
		on_ready(template);
		break;
	case MSG_TEMPLATE_FAILED:
		on_failed(message);
		break;
	case MSG_STARTED:
		on_started(template, message);
		break;
	case MSG_START_FAILED:
		on_start_failed(template, message);
		break;
	default:
		break; /* the table lets nothing else of this direction through that matters here */
	}
}

/* ERR_AGAIN: all of it was read and more may come. */
static enum err drain(struct template *template)
{
	for (;;) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};

		TRY(ipc_receive(&template->control, STATE_READY, listener_of(template)->datagram, false,
		    &message));
		take(template, &message);
	}
}

static void on_control(struct loop_source *source, uint32_t events)
{
	struct template *template = CONTAINER_OF(source, struct template, source);
	enum err err = drain(template);

	(void)events;
	if (err == ERR_AGAIN)
		return;
	if (template->is_retired && err == ERR_CLOSED) {
		template_gone(template);
		return;
	}
	/* The end of its process tells the rest. */
	loop_remove(&listener_of(template)->loop, &template->source);
	if (err != ERR_CLOSED)
		child_kill(&template->child, SIGKILL);
}

static void on_ended(struct child *child, struct child_end end)
{
	struct template *template = CONTAINER_OF(child, struct template, child);
	const char *program = program_name(template->slot->program);
	char reason[64];

	/* Processes that it made last, before it went. */
	if (template->source.is_added)
		IGNORE(drain(template)); /* whatever it is, it is over */
	if (!template->is_retired) {
		snprintf(reason, sizeof(reason), end.by_signal ? "signal %d" : "exit status %d", end.number);
		LOG(PROGRAM_FAILED, T("PROGRAM", program), T("REASON", reason));
	}
	template_gone(template);
}

/* ------------------------------------------------------------------- use */

static void on_used_up(struct loop_timer *timer, uint64_t now_ms)
{
	(void)now_ms;
	slot_start(CONTAINER_OF(timer, struct template_slot, used_up));
}

static void on_retry(struct loop_timer *timer, uint64_t now_ms)
{
	(void)now_ms;
	slot_start(CONTAINER_OF(timer, struct template_slot, retry));
}

static void slot_init(struct listener *listener, struct template_slot *slot, enum program program)
{
	*slot = (struct template_slot){.listener = listener, .program = program};
	slot->used_up.fired = on_used_up;
	slot->retry.fired = on_retry;
}

void templates_init(struct listener *listener)
{
	slot_init(listener, &listener->net, THE_NET);
	slot_init(listener, &listener->monitor, THE_MONITOR);
}

/* One that is coming was started with the old settings. */
static void slot_renew(struct template_slot *slot)
{
	if (slot->coming != NULL)
		template_retire(slot->coming);
	slot->coming = NULL;
	slot_start(slot);
}

void templates_renew(struct listener *listener)
{
	slot_renew(&listener->net);
	slot_renew(&listener->monitor);
}

static void slot_renew_at_once(struct template_slot *slot)
{
	slot_retire_serving(slot);
	slot_start(slot);
}

void templates_renew_at_once(struct listener *listener)
{
	if (listener->is_single)
		return;
	slot_renew_at_once(&listener->net);
	slot_renew_at_once(&listener->monitor);
}

void templates_end(struct listener *listener)
{
	struct template_slot *slots[] = {&listener->net, &listener->monitor};

	for (size_t i = 0; i < COUNT_OF(slots); i++) {
		slot_retire_serving(slots[i]);
		if (slots[i]->coming != NULL)
			template_retire(slots[i]->coming);
		slots[i]->coming = NULL;
		loop_timer_cancel(&listener->loop, &slots[i]->retry);
	}
}

/* Counts the use; a fresh one is the connection's own process from now on. */
static void template_used(struct template *template, struct connection *connection)
{
	struct template_slot *slot = template->slot;
	struct listener *listener = slot->listener;
	pid_t pid = template->child.pid;

	template->connections++;
	if (!template->is_fresh) {
		if (template->connections == 1)
			loop_timer_set(&listener->loop, &slot->used_up, listener->loop.now_ms + TEMPLATE_USE_MS);
		if (template->connections == TEMPLATE_CONNECTIONS_LIMIT)
			slot_start(slot);
		return;
	}
	slot->serving = NULL;
	template_free(template);
	if (!listener->is_single)
		slot_start(slot);
	if (slot->program == THE_NET)
		connection_net_started(connection, pid, (int)syscall(SYS_pidfd_open, pid, 0u));
	else
		connection_monitor_started(connection, pid, -1);
}

enum err templates_start_net(struct listener *listener, struct connection *connection)
{
	struct template *template = listener->net.serving;
	struct msg_start_net msg = {.connection = connection->id};

	if (template == NULL)
		return ERR_AGAIN;
	TRY(pick_uid(listener, connection->id, &msg.uid));
	connection->net_uid = has_uid_range(listener) ? msg.uid : 0;
	TRY(IPC_SEND_FDS(&template->control, STATE_READY, MSG_START_NET, start_net, &msg, listener->datagram,
	    &connection->net_channel, 1, true));
	template_used(template, connection);
	return ERR_OK;
}

enum err templates_start_monitor(struct listener *listener, struct connection *connection)
{
	struct template *template = listener->monitor.serving;
	const struct connection_start *start = &connection->start;
	struct msg_start_monitor msg = {.connection = connection->id, .is_socket = start->is_socket,
	    .version_is_sent = start->version_is_sent, .listener = start->listening};
	const int fds[] = {start->input, start->output, connection->monitor_channel,
	    connection->signer_channel, connection->status_channel, connection->net_pidfd};

	if (template == NULL)
		return ERR_AGAIN;
	TRY(IPC_SEND_FDS(&template->control, STATE_READY, MSG_START_MONITOR, start_monitor, &msg,
	    listener->datagram, fds, COUNT_OF(fds), true));
	template_used(template, connection);
	return ERR_OK;
}
