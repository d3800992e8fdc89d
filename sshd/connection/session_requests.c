/* What a client may ask of a session (RFC 4254 section 6). */
#include "sshd/base/auto.h"
#include "sshd/connection/channel.h"
#include "sshd/wire/messages_channel_request.h"

/*
 * Request handlers parse their fields (an error there ends the connection) and then ask, or
 * refuse what makes no sense now or is larger than its limit.
 */
typedef enum err request_handler(struct channel *channel, const struct channel_request *request);

static enum err refuse(struct channel *channel, const struct channel_request *request)
{
	return pending_reply(channel->connection, channel, request->want_reply, false);
}

static enum err ask(struct channel *channel, const struct channel_request *request,
    struct connection_question *question)
{
	return pending_ask(channel->connection, channel, request->want_reply, question);
}

/* -------------------------------------------------------------------- before the start */

static uint16_t dimension(uint32_t value)
{
	return value < UINT16_MAX ? (uint16_t)value : UINT16_MAX;
}

/* Zeros stay: "ssh -tt" without a terminal sends them, and section 6.2 gives them a meaning. */
static struct terminal_size terminal_size(const struct window_size *size)
{
	return (struct terminal_size){dimension(size->columns), dimension(size->rows),
	    dimension(size->width), dimension(size->height)};
}

static enum err on_pty(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {.kind = CONNECTION_PTY};
	struct request_pty pty;

	TRY(request_pty_parse(request->fields, &pty));
	question.pty.term = pty.term;
	question.pty.modes = terminal_modes_well_formed(pty.modes);
	question.pty.size = terminal_size(&pty.size);
	if (channel->session.has_pty || pty.term.len > CONNECTION_TERM_LIMIT ||
	    question.pty.modes.len > CONNECTION_MODES_LIMIT)
		return refuse(channel, request);
	channel->session.has_pty = true;
	return ask(channel, request, &question);
}

static enum err on_env(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {.kind = CONNECTION_ENV};
	struct request_env env;

	TRY(request_env_parse(request->fields, &env));
	if (env.name.len > CONNECTION_ENV_NAME_LIMIT ||
	    env.value.len > CONNECTION_ENV_VALUE_LIMIT ||
	    channel->session.env_count >= CONNECTION_ENV_LIMIT)
		return refuse(channel, request);
	channel->session.env_count++;
	question.env.name = env.name;
	question.env.value = env.value;
	return ask(channel, request, &question);
}

static enum err on_agent(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {.kind = CONNECTION_AGENT};

	TRY(request_nothing_parse(request->fields));
	if (channel->session.has_agent)
		return refuse(channel, request);
	channel->session.has_agent = true;
	return ask(channel, request, &question);
}

/* Whole bytes in hexadecimal and nothing else: a newline in it once ran xauth commands
 * (CVE-2016-3115). */
static bool is_cookie(struct slice text)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == 0 || strchr(digits, text.ptr[i]) == NULL)
			return false;
	return text.len > 0 && text.len % 2 == 0 && text.len <= CONNECTION_X11_COOKIE_LIMIT;
}

static bool is_x11_protocol(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		bool is_letter = (name.ptr[i] | 0x20) >= 'a' && (name.ptr[i] | 0x20) <= 'z';
		bool is_digit = name.ptr[i] >= '0' && name.ptr[i] <= '9';

		if (!is_letter && !is_digit && name.ptr[i] != '-')
			return false;
	}
	return name.len > 0 && name.len <= CONNECTION_X11_NAME_LIMIT;
}

static enum err on_x11(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {.kind = CONNECTION_X11};
	struct request_x11 x11;

	TRY(request_x11_parse(request->fields, &x11));
	if (channel->session.has_x11 || !is_x11_protocol(x11.protocol) || !is_cookie(x11.cookie))
		return refuse(channel, request);
	channel->session.has_x11 = true;
	question.x11.is_single = x11.single_connection;
	question.x11.protocol = x11.protocol;
	question.x11.cookie = x11.cookie;
	question.x11.screen = x11.screen;
	return ask(channel, request, &question);
}

/* --------------------------------------------------------------------------- the start */

static void subsystem_remember(struct session *session, struct slice name)
{
	struct writer w =
	    writer_into((struct span){session->subsystem, sizeof(session->subsystem)});

	write_bytes(&w, LITERAL("session:subsystem:"));
	write_bytes(&w, name);
	session->subsystem_len = writer_view(&w).len;
}

/* One of the three per session; when it is refused another may be tried, as PuTTY's psftp does. */
static enum err start(struct channel *channel, const struct channel_request *request,
    enum session_start what, struct slice command)
{
	struct connection_question question = {
	    .kind = CONNECTION_START, .start = {.what = what, .command = command}};

	if (command.len > CONNECTION_COMMAND_LIMIT)
		return refuse(channel, request);
	channel->session.phase = SESSION_STARTING;
	channel->session.what = what;
	if (what == SESSION_SUBSYSTEM)
		subsystem_remember(&channel->session, command);
	return ask(channel, request, &question);
}

static enum err on_shell(struct channel *channel, const struct channel_request *request)
{
	TRY(request_nothing_parse(request->fields));
	return start(channel, request, SESSION_SHELL, (struct slice){0});
}

static enum err on_exec(struct channel *channel, const struct channel_request *request)
{
	struct slice command;

	TRY(request_string_parse(request->fields, &command));
	return start(channel, request, SESSION_EXEC, command);
}

static enum err on_subsystem(struct channel *channel, const struct channel_request *request)
{
	struct slice name;

	TRY(request_string_parse(request->fields, &name));
	return start(channel, request, SESSION_SUBSYSTEM, name);
}

/* ------------------------------------------------------------------------- at any time */

static enum err on_window_change(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {
	    .kind = CONNECTION_RESIZE, .session = channel->serial};
	struct window_size size;

	TRY(request_window_change_parse(request->fields, &size));
	if (!channel->session.has_pty)
		return refuse(channel, request);
	question.resize = terminal_size(&size);
	TRY(channel->connection->sink.ask(channel->connection->sink.owner, &question));
	return pending_reply(channel->connection, channel, request->want_reply, true);
}

static bool is_signal_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= ' ' || name.ptr[i] >= 0x7f)
			return false;
	return name.len > 0 && name.len <= CONNECTION_SIGNAL_LIMIT;
}

static enum err on_signal(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {.kind = CONNECTION_SIGNAL};

	TRY(request_string_parse(request->fields, &question.signal));
	if (channel->session.phase == SESSION_FRESH || !is_signal_name(question.signal))
		return refuse(channel, request);
	return ask(channel, request, &question);
}

static enum err on_break(struct channel *channel, const struct channel_request *request)
{
	struct connection_question question = {.kind = CONNECTION_BREAK};

	TRY(request_break_parse(request->fields, &question.break_ms));
	if (!channel->session.has_pty)
		return refuse(channel, request);
	return ask(channel, request, &question);
}

/* OpenSSH's client reads no more output: "ssh host yes | head -1" ends by this. */
static enum err on_eow(struct channel *channel, const struct channel_request *request)
{
	TRY(request_nothing_parse(request->fields));
	TRY(pending_reply(channel->connection, channel, request->want_reply, true));
	return channel_output_broken(channel);
}

/* --------------------------------------------------------------------------- the table */

enum {
	FRESH = 1u << SESSION_FRESH,
	STARTING = 1u << SESSION_STARTING,
	STARTED = 1u << SESSION_STARTED,
	ALWAYS = FRESH | STARTING | STARTED
};

static const struct request_row {
	const char *name;
	unsigned phases; /* in others it is refused */
	request_handler *handle;
} rows[] = {
    {"pty-req", FRESH, on_pty},
    {"env", FRESH, on_env},
    {"x11-req", FRESH, on_x11},
    {"auth-agent-req@openssh.com", FRESH, on_agent},
    {"agent-req", FRESH, on_agent},
    {"shell", FRESH, on_shell},
    {"exec", FRESH, on_exec},
    {"subsystem", FRESH, on_subsystem},
    {"window-change", ALWAYS, on_window_change},
    {"signal", ALWAYS, on_signal},
    {"break", ALWAYS, on_break},
    {"eow@openssh.com", ALWAYS, on_eow},
};

/*
 * What has no row is refused: winadj@putty.projects.tartarus.org (PuTTY times its windows by our
 * refusals), simple@putty.projects.tartarus.org, keepalive@openssh.com, and all that is yet to
 * come.
 */
enum err on_channel_request(struct connection *connection, struct slice payload)
{
	struct channel_request request;
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_request_parse(payload, &request));
	TRY(channel_received(
	    connection, request.recipient_channel, CHANNEL_RECEIVE_REQUEST, &channel, &effect));
	if (effect == CHANNEL_IGNORE)
		return ERR_OK;
	for (size_t i = 0; i < COUNT_OF(rows) && channel->type == CHANNEL_SESSION; i++) {
		if (!slice_is(request.type, rows[i].name))
			continue;
		if ((rows[i].phases & 1u << channel->session.phase) == 0)
			return refuse(channel, &request);
		return rows[i].handle(channel, &request);
	}
	return refuse(channel, &request);
}

void session_answered(
    struct channel *channel, enum connection_question_kind question, bool is_granted)
{
	struct session *session = &channel->session;

	if (question == CONNECTION_START)
		session->phase = is_granted ? SESSION_STARTED : SESSION_FRESH;
	if (question == CONNECTION_PTY && !is_granted)
		session->has_pty = false;
	if (question == CONNECTION_AGENT && !is_granted)
		session->has_agent = false;
	if (question == CONNECTION_X11 && !is_granted)
		session->has_x11 = false;
}

/* Only keepalive@openssh.com wants a reply of ours, and any packet at all is as good. */
enum err on_channel_reply(struct connection *connection, struct slice payload)
{
	uint32_t recipient_channel;
	struct channel *channel;
	enum channel_effect effect;

	TRY(channel_notice_parse(payload, payload.ptr[0], &recipient_channel));
	return channel_received(
	    connection, recipient_channel, CHANNEL_RECEIVE_REPLY, &channel, &effect);
}
