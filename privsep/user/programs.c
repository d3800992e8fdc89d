/* The programs of the sessions: terminals, starts, signals, ends. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/user/forwards.h"
#include "privsep/user/internal_sftp.h"
#include "privsep/user/launch.h"
#include "privsep/user/log_relay.h"
#include "privsep/user/terminal.h"
#include "privsep/user/user_files.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/title.h"

#define PROGRAMS_LIMIT 1024u

struct serving;

struct program {
	struct loop_source exit_watch; /* its pidfd */
	struct serving *serving;
	struct program *next;
	uint32_t session;
	int master; /* -1: no terminal */
	pid_t pid;  /* 0: not started, or ended */
	struct log_relay relay; /* of internal-sftp */
};

struct serving {
	struct user *user;
	struct loop loop;
	struct loop_source channel_watch;
	struct program *programs;
	unsigned count;
	enum err ended;
	struct forwards forwards;
	char auth_info[AUTH_INFO_PATH_SIZE]; /* SSH_USER_AUTH; empty: there is none */
};

static struct program *find(struct serving *serving, uint32_t session)
{
	for (struct program *p = serving->programs; p != NULL; p = p->next)
		if (p->session == session)
			return p;
	return NULL;
}

static enum err pass_on(struct log_relay *relay, uint8_t level, struct slice text)
{
	struct program *program = CONTAINER_OF(relay, struct program, relay);
	struct user *user = program->serving->user;

	return IPC_SEND_FDS(&user->channel, STATE_SERVING, MSG_USER_LOG, user_log,
	    &((struct msg_user_log){.session = program->session, .level = level, .text = text}),
	    user->datagram, NULL, 0, true);
}

static struct program *find_or_add(struct serving *serving, uint32_t session)
{
	struct program *program = find(serving, session);

	if (program != NULL)
		return program;
	if (serving->count >= PROGRAMS_LIMIT)
		return NULL;
	program = calloc(1, sizeof(*program));
	if (program == NULL)
		return NULL;
	*program = (struct program){.exit_watch.fd = -1, .serving = serving, .session = session,
	    .master = -1, .relay = {.loop = &serving->loop, .source.fd = -1, .take = pass_on},
	    .next = serving->programs};
	serving->programs = program;
	serving->count++;
	return program;
}

static void forget(struct program *program)
{
	struct serving *serving = program->serving;
	struct program **at = &serving->programs;

	while (*at != program)
		at = &(*at)->next;
	*at = program->next;
	serving->count--;
	log_relay_close(&program->relay);
	loop_remove(&serving->loop, &program->exit_watch);
	fd_close(program->exit_watch.fd);
	fd_close(program->master);
	free(program);
}

static enum err refuse(struct serving *serving, uint32_t session, const char *what)
{
	AUTO(buf_wipe) struct buf text = buf_empty(512);
	struct msg_user_refused refused = {.session = session};

	TRY(buf_append_format(&text, "%s: %s", what, strerror(errno)));
	refused.text = buf_view(&text);
	return IPC_SEND_FDS(&serving->user->channel, STATE_SERVING, MSG_USER_REFUSED, user_refused, &refused,
	    serving->user->datagram, NULL, 0, true);
}

/* ------------------------------------------------------------- terminals */

static void show_in_title(const struct serving *serving, const struct program *program)
{
	char name[TERMINAL_NAME_LIMIT];

	if (terminal_name(program->master, name) == ERR_OK)
		title_set("%s@%s", serving->user->setup.name, name + strlen("/dev/"));
}

static enum err on_pty(struct serving *serving, struct slice body)
{
	struct msg_user_pty msg;
	struct program *program;
	struct terminal_size size;

	TRY(msg_user_pty_parse(body, &msg));
	size = (struct terminal_size){msg.columns, msg.rows, msg.width_pixels, msg.height_pixels};
	program = find_or_add(serving, msg.session);
	if (program == NULL || program->master >= 0 ||
	    terminal_open(serving->user->dev, &size, msg.modes, &program->master) != ERR_OK ||
	    fd_set_nonblocking(program->master) != ERR_OK)
		return refuse(serving, msg.session, "no terminal to be had");
	show_in_title(serving, program);
	return IPC_SEND_FDS(&serving->user->channel, STATE_SERVING, MSG_USER_PTY_READY, user_pty_ready,
	    &((struct msg_user_pty_ready){.session = msg.session}), serving->user->datagram,
	    &program->master, 1, true);
}

static enum err on_resize(struct serving *serving, struct slice body)
{
	struct msg_user_resize msg;
	struct program *program;

	TRY(msg_user_resize_parse(body, &msg));
	program = find(serving, msg.session);
	if (program != NULL && program->master >= 0)
		/* The program may just have ended: then there is nobody to tell. */
		IGNORE(terminal_resize(program->master,
		    &(struct terminal_size){msg.columns, msg.rows, msg.width_pixels, msg.height_pixels}));
	return ERR_OK;
}

/* ------------------------------------------------------------------ ends */

static void report_exit(struct program *program, const siginfo_t *info)
{
	struct serving *serving = program->serving;
	struct msg_user_exited exited = {.session = program->session};

	if (info->si_code == CLD_EXITED) {
		exited.status = (uint32_t)info->si_status;
	} else {
		exited.signal = (uint32_t)info->si_status;
		exited.core_dumped = info->si_code == CLD_DUMPED;
	}
	serving->ended = IPC_SEND_FDS(&serving->user->channel, STATE_SERVING, MSG_USER_EXITED, user_exited,
	    &exited, serving->user->datagram, NULL, 0, true);
	if (serving->ended != ERR_OK)
		loop_stop(&serving->loop);
}

static void on_exit_ready(struct loop_source *source, uint32_t events)
{
	struct program *program = CONTAINER_OF(source, struct program, exit_watch);
	siginfo_t info = {0};

	(void)events;
	if (waitid(P_PIDFD, (id_t)source->fd, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0)
		return;
	program->pid = 0;
	loop_remove(&program->serving->loop, source);
	report_exit(program, &info);
}

static enum err watch_exit(struct program *program)
{
	program->exit_watch.fd = (int)syscall(SYS_pidfd_open, program->pid, 0u);
	if (program->exit_watch.fd < 0)
		return ERR_SYSTEM;
	program->exit_watch.ready = on_exit_ready;
	return loop_add(&program->serving->loop, &program->exit_watch, EPOLLIN);
}

/* ---------------------------------------------------------------- starts */

struct pipes {
	int child[3]; /* standard input, output, error */
	int ours[3];
};

static void pipes_wipe(struct pipes *pipes)
{
	for (int i = 0; i < 3; i++) {
		fd_release(&pipes->child[i]);
		fd_release(&pipes->ours[i]);
	}
}

static enum err pipes_make(struct pipes *pipes)
{
	for (int i = 0; i < 3; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) != 0)
			return ERR_SYSTEM;
		pipes->child[i] = ends[i == 0 ? 0 : 1];
		pipes->ours[i] = ends[i == 0 ? 1 : 0];
		TRY(fd_set_nonblocking(pipes->ours[i]));
	}
	return ERR_OK;
}

static enum err build_environment(const struct serving *serving, const struct msg_user_start *msg,
    const struct program *program, struct environment *environment)
{
	const struct user_setup *setup = &serving->user->setup;
	AUTO(buf_wipe) struct buf term = buf_empty(512);
	AUTO(buf_wipe) struct buf added = buf_empty(ENVIRONMENT_BYTES_LIMIT);
	char tty[TERMINAL_NAME_LIMIT] = "";
	struct environment_facts facts = {
	    .user = setup->name,
	    .home = setup->home,
	    .shell = setup->shell,
	    .is_superuser = setup->uid == 0,
	    .time_zone = getenv("TZ"),
	    .client = setup->ssh_client,
	    .connection = setup->ssh_connection,
	    .tty = tty,
	    .auth_info = serving->auth_info,
	};

	TRY(buf_append(&added, setup->environment));
	TRY(buf_append(&added, msg->environment));
	TRY(buf_append(&term, msg->term));
	TRY(buf_c_string(&term, &facts.term));
	if (program->master >= 0)
		TRY(terminal_name(program->master, tty));
	facts.added = buf_view(&added);
	return environment_build(&facts, environment);
}

static enum err fork_program(struct program *program, const struct launch *launch)
{
	program->pid = fork();
	if (program->pid < 0) {
		program->pid = 0;
		return ERR_SYSTEM;
	}
	if (program->pid == 0)
		launch_run(launch);
	return watch_exit(program);
}

static enum err tell_started(struct serving *serving, const struct program *program, const struct pipes *pipes)
{
	struct user *user = serving->user;

	if (program->master >= 0)
		return IPC_SEND_FDS(&user->channel, STATE_SERVING, MSG_USER_STARTED, user_started,
		    &((struct msg_user_started){.session = program->session, .pid = (uint32_t)program->pid}),
		    user->datagram, NULL, 0, true);
	return IPC_SEND_FDS(&user->channel, STATE_SERVING, MSG_USER_STARTED_PIPES, user_started_pipes,
	    &((struct msg_user_started_pipes){.session = program->session, .pid = (uint32_t)program->pid}),
	    user->datagram, pipes->ours, 3, true);
}

static enum err c_string(struct buf *room, struct slice text, const char **out)
{
	TRY(buf_append(room, text));
	return buf_c_string(room, out);
}

static enum err start(struct serving *serving, const struct msg_user_start *msg, struct program *program)
{
	AUTO(environment_wipe) struct environment environment = {0};
	AUTO(pipes_wipe) struct pipes pipes = {{-1, -1, -1}, {-1, -1, -1}};
	AUTO(buf_wipe) struct buf command = buf_empty(msg->command.len + 1);
	AUTO(buf_wipe) struct buf xauth = buf_empty(1025);
	AUTO(buf_wipe) struct buf display = buf_empty(256);
	AUTO(buf_wipe) struct buf cookie = buf_empty(65);
	struct launch launch = {.setup = &serving->user->setup, .kind = msg->kind, .runs_rc = msg->runs_rc,
	    .greeting = msg->greeting, .prints_motd = msg->prints_motd, .master = program->master,
	    .environment = &environment, .relay = -1};
	AUTO(fd_release) int relay = -1;

	TRY(build_environment(serving, msg, program, &environment));
	if (msg->has_command)
		TRY(c_string(&command, msg->command, &launch.command));
	TRY(c_string(&xauth, msg->xauth, &launch.xauth));
	TRY(c_string(&display, msg->xauth_display, &launch.xauth_display));
	TRY(c_string(&cookie, msg->xauth_cookie, &launch.xauth_cookie));
	if (program->master < 0)
		TRY(pipes_make(&pipes));
	launch.input = pipes.child[0];
	launch.output = pipes.child[1];
	launch.error = pipes.child[2];
	if (launch.command != NULL && internal_sftp_is_meant(launch.command))
		TRY(log_relay_open(&program->relay, &relay));
	launch.relay = relay;
	TRY(fork_program(program, &launch));
	return tell_started(serving, program, &pipes);
}

static enum err on_start(struct serving *serving, struct slice body)
{
	struct msg_user_start msg;
	struct program *program;
	enum err err;

	TRY(msg_user_start_parse(body, &msg));
	program = find_or_add(serving, msg.session);
	if (program == NULL || program->pid != 0)
		return refuse(serving, msg.session, "too many programs");
	err = start(serving, &msg, program);
	if (err == ERR_CLOSED)
		return err;
	return err == ERR_OK ? ERR_OK : refuse(serving, msg.session, "the program cannot be started");
}

/* --------------------------------------------------------------- signals */

static enum err on_signal(struct serving *serving, struct slice body)
{
	struct msg_user_signal msg;
	struct program *program;

	TRY(msg_user_signal_parse(body, &msg));
	program = find(serving, msg.session);
	/* Every program leads its own session, so its group is named by its pid. */
	if (program != NULL && program->pid > 0)
		(void)killpg(program->pid, (int)msg.number);
	return ERR_OK;
}

static enum err on_break(struct serving *serving, struct slice body)
{
	struct msg_user_break msg;
	struct program *program;

	TRY(msg_user_break_parse(body, &msg));
	program = find(serving, msg.session);
	if (program != NULL && program->master >= 0)
		(void)tcsendbreak(program->master, 0);
	return ERR_OK;
}

static enum err on_hangup(struct serving *serving, struct slice body)
{
	struct msg_user_hangup msg;
	struct program *program;

	TRY(msg_user_hangup_parse(body, &msg));
	program = find(serving, msg.session);
	if (program != NULL)
		forget(program);
	return ERR_OK;
}

/* ------------------------------------------------------------------ loop */

static enum err on_connect(struct serving *serving, struct slice body)
{
	return forwards_connect(&serving->forwards, body);
}

static enum err on_listen(struct serving *serving, struct slice body)
{
	return forwards_listen(&serving->forwards, body);
}

static enum err on_unlisten(struct serving *serving, struct slice body)
{
	return forwards_unlisten(&serving->forwards, body);
}

static enum err on_accept_more(struct serving *serving, struct slice body)
{
	return forwards_accept_more(&serving->forwards, body);
}

static const struct {
	enum user_message type;
	enum err (*handle)(struct serving *serving, struct slice body);
} handlers[] = {
    {MSG_USER_PTY, on_pty},
    {MSG_USER_START, on_start},
    {MSG_USER_RESIZE, on_resize},
    {MSG_USER_SIGNAL, on_signal},
    {MSG_USER_BREAK, on_break},
    {MSG_USER_HANGUP, on_hangup},
    {MSG_USER_CONNECT, on_connect},
    {MSG_USER_LISTEN, on_listen},
    {MSG_USER_UNLISTEN, on_unlisten},
    {MSG_USER_ACCEPT_MORE, on_accept_more},
};

static enum err handle(struct serving *serving, const struct ipc_message *message)
{
	for (size_t i = 0; i < COUNT_OF(handlers); i++)
		if (handlers[i].type == message->type)
			return handlers[i].handle(serving, message->body);
	return ERR_BREACH;
}

static void on_channel_ready(struct loop_source *source, uint32_t events)
{
	struct serving *serving = CONTAINER_OF(source, struct serving, channel_watch);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&serving->user->channel, STATE_SERVING, serving->user->datagram, false,
	    &message);

	(void)events;
	if (err == ERR_AGAIN)
		return;
	if (err == ERR_OK)
		err = handle(serving, &message);
	if (err != ERR_OK) {
		serving->ended = err;
		loop_stop(&serving->loop);
	}
}

enum err programs_serve(struct user *user)
{
	struct serving serving = {.user = user};

	serving.channel_watch = (struct loop_source){.fd = user->channel.fd, .ready = on_channel_ready};
	TRY(loop_init(&serving.loop));
	TRY(loop_add(&serving.loop, &serving.channel_watch, EPOLLIN));
	forwards_init(&serving.forwards, user, &serving.loop, &serving.ended);
	auth_info_write(user->setup.auth_info, serving.auth_info);
	TRY(loop_run(&serving.loop));
	forwards_close_all(&serving.forwards);
	auth_info_remove(serving.auth_info);
	/* Closing the masters, which the end of this process does, hangs up their sessions. */
	return serving.ended == ERR_CLOSED ? ERR_OK : serving.ended;
}
