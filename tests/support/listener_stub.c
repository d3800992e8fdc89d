/*
 * Stands in for the four programs behind the listener: speaks its message table and does as the
 * client says, a line at a time. Installed under their names by tests/integration/listener.
 *
 *     auth            tell the listener that somebody has logged in
 *     outcome N       tell it how the connection goes (enum connection_outcome)
 *     crash           die of SIGABRT, as the monitor
 *     crash-net       have the network process die of SIGABRT
 *     breach          say something that the table does not have
 *     record LINE     tell it that a terminal is in use, by this process
 *     say TEXT        answer with the text
 *     facts           answer with what the handover told
 *     hang            stay, deaf to everything
 *     quit            end
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privsep/ipc/channel.h"
#include "privsep/ipc/handover.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/sibling.h"
#include "sshd/base/title.h"

enum { FD_CONTROL = 3, FD_SECOND = 4 };

static uint8_t room[IPC_DATAGRAM_LIMIT];
static const struct span scratch = {room, sizeof(room)};
static struct ipc_channel control;
static struct buf handover_bytes;
static struct handover handover;
static bool is_fresh;

#define SEND(type, name, fds, count, ...)                                                          \
	IPC_SEND_FDS(&control, STATE_READY, type, name, &((struct msg_##name){__VA_ARGS__}), scratch, \
	    fds, count, true)

/* ------------------------------------------------------------------- net */

static _Noreturn void net_serve(int channel)
{
	char command = 0;

	title_set("[stub net]");
	while (read(channel, &command, 1) == 1)
		if (command == 'c')
			abort();
	_exit(0);
}

/* --------------------------------------------------------------- monitor */

struct talk {
	FILE *from, *to;
	struct ipc_channel status;
	int net;
	struct msg_start_monitor start;
};

static void talk_facts(struct talk *talk)
{
	fprintf(talk->to, "V_S=%.*s root=%d layers=%u keys=%zu log=%d socket=%d sent=%d umask=%o nofile=%llu oom=%d snapshot=%zu\n",
	    (int)handover.V_S.len, (const char *)handover.V_S.ptr, handover.is_root, handover.layers,
	    handover.host_keys.len, (int)handover.log, talk->start.is_socket, talk->start.version_is_sent,
	    handover.inheritance.umask, (unsigned long long)handover.inheritance.soft_limits[RLIMIT_NOFILE],
	    handover.inheritance.oom_score_adj, handover.snapshot.len);
}

static enum err talk_line(struct talk *talk, char *line)
{
	control = talk->status;
	if (strcmp(line, "auth") == 0)
		TRY(SEND(MSG_AUTHENTICATED, authenticated, NULL, 0, .uid = getuid()));
	else if (strncmp(line, "outcome ", 8) == 0)
		TRY(SEND(MSG_OUTCOME, outcome, NULL, 0, .outcome = (uint8_t)atoi(line + 8)));
	else if (strncmp(line, "record ", 7) == 0)
		TRY(SEND(MSG_RECORD, record, NULL, 0, .line = slice_text(line + 7), .pid = (uint32_t)getpid(),
		    .is_open = true));
	else if (strcmp(line, "crash") == 0)
		abort();
	else if (strcmp(line, "crash-net") == 0)
		(void)!write(talk->net, "c", 1);
	else if (strcmp(line, "breach") == 0)
		(void)!write(talk->status.fd, "nonsense", 8);
	else if (strcmp(line, "facts") == 0)
		talk_facts(talk);
	else if (strncmp(line, "say ", 4) == 0)
		fprintf(talk->to, "%s pid=%ld ppid=%ld\n", line + 4, (long)getpid(), (long)getppid());
	else if (strcmp(line, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(line, "quit") == 0)
		return ERR_CLOSED;
	talk->status = control;
	fflush(talk->to);
	return ERR_OK;
}

static _Noreturn void monitor_serve(const struct msg_start_monitor *start, const int *fds)
{
	struct talk talk = {.from = fdopen(dup(fds[0]), "r"), .to = fdopen(dup(fds[1]), "w"), .start = *start,
	    .net = fds[2], .status = ipc_channel_over(fds[4], &listener_messages, UP, false)};
	char line[512];

	title_set("stub [priv]");
	(void)signal(SIGPIPE, SIG_IGN);
	if (!start->version_is_sent)
		fprintf(talk.to, "%.*s\r\n", (int)handover.V_S.len, (const char *)handover.V_S.ptr);
	fflush(talk.to);
	/* stdio wants to wait, and the socket came as the network process needs it. */
	fcntl(fds[0], F_SETFL, fcntl(fds[0], F_GETFL) & ~O_NONBLOCK);
	fcntl(fds[1], F_SETFL, fcntl(fds[1], F_GETFL) & ~O_NONBLOCK);
	while (fgets(line, sizeof(line), talk.from) != NULL) {
		line[strcspn(line, "\r\n")] = 0;
		if (strncmp(line, "SSH-", 4) != 0 && talk_line(&talk, line) != ERR_OK)
			break;
	}
	_exit(0);
}

/* -------------------------------------------------------------- templates */

static enum err start_one(struct ipc_message *message)
{
	struct msg_start_monitor monitor = {0};
	struct msg_start_net net = {0};
	AUTO(fd_release) int pidfd = -1;
	pid_t pid = 0;
	bool is_net = message->type == MSG_START_NET;

	if (is_net)
		TRY(msg_start_net_parse(message->body, &net));
	else
		TRY(msg_start_monitor_parse(message->body, &monitor));
	if (!is_fresh)
		TRY(sibling_fork(&pid, &pidfd));
	if (pid == 0) {
		fd_close(FD_CONTROL);
		if (is_net)
			net_serve(message->fds[0]);
		monitor_serve(&monitor, message->fds);
	}
	return SEND(MSG_STARTED, started, &pidfd, 1,
	    .connection = is_net ? net.connection : monitor.connection, .pid = (uint32_t)pid);
}

static enum err template_serve(void)
{
	control = ipc_channel_over(FD_CONTROL, &listener_messages, UP, true);
	if (getenv("STUB_TEMPLATE_FAILS") != NULL) {
		IGNORE(SEND(MSG_TEMPLATE_FAILED, template_failed, NULL, 0, .text = LITERAL("told to fail")));
		return ERR_SANDBOX;
	}
	TRY(SEND(MSG_TEMPLATE_READY, template_ready, NULL, 0, .version = 1));
	for (;;) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};

		TRY(ipc_receive(&control, STATE_READY, scratch, true, &message));
		TRY(start_one(&message));
	}
}

static enum err monitor_template(void)
{
	handover_bytes = buf_empty(HANDOVER_LIMIT);
	TRY(file_read(FD_SECOND, &handover_bytes));
	TRY(handover_parse(buf_view(&handover_bytes), &handover));
	return template_serve();
}

/* ----------------------------------------------------------------- signer */

static const char *host_keys[16];
static size_t host_key_count;

static enum err signer_keys_tell(void)
{
	AUTO(buf_wipe) struct buf keys = buf_empty(4096), complaints = buf_empty(4096);

	for (size_t i = 0; i < host_key_count; i++) {
		struct stat status;

		if (stat(host_keys[i], &status) == 0)
			TRY(buf_append_text(&keys, host_keys[i]));
		else
			TRY(buf_append_format(&complaints, "Unable to load host key: %s\n", host_keys[i]));
	}
	return SEND(MSG_SIGNER_KEYS, signer_keys, NULL, 0, .host_keys = buf_view(&keys),
	    .complaints = buf_view(&complaints));
}

/* Lives as long as one of its channels: they are only held, and closed when their other end is. */
static enum err signer_serve(void)
{
	struct pollfd polled[256] = {{.fd = FD_CONTROL, .events = POLLIN}};
	nfds_t count = 1;

	control = ipc_channel_over(FD_CONTROL, &listener_messages, UP, true);
	TRY(signer_keys_tell());
	while (count > 1 || polled[0].fd >= 0) {
		if (poll(polled, count, -1) < 0)
			return ERR_SYSTEM;
		for (nfds_t i = count - 1; i > 0; i--) {
			if (polled[i].revents == 0)
				continue;
			close(polled[i].fd);
			polled[i] = polled[--count];
		}
		if (polled[0].fd >= 0 && polled[0].revents != 0) {
			AUTO(ipc_message_wipe) struct ipc_message message = {0};
			enum err err = ipc_receive(&control, STATE_READY, scratch, true, &message);

			if (err != ERR_OK || message.type == MSG_SIGNER_RETIRE)
				polled[0].fd = -1;
			else if (count < COUNT_OF(polled))
				polled[count++] = (struct pollfd){TAKE_FD(message.fds[0]), POLLIN, 0};
		}
	}
	return ERR_OK;
}

/* ------------------------------------------------------------------- main */

static void read_options(int argc, char **argv)
{
	static const struct option options[] = {{"fresh", no_argument, NULL, 'f'},
	    {"host-key", required_argument, NULL, 'k'}, {"default-host-key", required_argument, NULL, 'k'},
	    {"uid", required_argument, NULL, 'u'},
	    {"gid", required_argument, NULL, 'g'}, {"layers", required_argument, NULL, 'l'},
	    {"empty-root", required_argument, NULL, 'r'}, {0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			is_fresh = true;
		else if (option == 'k' && host_key_count < COUNT_OF(host_keys))
			host_keys[host_key_count++] = strdup(optarg);
		else if (option == '?')
			exit(2);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum err (*serve)(void);
	} roles[] = {
	    {"sshd-net", template_serve},
	    {"sshd-monitor", monitor_template},
	    {"sshd-signer", signer_serve},
	};

	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		if (strcmp(argv[0], roles[i].name) != 0)
			continue;
		read_options(argc, argv);
		title_init(argc, argv);
		title_set("[stub %s]", roles[i].name);
		return roles[i].serve() == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	fprintf(stderr, "%s: not one of ours\n", argv[0]);
	return EXIT_FAILURE;
}
