#include "privsep/monitor/template.h"

#include <unistd.h>

#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/sibling.h"
#include "sshd/base/title.h"

/* What START_MONITOR brings, in this order. */
enum { FD_INPUT, FD_OUTPUT, FD_NET, FD_SIGNER, FD_STATUS, FD_NET_PROCESS };

static struct ipc_channel control;

/* One connection's life; in a process of its own. */
static struct monitor monitor;

static enum err serve_connection(const struct prepared *prepared, const struct msg_start_monitor *msg,
    struct ipc_message *message)
{
	monitor.prepared = prepared;
	monitor.connection = (struct connection){
	    .number = msg->connection,
	    .is_socket = msg->is_socket,
	    .version_is_sent = msg->version_is_sent,
	    .input = message->fds[FD_INPUT],
	    .output = message->fds[FD_OUTPUT],
	    .net = message->fds[FD_NET],
	    .signer = message->fds[FD_SIGNER],
	    .status = message->fds[FD_STATUS],
	    .net_process = message->fds[FD_NET_PROCESS],
	};
	message->fd_count = 0;
	title_set("[accepted]");
	peer_of_socket(monitor.connection.input, &monitor.peer);
	return monitor_run(&monitor);
}

static enum err tell_started(uint64_t connection, pid_t pid, int process)
{
	struct msg_started started = {.connection = connection, .pid = (uint32_t)pid};

	return IPC_SEND_FDS(&control, STATE_READY, MSG_STARTED, started, &started, monitor_scratch(), &process,
	    1, true);
}

static enum err tell_failed(uint64_t connection, enum err error)
{
	struct msg_start_failed failed = {.connection = connection, .error = error};

	return IPC_SEND_FDS(&control, STATE_READY, MSG_START_FAILED, start_failed, &failed, monitor_scratch(),
	    NULL, 0, true);
}

/* The new process leaves with the connection's outcome as the last thing it did. */
_Noreturn static void run_child(const struct prepared *prepared, const struct msg_start_monitor *msg,
    struct ipc_message *message)
{
	enum err err;

	fd_release(&control.fd);
	monitor_block_signals();
	err = serve_connection(prepared, msg, message);
	_exit(err == ERR_OK ? 0 : 1);
}

static enum err fork_monitor(const struct prepared *prepared, const struct msg_start_monitor *msg,
    struct ipc_message *message)
{
	AUTO(fd_release) int process = -1;
	pid_t pid = -1;
	enum err err = sibling_fork(&pid, &process);

	if (err != ERR_OK)
		return tell_failed(msg->connection, err);
	if (pid == 0)
		run_child(prepared, msg, message);
	return tell_started(msg->connection, pid, process);
}

static enum err serve_one(const struct prepared *prepared, bool is_fresh)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	struct msg_start_monitor msg;

	TRY(ipc_receive(&control, STATE_READY, monitor_room(), true, &message));
	if (message.type != MSG_START_MONITOR)
		return ERR_BREACH;
	TRY(msg_start_monitor_parse(message.body, &msg));
	if (!is_fresh)
		return fork_monitor(prepared, &msg, &message);
	fd_release(&control.fd);
	monitor_block_signals();
	return serve_connection(prepared, &msg, &message);
}

enum err template_serve(const struct prepared *prepared, bool is_fresh)
{
	struct msg_template_ready ready = {.version = 1};
	enum err err;

	control = ipc_channel_over(TEMPLATE_FD_CONTROL, &listener_messages, UP, true);
	TRY(IPC_SEND_FDS(&control, STATE_READY, MSG_TEMPLATE_READY, template_ready, &ready, monitor_scratch(),
	    NULL, 0, true));
	do {
		err = serve_one(prepared, is_fresh);
	} while (err == ERR_OK && !is_fresh);
	return err == ERR_CLOSED ? ERR_OK : err;
}
