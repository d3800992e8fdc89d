/* Sessions as the user's process carries them out. Its user may steer it: what it says is checked. */
#include "privsep/monitor/sessions.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/records.h"
#include "privsep/monitor/session_start.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/wire/numbers.h"

void sessions_init(struct monitor *m)
{
	m->sessions = (struct sessions){
	    .user = USER_PROCESS_NONE,
	    .next_number = 1,
	    .user_environment = buf_empty(SESSION_ENV_LIMIT),
	};
}

struct session *session_of_channel(struct sessions *sessions, uint32_t channel)
{
	for (struct session *s = sessions->first; s != NULL; s = s->next)
		if (s->channel == channel)
			return s;
	return NULL;
}

struct session *session_of_number(struct sessions *sessions, uint32_t number)
{
	for (struct session *s = sessions->first; s != NULL; s = s->next)
		if (s->number == number)
			return s;
	return NULL;
}

static void answered(struct monitor *m, struct session_request *request)
{
	request->is_pending = false;
	m->sessions.pending--;
}

enum err session_deny(struct monitor *m, struct session_request *request, const char *text)
{
	struct msg_net_denied denied = {
	    .request = request->number, .reason = SSH_OPEN_CONNECT_FAILED, .text = slice_text(text)};

	answered(m, request);
	return NET_SEND(m, NET_DENIED, net_denied, &denied);
}

/* ------------------------------------------------------------------ close */

static void close_records(struct monitor *m, struct session *session)
{
	if (session->is_recorded)
		records_logout(m, session);
	session->is_recorded = false;
}

static void session_free(struct monitor *m, struct session *session)
{
	struct session **at = &m->sessions.first;

	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	m->sessions.count--;
	if (session->pty.is_pending)
		answered(m, &session->pty);
	if (session->start.is_pending)
		answered(m, &session->start);
	buf_wipe(&session->environment);
	buf_wipe(&session->terminal.modes);
	buf_wipe(&session->command);
	free(session);
}

void session_close(struct monitor *m, struct session *session)
{
	struct sessions *sessions = &m->sessions;
	struct msg_user_hangup hangup = {.session = session->number};

	log_session_closed(m, session);
	forwards_close_session(m, session);
	close_records(m, session);
	/* A process that takes no messages any more is ended with the connection. */
	if (sessions->user.state == STATE_SERVING && sessions->user.channel.fd >= 0)
		IGNORE(IPC_SEND(&sessions->user.channel, STATE_SERVING, MSG_USER_HANGUP, user_hangup,
		    &hangup, monitor_scratch()));
	session_free(m, session);
}

void sessions_close_all(struct monitor *m)
{
	while (m->sessions.first != NULL)
		session_close(m, m->sessions.first);
	user_process_end(m, &m->sessions.user, false);
	buf_wipe(&m->sessions.user_environment);
}

/* ------------------------------------------------------------------- send */

static enum err send_pty(struct monitor *m, struct session *session)
{
	const struct terminal_request *terminal = &session->terminal;
	struct msg_user_pty pty = {
	    .session = session->number,
	    .columns = terminal->columns,
	    .rows = terminal->rows,
	    .width_pixels = terminal->width_pixels,
	    .height_pixels = terminal->height_pixels,
	    .modes = buf_view(&terminal->modes),
	};

	session->pty.is_sent = true;
	return IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_PTY, user_pty, &pty,
	    monitor_scratch());
}

static enum err send_start(struct monitor *m, struct session *session)
{
	AUTO(buf_wipe) struct buf environment = buf_empty(SESSION_ENV_LIMIT);
	AUTO(buf_wipe) struct buf greeting = buf_empty(GREETING_LIMIT);
	char display[DISPLAY_SIZE];
	bool may_run_rc = (m->auth.restrictions.permitted & MAY_RUN_USER_RC) &&
	    login_permits(m, ASK_USER_RC, NULL, 0) == PERMIT;
	struct msg_user_start start = {
	    .session = session->number,
	    .kind = session->kind,
	    .has_command = session->has_command,
	    .command = buf_view(&session->command),
	    .term = slice_text(session->terminal.term),
	    .prints_motd = m->auth.conf->print_motd,
	    .runs_rc = may_run_rc && session->kind != PROGRAM_SUBSYSTEM && !m->auth.is_command_configured,
	};

	TRY(session_environment(m, session, &environment));
	TRY(session_greeting(m, session, &greeting));
	start.environment = buf_view(&environment);
	session_name_display(m, session, display);
	start.xauth = slice_text(session->x11.is_wanted ? m->auth.conf->xauth_location : "");
	start.xauth_display = slice_text(display);
	start.xauth_cookie = slice_text(session->x11.cookie);
	start.greeting = buf_view(&greeting);
	/* Before the program can look for itself. */
	if (session->has_terminal && records_login(m, session) == PERMIT)
		session->is_recorded = true;
	session->start.is_sent = true;
	session->state = SESSION_STARTING;
	return IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_START, user_start, &start,
	    monitor_scratch());
}

static enum err send_waiting(struct monitor *m, struct session *session)
{
	if (session->pty.is_pending && !session->pty.is_sent)
		return send_pty(m, session);
	/* The program needs its terminal first, and its agent and display. */
	if (session->start.is_pending && !session->start.is_sent && !session->pty.is_pending &&
	    !forwards_session_waits(m, session))
		return send_start(m, session);
	return ERR_OK;
}

enum err session_continue(struct monitor *m, struct session *session)
{
	return m->sessions.user.state == STATE_SERVING ? send_waiting(m, session) : ERR_OK;
}

static bool something_runs(const struct sessions *sessions)
{
	const struct session *s = sessions->first;

	while (s != NULL && s->state != SESSION_RUNNING)
		s = s->next;
	return s != NULL;
}

/*
 * The user's process is lost: requests are refused from now on. What ran under it has nobody left
 * to say how it ends, so the connection ends: that hangs its terminals up.
 */
static enum err give_up(struct monitor *m, const char *text)
{
	bool loses_programs = something_runs(&m->sessions);

	log_user_process(m, slice_text(text));
	m->sessions.has_user_failed = true;
	user_process_end(m, &m->sessions.user, true);
	for (struct session *s = m->sessions.first; s != NULL; s = s->next) {
		if (s->pty.is_pending)
			TRY(session_deny(m, &s->pty, ""));
		if (s->start.is_pending)
			TRY(session_deny(m, &s->start, ""));
	}
	TRY(forwards_lose_user(m));
	if (loses_programs)
		monitor_dismiss(m, SSH_DISCONNECT_BY_APPLICATION, "the process of the session is gone");
	return ERR_OK;
}

static void on_user_readable(struct loop_source *source, uint32_t events);

static enum err start_user(struct monitor *m)
{
	AUTO(buf_wipe) struct buf chroot = buf_empty(CHROOT_PATH_LIMIT);
	const struct conf *conf = m->auth.conf;
	struct user_start start = {
	    .role = ROLE_SESSIONS,
	    .account = &m->auth.account,
	    .environment = buf_view(&m->auth.environment),
	    .auth_info = conf->expose_auth_info ? buf_view(&m->auth.info) : (struct slice){0},
	    .reads_environment = conf->permit_user_environment.is_allowed,
	    .minds_nologin = m->prepared->handover.is_root && m->auth.pam == NULL,
	    .ready = on_user_readable,
	};

	TRY(chroot_path(m, &chroot));
	TRY(buf_c_string(&chroot, &start.chroot));
	TRY(account_load_groups(&m->auth.account));
	TRY(user_process_start(m, &start, &m->sessions.user));
	m->sessions.is_user_started = true;
	return ERR_OK;
}

enum err sessions_want_user(struct monitor *m)
{
	if (m->sessions.has_user_failed)
		return ERR_CLOSED;
	return m->sessions.is_user_started ? ERR_OK : start_user(m);
}

enum err session_advance(struct monitor *m, struct session *session)
{
	struct sessions *sessions = &m->sessions;
	enum err err = ERR_OK;

	if (sessions->has_user_failed)
		return session_deny(m, session->pty.is_pending ? &session->pty : &session->start, "");
	if (!sessions->is_user_started)
		err = start_user(m);
	else if (sessions->user.state == STATE_SERVING)
		err = send_waiting(m, session);
	return err == ERR_OK ? ERR_OK : give_up(m, err_text(err));
}

/* ---------------------------------------------------------------- receive */

static enum err on_ready(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_ready ready;

	TRY(msg_user_ready_parse(message->body, &ready));
	if (m->auth.conf->permit_user_environment.is_allowed)
		TRY(user_environment_take(m, ready.environment_file));
	m->sessions.user.state = STATE_SERVING;
	for (struct session *s = m->sessions.first; s != NULL; s = s->next)
		TRY(send_waiting(m, s));
	return forwards_advance(m);
}

static enum err on_failed(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_failed failed;

	TRY(msg_user_failed_parse(message->body, &failed));
	log_user_process(m, failed.text);
	return ERR_CLOSED;
}

/* Its hang-up is on the way; but a session that never was cannot be spoken of. */
static enum err closed_meanwhile(const struct monitor *m, uint32_t number)
{
	return number > 0 && number < m->sessions.next_number ? ERR_OK : ERR_BREACH;
}

/* The object itself says which terminal it is, not the process that opened it. */
static enum err name_terminal(int master, char tty[static TTY_NAME_SIZE])
{
	struct stat facts;
	int number = -1;

	if (fstat(master, &facts) != 0 || !S_ISCHR(facts.st_mode))
		return ERR_BREACH;
	if (ioctl(master, TIOCGPTN, &number) != 0 || number < 0)
		return ERR_BREACH;
	snprintf(tty, TTY_NAME_SIZE, "pts/%d", number);
	return ERR_OK;
}

static enum err on_pty_ready(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_pty_ready ready;
	struct msg_net_granted_stream granted = {0};
	struct session *session;

	TRY(msg_user_pty_ready_parse(message->body, &ready));
	session = session_of_number(&m->sessions, ready.session);
	if (session == NULL)
		return closed_meanwhile(m, ready.session);
	if (!session->pty.is_sent || !session->pty.is_pending)
		return ERR_BREACH;
	TRY(name_terminal(message->fds[0], session->tty));
	session->has_terminal = true;
	granted.request = session->pty.number;
	answered(m, &session->pty);
	TRY(NET_SEND_FDS(m, NET_GRANTED_STREAM, net_granted_stream, &granted, message->fds, 1));
	return send_waiting(m, session);
}

/* What STARTED and STARTED_PIPES have in common. NULL: closed meanwhile. */
static enum err take_start(struct monitor *m, uint32_t number, uint32_t pid, bool has_terminal,
    struct session **out)
{
	struct session *session = session_of_number(&m->sessions, number);

	*out = session;
	if (session == NULL)
		return closed_meanwhile(m, number);
	if (!session->start.is_sent || !session->start.is_pending || session->has_terminal != has_terminal)
		return ERR_BREACH;
	session->state = SESSION_RUNNING;
	session->pid = pid;
	answered(m, &session->start);
	return ERR_OK;
}

static enum err on_started(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_started started;
	struct session *session = NULL;

	TRY(msg_user_started_parse(message->body, &started));
	TRY(take_start(m, started.session, started.pid, true, &session));
	if (session == NULL)
		return ERR_OK;
	return NET_SEND(m, NET_GRANTED, net_granted,
	    &((struct msg_net_granted){.request = session->start.number, .has_started = true}));
}

/* Only ends of pipes and sockets may reach net. */
static enum err check_streams(const int *fds, unsigned count)
{
	struct stat facts;

	for (unsigned i = 0; i < count; i++)
		if (fstat(fds[i], &facts) != 0 || (!S_ISFIFO(facts.st_mode) && !S_ISSOCK(facts.st_mode)))
			return ERR_BREACH;
	return ERR_OK;
}

static enum err on_started_pipes(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_started_pipes started;
	struct session *session = NULL;

	TRY(msg_user_started_pipes_parse(message->body, &started));
	TRY(check_streams(message->fds, 3));
	TRY(take_start(m, started.session, started.pid, false, &session));
	if (session == NULL)
		return ERR_OK;
	return NET_SEND_FDS(m, NET_GRANTED_PIPES, net_granted_pipes,
	    &((struct msg_net_granted_pipes){.request = session->start.number}), message->fds, 3);
}

static enum err on_refused(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_refused refused;
	struct session_request *request;
	struct session *session;

	TRY(msg_user_refused_parse(message->body, &refused));
	session = session_of_number(&m->sessions, refused.session);
	if (session == NULL)
		return closed_meanwhile(m, refused.session);
	request = session->start.is_pending && session->start.is_sent ? &session->start : &session->pty;
	if (!request->is_pending || !request->is_sent)
		return ERR_BREACH;
	log_user_process(m, refused.text);
	if (request == &session->start) {
		session->state = SESSION_ENDED;
		close_records(m, session);
	}
	TRY(session_deny(m, request, ""));
	return send_waiting(m, session);
}

/* RFC 4254 section 6.10; others by OpenSSH's name for what has none. */
static const char *signal_name(uint32_t number)
{
	static const struct {
		uint32_t number;
		const char *name;
	} names[] = {{SIGABRT, "ABRT"}, {SIGALRM, "ALRM"}, {SIGFPE, "FPE"}, {SIGHUP, "HUP"}, {SIGILL, "ILL"},
	    {SIGINT, "INT"}, {SIGKILL, "KILL"}, {SIGPIPE, "PIPE"}, {SIGQUIT, "QUIT"}, {SIGSEGV, "SEGV"},
	    {SIGTERM, "TERM"}, {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return "SIG@openssh.com";
}

static enum err on_exited(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_exited exited;
	struct msg_net_exited tell = {0};
	struct session *session;

	TRY(msg_user_exited_parse(message->body, &exited));
	session = session_of_number(&m->sessions, exited.session);
	if (session == NULL)
		return closed_meanwhile(m, exited.session);
	if (session->state != SESSION_RUNNING)
		return ERR_BREACH;
	session->state = SESSION_ENDED;
	close_records(m, session);
	tell.channel = session->channel;
	tell.status = exited.status;
	tell.core_dumped = exited.core_dumped;
	if (exited.signal != 0)
		tell.signal = slice_text(signal_name(exited.signal));
	return NET_SEND(m, NET_EXITED, net_exited, &tell);
}

static enum err on_log(struct monitor *m, const struct ipc_message *message)
{
	struct msg_user_log log;

	TRY(msg_user_log_parse(message->body, &log));
	if (log.level > LOG_LEVEL_DEBUG3)
		return ERR_BREACH;
	log_sftp(m, log.level, log.text);
	return ERR_OK;
}

static const struct {
	enum user_message type;
	enum err (*handle)(struct monitor *m, const struct ipc_message *message);
} handlers[] = {
    {MSG_USER_READY, on_ready},
    {MSG_USER_FAILED, on_failed},
    {MSG_USER_PTY_READY, on_pty_ready},
    {MSG_USER_STARTED, on_started},
    {MSG_USER_STARTED_PIPES, on_started_pipes},
    {MSG_USER_REFUSED, on_refused},
    {MSG_USER_EXITED, on_exited},
    {MSG_USER_LOG, on_log},
    {MSG_USER_CONNECTED, on_user_connected},
    {MSG_USER_CONNECT_FAILED, on_user_connect_failed},
    {MSG_USER_LISTENING, on_user_listening},
    {MSG_USER_LISTEN_FAILED, on_user_listen_failed},
    {MSG_USER_ACCEPTED, on_user_accepted},
};

static enum err handle(struct monitor *m, const struct ipc_message *message)
{
	for (size_t i = 0; i < COUNT_OF(handlers); i++)
		if (handlers[i].type == message->type)
			return handlers[i].handle(m, message);
	return ERR_BREACH;
}

static void on_user_readable(struct loop_source *source, uint32_t events)
{
	struct monitor *m = CONTAINER_OF(source, struct monitor, sessions.user.source);
	struct user_process *user = &m->sessions.user;
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&user->channel, user->state, monitor_room(), false, &message);

	if (err == ERR_AGAIN && !(events & EPOLLOUT))
		return;
	if (err == ERR_OK)
		err = handle(m, &message);
	if ((err == ERR_OK || err == ERR_AGAIN) && events & EPOLLOUT)
		err = forwards_advance(m);
	if (err != ERR_OK)
		err = give_up(m, err == ERR_CLOSED ? "it ended" : err_text(err));
	if (err != ERR_OK)
		monitor_end_by(m, err, "sessions");
}
