/* Sessions as net asks for them: what policy says, before anything reaches the user's process. */
#include <signal.h>
#include <stdlib.h>

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/program.h"
#include "sshd/base/auto.h"
#include "sshd/wire/numbers.h"

#define MODES_LIMIT 4096u

static enum err grant(struct monitor *m, uint32_t request)
{
	return NET_SEND(m, NET_GRANTED, net_granted, &((struct msg_net_granted){.request = request}));
}

static enum err deny(struct monitor *m, uint32_t request, uint32_t reason, const char *text)
{
	struct msg_net_denied denied = {
	    .request = request, .reason = reason, .text = slice_text(text)};

	return NET_SEND(m, NET_DENIED, net_denied, &denied);
}

/* Net knows its channels: one that it does not have is a lie. */
static enum err find(struct monitor *m, uint32_t channel, struct session **out)
{
	*out = session_of_channel(&m->sessions, channel);
	return *out != NULL ? ERR_OK : ERR_BREACH;
}

/* ------------------------------------------------------------------- open */

static unsigned free_slot(const struct sessions *sessions)
{
	for (unsigned slot = 0;; slot++) {
		const struct session *s = sessions->first;

		while (s != NULL && s->slot != slot)
			s = s->next;
		if (s == NULL)
			return slot;
	}
}

enum err on_net_session(struct monitor *m, const struct msg_net_session *msg)
{
	struct sessions *sessions = &m->sessions;
	struct session *session;

	if (session_of_channel(sessions, msg->channel) != NULL)
		return ERR_BREACH;
	if (sessions->count >= SESSIONS_LIMIT ||
	    login_permits(m, ASK_SESSION, NULL, sessions->count) != PERMIT)
		return deny(m, msg->request, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed");
	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return deny(m, msg->request, SSH_OPEN_RESOURCE_SHORTAGE, "out of memory");
	session->channel = msg->channel;
	session->number = sessions->next_number++;
	session->slot = free_slot(sessions);
	session->environment = buf_empty(SESSION_ENV_LIMIT);
	session->terminal.modes = buf_empty(MODES_LIMIT);
	session->command = buf_empty(PROGRAM_COMMAND_LIMIT);
	session->next = sessions->first;
	sessions->first = session;
	sessions->count++;
	return grant(m, msg->request);
}

/* A place among the requests that wait; net keeps to their number too. */
static enum err wait_for(struct monitor *m, struct session_request *request, uint32_t number)
{
	if (request->is_pending || m->sessions.pending >= PENDING_REQUESTS_LIMIT)
		return ERR_BREACH;
	*request = (struct session_request){.is_pending = true, .number = number};
	m->sessions.pending++;
	return ERR_OK;
}

/* -------------------------------------------------------- before the start */

static enum err copy_term(struct slice term, char out[static TERM_SIZE])
{
	if (term.len >= TERM_SIZE || (term.len > 0 && memchr(term.ptr, 0, term.len) != NULL))
		return ERR_MALFORMED;
	memcpy(out, term.ptr, term.len);
	out[term.len] = 0;
	return ERR_OK;
}

enum err on_net_pty(struct monitor *m, const struct msg_net_pty *msg)
{
	struct session *session = NULL;
	struct terminal_request *terminal;

	TRY(find(m, msg->channel, &session));
	terminal = &session->terminal;
	if (session->state != SESSION_LARVAL || session->has_terminal || session->start.is_pending ||
	    !(m->auth.restrictions.permitted & MAY_HAVE_PTY) ||
	    login_permits(m, ASK_TERMINAL, NULL, 0) != PERMIT ||
	    copy_term(msg->term, terminal->term) != ERR_OK)
		return deny(m, msg->request, 0, "");
	TRY(wait_for(m, &session->pty, msg->request));
	terminal->columns = msg->columns;
	terminal->rows = msg->rows;
	terminal->width_pixels = msg->width_pixels;
	terminal->height_pixels = msg->height_pixels;
	TRY(buf_append(&terminal->modes, msg->modes));
	return session_advance(m, session);
}

/* What the session's own environment is built from afterwards anyway is accepted and left out. */
static bool is_built_in(struct slice name)
{
	static const char *const names[] = {"USER", "LOGNAME", "HOME", "PATH", "MAIL", "SHELL", "SSH_CLIENT",
	    "SSH_CONNECTION", "SSH_TTY", "SSH_ORIGINAL_COMMAND"};

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static bool env_is_accepted(const struct monitor *m, struct slice name)
{
	char text[256];

	if (name.len == 0 || name.len >= sizeof(text) || memchr(name.ptr, '=', name.len) ||
	    memchr(name.ptr, 0, name.len))
		return false;
	memcpy(text, name.ptr, name.len);
	text[name.len] = 0;
	return login_permits(m, ASK_ENVIRONMENT, text, 0) == PERMIT;
}

static enum err env_append(struct buf *environment, struct slice name, struct slice value)
{
	size_t before = buf_len(environment);
	enum err err = buf_append(environment, name);

	if (err == ERR_OK)
		err = buf_append_text(environment, "=");
	if (err == ERR_OK)
		err = buf_append(environment, value);
	if (err == ERR_OK)
		err = buf_append(environment, BYTES(0));
	if (err != ERR_OK)
		buf_truncate(environment, before);
	return err;
}

enum err on_net_env(struct monitor *m, const struct msg_net_env *msg)
{
	struct session *session = NULL;

	TRY(find(m, msg->channel, &session));
	if (session->state != SESSION_LARVAL || !env_is_accepted(m, msg->name))
		return deny(m, msg->request, 0, "");
	if (msg->value.len > 0 && memchr(msg->value.ptr, 0, msg->value.len) != NULL)
		return deny(m, msg->request, 0, "");
	if (!is_built_in(msg->name) && env_append(&session->environment, msg->name, msg->value) != ERR_OK)
		return deny(m, msg->request, 0, "");
	return grant(m, msg->request);
}

/* ------------------------------------------------------------------ start */

enum err on_net_start(struct monitor *m, const struct msg_net_start *msg)
{
	struct session *session = NULL;

	TRY(find(m, msg->channel, &session));
	if (session->state != SESSION_LARVAL || session->start.is_pending ||
	    program_decide(m, session, msg->kind, msg->command) != PERMIT)
		return deny(m, msg->request, 0, "");
	TRY(wait_for(m, &session->start, msg->request));
	return session_advance(m, session);
}

/* ---------------------------------------------------------- while it runs */

enum err on_net_resize(struct monitor *m, const struct msg_net_resize *msg)
{
	struct session *session = NULL;
	struct msg_user_resize resize;

	TRY(find(m, msg->channel, &session));
	if (!session->has_terminal)
		return ERR_OK;
	resize = (struct msg_user_resize){
	    .session = session->number,
	    .columns = msg->columns,
	    .rows = msg->rows,
	    .width_pixels = msg->width_pixels,
	    .height_pixels = msg->height_pixels,
	};
	return IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_RESIZE, user_resize, &resize,
	    monitor_scratch());
}

/* RFC 4254 section 6.9, as far as a client may send them. */
static const struct {
	const char *name;
	int number;
} signals[] = {
    {"HUP", SIGHUP},
    {"INT", SIGINT},
    {"KILL", SIGKILL},
    {"QUIT", SIGQUIT},
    {"TERM", SIGTERM},
    {"USR1", SIGUSR1},
    {"USR2", SIGUSR2},
};

static int signal_named(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		if (slice_is(name, signals[i].name))
			return signals[i].number;
	return 0;
}

enum err on_net_signal(struct monitor *m, const struct msg_net_signal *msg)
{
	struct session *session = NULL;
	int number = signal_named(msg->name);
	struct msg_user_signal message;

	TRY(find(m, msg->channel, &session));
	if (session->state != SESSION_RUNNING || !session->takes_signals || number == 0)
		return deny(m, msg->request, 0, "");
	message = (struct msg_user_signal){.session = session->number, .number = (uint32_t)number};
	TRY(IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_SIGNAL, user_signal, &message,
	    monitor_scratch()));
	return grant(m, msg->request);
}

enum err on_net_break(struct monitor *m, const struct msg_net_break *msg)
{
	struct session *session = NULL;

	TRY(find(m, msg->channel, &session));
	if (!session->has_terminal)
		return deny(m, msg->request, 0, "");
	TRY(IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_BREAK, user_break,
	    &((struct msg_user_break){.session = session->number}), monitor_scratch()));
	return grant(m, msg->request);
}

enum err on_net_close(struct monitor *m, const struct msg_net_close *msg)
{
	struct session *session = NULL;

	TRY(find(m, msg->channel, &session));
	session_close(m, session);
	return ERR_OK;
}
