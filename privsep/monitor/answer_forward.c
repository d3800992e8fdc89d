/* Forwards as net asks for them: what policy says, before anything reaches the user's process. */
#include <stdio.h>

#include "privsep/monitor/endpoints.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/wire/messages_channel_open.h"
#include "sshd/wire/numbers.h"

static enum err deny(struct monitor *m, uint32_t request, uint32_t reason, const char *text)
{
	return NET_SEND(m, NET_DENIED, net_denied,
	    &((struct msg_net_denied){.request = request, .reason = reason, .text = slice_text(text)}));
}

static enum err grant(struct monitor *m, uint32_t request)
{
	return NET_SEND(m, NET_GRANTED, net_granted, &((struct msg_net_granted){.request = request}));
}

/* ------------------------------------------------------------------ policy */

struct wish {
	enum policy_ask ask;
	uint32_t permission; /* of enum permission */
	const char *text;
	uint16_t port;
	unsigned number;
};

/* A key's lists of endpoints. */
static enum verdict lists_permit(const struct restrictions *restrictions, const struct wish *wish)
{
	switch (wish->ask) {
	case ASK_OPEN_TCP:
		return endpoints_permit(&restrictions->opens, slice_text(wish->text), wish->port, false);
	case ASK_LISTEN_TCP:
		return endpoints_permit(&restrictions->listens, slice_text(wish->text), wish->port, true);
	case ASK_OPEN_STREAMLOCAL:
		return endpoints_permit_path(&restrictions->opens);
	case ASK_LISTEN_STREAMLOCAL:
		return endpoints_permit_path(&restrictions->listens);
	default:
		return PERMIT;
	}
}

/* Configuration and credentials must both permit it. `why` is set on DENY. */
static enum verdict wish_permitted(const struct monitor *m, const struct wish *wish, const char **why)
{
	const struct restrictions *restrictions = &m->auth.restrictions;
	struct policy_question question = {
	    .ask = wish->ask, .text = wish->text, .port = wish->port, .number = wish->number};
	struct decision decision = policy_decide(m->auth.conf, &m->auth.facts, &question);

	if (decision.verdict != PERMIT) {
		*why = policy_reason_text(decision.reason);
		return DENY;
	}
	*why = "the key or certificate does not permit it";
	if ((restrictions->permitted & wish->permission) != wish->permission)
		return DENY;
	return lists_permit(restrictions, wish);
}

/* ----------------------------------------------------------------- connect */

static const struct {
	enum policy_ask ask;
	uint32_t permission;
	unsigned number;
} connects[FORWARD_KIND_COUNT] = {
    [FORWARD_TCP] = {ASK_OPEN_TCP, MAY_OPEN_TCP, 0},
    [FORWARD_STREAMLOCAL] = {ASK_OPEN_STREAMLOCAL, MAY_OPEN_STREAMLOCAL, 0},
    [FORWARD_TUN_POINT_TO_POINT] = {ASK_TUNNEL, MAY_TUNNEL_POINT_TO_POINT, TUNNEL_POINT_TO_POINT},
    [FORWARD_TUN_ETHERNET] = {ASK_TUNNEL, MAY_TUNNEL_ETHERNET, TUNNEL_ETHERNET},
};

/* A key may name the one unit that it gives. */
static enum verdict choose_unit(const struct monitor *m, uint32_t *unit)
{
	uint32_t given = m->auth.restrictions.tunnel_unit;

	if (given == TUNNEL_UNIT_ANY)
		return PERMIT;
	if (*unit != OPEN_TUN_ANY_UNIT && *unit != given)
		return DENY;
	*unit = given;
	return PERMIT;
}

static bool has_room(struct monitor *m)
{
	return m->forwarding.count < FORWARDS_LIMIT && pace_try(&m->forwarding.pace, m->loop.now_ms);
}

static enum verdict connect_permitted(
    const struct monitor *m, const struct msg_net_connect *msg, const char *host, uint32_t *port, const char **why)
{
	struct wish wish = {
	    .ask = connects[msg->kind].ask,
	    .permission = connects[msg->kind].permission,
	    .text = host,
	    .port = msg->kind == FORWARD_TCP ? (uint16_t)msg->port : 0,
	    .number = connects[msg->kind].number,
	};

	if (wish_permitted(m, &wish, why) != PERMIT)
		return DENY;
	return wish.ask == ASK_TUNNEL ? choose_unit(m, port) : PERMIT;
}

static bool is_connect(const struct msg_net_connect *msg)
{
	return msg->kind < FORWARD_KIND_COUNT && connects[msg->kind].permission != 0 &&
	       (msg->kind != FORWARD_TCP || (msg->port > 0 && msg->port <= UINT16_MAX));
}

enum err on_net_connect(struct monitor *m, const struct msg_net_connect *msg)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4097);
	struct forwarding *forwarding = &m->forwarding;
	uint32_t port = msg->port;
	struct forward *forward;
	const char *host, *why = "";

	if (!is_connect(msg) || forwarding->opening >= FORWARDS_OPENING_LIMIT ||
	    forward_of_channel(forwarding, msg->channel) != NULL)
		return ERR_BREACH;
	TRY(buf_append(&text, msg->host));
	if (buf_c_string(&text, &host) != ERR_OK)
		return deny(m, msg->request, SSH_OPEN_CONNECT_FAILED, "there is no such place");
	if (connect_permitted(m, msg, host, &port, &why) != PERMIT) {
		log_forward_refused(m, msg->kind, false, host, msg->port, why);
		return deny(m, msg->request, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, why);
	}
	forward = has_room(m) ? forward_new(m, msg->kind, host, port) : NULL;
	if (forward == NULL)
		return deny(m, msg->request, SSH_OPEN_RESOURCE_SHORTAGE, "too many connections");
	forward->channel = msg->channel;
	forward->request = msg->request;
	forwarding->opening++;
	return forwards_advance(m);
}

/* ------------------------------------------------------------------ listen */

static const struct {
	enum policy_ask ask;
	uint32_t permission;
} listens[FORWARD_KIND_COUNT] = {
    [FORWARD_TCP] = {ASK_LISTEN_TCP, MAY_LISTEN_TCP},
    [FORWARD_STREAMLOCAL] = {ASK_LISTEN_STREAMLOCAL, MAY_LISTEN_STREAMLOCAL},
};

static bool is_listen(uint8_t kind, uint32_t port)
{
	return kind < FORWARD_KIND_COUNT && listens[kind].permission != 0 && port <= UINT16_MAX;
}

/* Begins to listen; its answer goes to `request`. */
static enum err begin_listening(struct monitor *m, enum forward_kind kind, const char *address,
    uint32_t port, uint32_t request, struct listener **out)
{
	struct listener *listener =
	    m->forwarding.listener_count < LISTENERS_LIMIT && pace_try(&m->forwarding.pace, m->loop.now_ms)
		? listener_new(m, kind, address, port)
		: NULL;

	*out = listener;
	if (listener == NULL)
		return deny(m, request, 0, "");
	listener->has_request = true;
	listener->request = request;
	return ERR_OK;
}

enum err on_net_listen(struct monitor *m, const struct msg_net_listen *msg)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4097);
	struct listener *listener = NULL;
	const char *address, *why = "";
	struct wish wish;

	if (!is_listen(msg->kind, msg->port))
		return ERR_BREACH;
	TRY(buf_append(&text, msg->address));
	if (buf_c_string(&text, &address) != ERR_OK)
		return deny(m, msg->request, 0, "");
	wish = (struct wish){.ask = listens[msg->kind].ask, .permission = listens[msg->kind].permission,
	    .text = address, .port = (uint16_t)msg->port};
	if (wish_permitted(m, &wish, &why) != PERMIT) {
		log_forward_refused(m, msg->kind, true, address, msg->port, why);
		return deny(m, msg->request, 0, "");
	}
	TRY(begin_listening(m, msg->kind, address, msg->port, msg->request, &listener));
	return listener != NULL ? forwards_advance(m) : ERR_OK;
}

enum err on_net_cancel(struct monitor *m, const struct msg_net_cancel *msg)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4097);
	struct listener *listener;
	const char *address;

	if (!is_listen(msg->kind, msg->port))
		return ERR_BREACH;
	TRY(buf_append(&text, msg->address));
	if (buf_c_string(&text, &address) != ERR_OK)
		return deny(m, msg->request, 0, "");
	listener = listener_find(&m->forwarding, msg->kind, address, msg->port);
	if (listener == NULL || listener->state == LISTENER_WAITING)
		return deny(m, msg->request, 0, "");
	TRY(listener_close(m, listener));
	return grant(m, msg->request);
}

/* ------------------------------------------------------------------- what became of it */

enum err on_net_offered(struct monitor *m, const struct msg_net_offered *msg)
{
	struct forward *forward = forward_of_number(&m->forwarding, msg->forward);

	if (forward == NULL || forward->state != FORWARD_OFFERED)
		return ERR_BREACH;
	m->forwarding.offered--;
	forward->state = FORWARD_OPEN;
	if (!msg->is_open) {
		log_forward_failed(m, forward, LITERAL("the client does not want it"));
		forward_free(m, forward);
	}
	if (m->sessions.user.channel.fd < 0)
		return ERR_OK;
	/* A process that takes no more messages accepts no more either. */
	IGNORE(IPC_SEND(&m->sessions.user.channel, STATE_SERVING, MSG_USER_ACCEPT_MORE, user_accept_more,
	    &((struct msg_user_accept_more){.count = 1}), monitor_scratch()));
	return ERR_OK;
}

enum err on_net_forward_end(struct monitor *m, const struct msg_net_forward_end *msg)
{
	struct forward *forward = msg->is_accepted ? forward_of_number(&m->forwarding, msg->number)
						   : forward_of_channel(&m->forwarding, msg->number);

	if (forward == NULL || forward->is_accepted != msg->is_accepted || forward->state != FORWARD_OPEN)
		return ERR_BREACH;
	log_forward_end(m, forward, msg->bytes_in, msg->bytes_out);
	forward_free(m, forward);
	return ERR_OK;
}

/* --------------------------------------------------------- agent and display */

static enum err find_larval(struct monitor *m, uint32_t channel, struct session **out)
{
	*out = session_of_channel(&m->sessions, channel);
	return *out != NULL ? ERR_OK : ERR_BREACH;
}

static bool may_ask(const struct session *session)
{
	return session->state == SESSION_LARVAL && !session->start.is_pending;
}

/* One socket serves all sessions of the connection that asked for it. */
enum err on_net_agent(struct monitor *m, const struct msg_net_agent *msg)
{
	const struct wish wish = {.ask = ASK_AGENT, .permission = MAY_FORWARD_AGENT};
	struct listener *listener = NULL;
	struct session *session;
	const char *why = "";

	TRY(find_larval(m, msg->channel, &session));
	if (!may_ask(session))
		return deny(m, msg->request, 0, "");
	if (wish_permitted(m, &wish, &why) != PERMIT) {
		log_forward_refused(m, FORWARD_AGENT, true, "agent", 0, why);
		return deny(m, msg->request, 0, "");
	}
	session->wants_agent = true;
	if (m->forwarding.agent_path[0] != 0)
		return grant(m, msg->request);
	TRY(begin_listening(m, FORWARD_AGENT, "agent", 0, msg->request, &listener));
	if (listener == NULL)
		return ERR_OK;
	listener->session = session->number;
	return forwards_advance(m);
}

/* What goes to xauth has no other form than this: see its uses in the past. */
static bool is_cookie(struct slice cookie)
{
	if (cookie.len != X11_COOKIE_LEN)
		return false;
	for (size_t i = 0; i < cookie.len; i++)
		if (strchr("0123456789abcdef", cookie.ptr[i]) == NULL || cookie.ptr[i] == 0)
			return false;
	return true;
}

enum err on_net_x11(struct monitor *m, const struct msg_net_x11 *msg)
{
	const struct wish wish = {.ask = ASK_X11, .permission = MAY_FORWARD_X11};
	struct listener *listener = NULL;
	struct session *session;
	const char *why = "";

	TRY(find_larval(m, msg->channel, &session));
	if (!may_ask(session) || session->x11.is_wanted || !is_cookie(msg->cookie) ||
	    !slice_is(msg->protocol, X11_PROTOCOL) || msg->screen > X11_SCREEN_LIMIT)
		return deny(m, msg->request, 0, "");
	if (wish_permitted(m, &wish, &why) != PERMIT) {
		log_forward_refused(m, FORWARD_X11, true, "display", 0, why);
		return deny(m, msg->request, 0, "");
	}
	TRY(begin_listening(m, FORWARD_X11, "display", m->auth.conf->x11_display_offset, msg->request, &listener));
	if (listener == NULL)
		return ERR_OK;
	listener->session = session->number;
	listener->is_single = msg->is_single;
	session->x11.is_wanted = true;
	session->x11.screen = msg->screen;
	memcpy(session->x11.cookie, msg->cookie.ptr, X11_COOKIE_LEN);
	return forwards_advance(m);
}
