/*
 * sshd-net, first as a template that knows no connection, then, in a fork of it, as the network
 * process of one: sandbox first, socket second.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/ipc/failure.h"
#include "privsep/net/net.h"
#include "privsep/sandbox/sandbox.h"
#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/base/sibling.h"
#include "sshd/base/text.h"
#include "sshd/base/title.h"
#include "sshd/crypto/exchange.h"
#include "sshd/crypto/hash.h"

/* What the listener leaves at fixed numbers. */
enum { FD_CONTROL = 3, FD_FILTER = 4, FD_NETWORK = 5, FD_FIRST_SPARE = 6 };

#define FILTER_LIMIT     65536u
#define TEMPLATE_VERSION 1u

struct template {
	struct isolation isolation;
	bool is_fresh; /* becomes the process of its only connection itself */
	struct slice filter; /* mapped for good */
	struct ipc_channel control;
};

static uint8_t datagram[IPC_DATAGRAM_LIMIT];
static const struct span scratch = {datagram, sizeof(datagram)};

/* ---------------------------------------------------------------- options */

static enum err parse_id(const char *text, uint32_t *id)
{
	uint64_t value;

	TRY(text_parse_u64(slice_text(text), UINT32_MAX - 1, &value));
	*id = (uint32_t)value;
	return ERR_OK;
}

static enum err parse_options(int argc, char **argv, struct template *template)
{
	static const struct option options[] = {
	    {"uid", required_argument, NULL, 'u'},
	    {"gid", required_argument, NULL, 'g'},
	    {"layers", required_argument, NULL, 'l'},
	    {"empty-root", required_argument, NULL, 'r'},
	    {"fresh", no_argument, NULL, 'f'},
	    {"late-identity", no_argument, NULL, 'i'},
	    {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'u')
			TRY(parse_id(optarg, &template->isolation.uid));
		else if (option == 'g')
			TRY(parse_id(optarg, &template->isolation.gid));
		else if (option == 'l')
			TRY(layers_parse(optarg, &template->isolation.layers));
		else if (option == 'r')
			template->isolation.empty_root = optarg;
		else if (option == 'f')
			template->is_fresh = true;
		else if (option == 'i')
			template->isolation.is_late = true;
		else
			return ERR_MALFORMED;
	}
	return template->isolation.layers == 0 ? ERR_MALFORMED : ERR_OK;
}

/* --------------------------------------------------------------- template */

_Noreturn static void give_up(struct template *template, const char *what, enum err err)
{
	failure_tell(&template->control, "sshd-net", what, err);
	exit(EXIT_FAILURE);
}

/* Mapped, not read: every template shares this descriptor and so its position. */
static enum err map_filter(struct slice *filter)
{
	struct stat facts;
	void *bytes;

	if (fstat(FD_FILTER, &facts) != 0 || facts.st_size <= 0 || facts.st_size > FILTER_LIMIT)
		return ERR_SANDBOX;
	bytes = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, FD_FILTER, 0);
	if (bytes == MAP_FAILED)
		return ERR_SYSTEM;
	*filter = slice_over(bytes, (size_t)facts.st_size);
	return ERR_OK;
}

/* Everything that costs time and is the same for every connection. */
static enum err prepare(struct template *template, const char **what)
{
	*what = "seccomp program";
	TRY(map_filter(&template->filter));
	*what = "cryptographic library";
	TRY(crypto_prepare());
	TRY(crypto_prepare_exchange());
	/* Writing to a peer or program that is gone must be an error, not an end. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return ERR_SYSTEM;
	return isolate_template(&template->isolation, what);
}

/* ------------------------------------------------------------- connection */

static enum err take_fixed_descriptors(int channel, struct net *net)
{
	if (dup3(channel, NET_FD_MONITOR, O_CLOEXEC) < 0)
		return ERR_SYSTEM;
#ifndef SEKISHO_SANITIZERS /* whose reports go there */
	if (dup2(STDIN_FILENO, STDERR_FILENO) < 0)
		return ERR_SYSTEM;
#endif
	TRY(fd_close_from(NET_FD_EPOLL));
	TRY(loop_init(&net->loop));
	return net->loop.epoll_fd == NET_FD_EPOLL ? ERR_OK : ERR_SANDBOX;
}

static enum err tell_ready(struct net *net, uint32_t layers)
{
	return IPC_SEND(&net->monitor, STATE_START, MSG_NET_READY, net_ready,
	    &((struct msg_net_ready){.layers = layers}), scratch);
}

/* The whole life of a connection, in its own process. */
static enum err serve(const struct template *template, int channel)
{
	struct net net = {
	    .monitor = ipc_channel_over(NET_FD_MONITOR, &net_messages, UP, true),
	    .datagram = scratch,
	};
	const char *what = "descriptors";

	net.monitor.uses_write = true;
	TRY(take_fixed_descriptors(channel, &net));
	title_set("[net]");
	TRY(isolate_connection(&template->isolation, template->filter, &what));
	TRY(tell_ready(&net, template->isolation.layers));
	TRY(answers_wait_start(&net));
	if (net.phase != PHASE_OVER)
		TRY(loop_run(&net.loop));
	wiring_free(&net);
	return ERR_OK;
}

_Noreturn static void serve_and_exit(const struct template *template, int channel)
{
	/* The monitor sees the channel close, whatever the reason; it has the log. */
	_exit(serve(template, channel) == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE);
}

static enum err report_started(struct template *template, uint64_t connection, pid_t pid, int pidfd)
{
	return IPC_SEND_FDS(&template->control, STATE_READY, MSG_STARTED, started,
	    &((struct msg_started){.connection = connection, .pid = (uint32_t)pid}), scratch, &pidfd, 1,
	    true);
}

static enum err report_failed(struct template *template, uint64_t connection)
{
	return IPC_SEND_FDS(&template->control, STATE_READY, MSG_START_FAILED, start_failed,
	    &((struct msg_start_failed){.connection = connection, .error = (uint32_t)errno}), scratch, NULL,
	    0, true);
}

static enum err start(struct template *template, struct ipc_message *message)
{
	struct msg_start_net msg;
	AUTO(fd_release) int pidfd = -1;
	pid_t pid = 0;

	TRY(msg_start_net_parse(message->body, &msg));
	if (template->isolation.is_late)
		template->isolation.uid = msg.uid;
	if (template->is_fresh)
		serve_and_exit(template, message->fds[0]);
	if (sibling_fork(&pid, &pidfd) != ERR_OK)
		return report_failed(template, msg.connection);
	if (pid == 0)
		serve_and_exit(template, message->fds[0]);
	return report_started(template, msg.connection, pid, pidfd);
}

static enum err serve_template(struct template *template)
{
	TRY(IPC_SEND_FDS(&template->control, STATE_READY, MSG_TEMPLATE_READY, template_ready,
	    &((struct msg_template_ready){.version = TEMPLATE_VERSION}), scratch, NULL, 0, true));
	for (;;) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};
		enum err err = ipc_receive(&template->control, STATE_READY, scratch, true, &message);

		if (err == ERR_CLOSED)
			return ERR_OK; /* replaced */
		TRY(err);
		if (message.type != MSG_START_NET)
			return ERR_BREACH;
		TRY(start(template, &message));
	}
}

int main(int argc, char **argv)
{
	struct template template = {
	    .isolation = {.uid = getuid(), .gid = getgid(), .network = FD_NETWORK},
	    .control = ipc_channel_over(FD_CONTROL, &listener_messages, UP, true),
	};
	const char *what = "options";
	enum err err;

	title_init(argc, argv);
	err = parse_options(argc, argv, &template);
	if (err == ERR_OK)
		err = fd_close_from(FD_FIRST_SPARE);
	if (err == ERR_OK)
		err = prepare(&template, &what);
	if (err != ERR_OK)
		give_up(&template, what, err);
	title_set("[net template]");
	what = "control channel";
	err = serve_template(&template);
	if (err != ERR_OK)
		give_up(&template, what, err);
	return EXIT_SUCCESS;
}
