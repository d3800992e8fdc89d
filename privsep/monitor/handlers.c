/* Which handler answers which message of net: one row each. */
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"

enum handler_kind {
	IS_STATEMENT, /* expects no answer */
	IS_QUESTION,  /* one at a time until OPEN */
};

/*      message            fields            kind */
#define HANDLER_TABLE(ROW)                                                                         \
	ROW(NET_READY, net_ready, IS_STATEMENT)                                                    \
	ROW(NET_SIGN, net_sign, IS_QUESTION)                                                       \
	ROW(NET_REKEY, net_rekey, IS_QUESTION)                                                     \
	ROW(NET_GROUP, net_group, IS_QUESTION)                                                     \
	ROW(NET_USER, net_user, IS_STATEMENT)                                                      \
	ROW(NET_NONE, net_none, IS_QUESTION)                                                       \
	ROW(NET_UNKNOWN, net_unknown, IS_QUESTION)                                                 \
	ROW(NET_PROBE, net_probe, IS_QUESTION)                                                     \
	ROW(NET_KEYSIG, net_keysig, IS_QUESTION)                                                   \
	ROW(NET_PASSWORD, net_password, IS_QUESTION)                                               \
	ROW(NET_PASSWORD_CHANGE, net_password_change, IS_QUESTION)                                 \
	ROW(NET_KBD_START, net_kbd_start, IS_QUESTION)                                             \
	ROW(NET_KBD_RESPONSE, net_kbd_response, IS_QUESTION)                                       \
	ROW(NET_KBD_ABORT, net_kbd_abort, IS_STATEMENT)                                            \
	ROW(NET_SESSION, net_session, IS_QUESTION)                                                 \
	ROW(NET_PTY, net_pty, IS_QUESTION)                                                         \
	ROW(NET_ENV, net_env, IS_QUESTION)                                                         \
	ROW(NET_START, net_start, IS_QUESTION)                                                     \
	ROW(NET_RESIZE, net_resize, IS_STATEMENT)                                                  \
	ROW(NET_SIGNAL, net_signal, IS_QUESTION)                                                   \
	ROW(NET_BREAK, net_break, IS_QUESTION)                                                     \
	ROW(NET_AGENT, net_agent, IS_QUESTION)                                                     \
	ROW(NET_X11, net_x11, IS_QUESTION)                                                         \
	ROW(NET_CONNECT, net_connect, IS_QUESTION)                                                 \
	ROW(NET_LISTEN, net_listen, IS_QUESTION)                                                   \
	ROW(NET_CANCEL, net_cancel, IS_QUESTION)                                                   \
	ROW(NET_OFFERED, net_offered, IS_STATEMENT)                                                \
	ROW(NET_FORWARD_END, net_forward_end, IS_STATEMENT)                                        \
	ROW(NET_CLOSE, net_close, IS_STATEMENT)                                                    \
	ROW(NET_PROVE, net_prove, IS_QUESTION)                                                     \
	ROW(NET_EVENT, net_event, IS_STATEMENT)                                                    \
	ROW(NET_BYE, net_bye, IS_STATEMENT)

#define PARSE_AND_HANDLE(NAME, name, kind)                                                         \
	static enum err handle_##name(struct monitor *m, struct slice body)                        \
	{                                                                                          \
		struct msg_##name msg;                                                             \
                                                                                                   \
		if (msg_##name##_parse(body, &msg) != ERR_OK)                                      \
			return ERR_BREACH;                                                         \
		return on_##name(m, &msg);                                                         \
	}
HANDLER_TABLE(PARSE_AND_HANDLE)

struct handler_row {
	enum err (*handle)(struct monitor *m, struct slice body);
	enum handler_kind kind;
};

#define HANDLER_ROW(NAME, name, kind) [MSG_##NAME] = {handle_##name, kind},
static const struct handler_row rows[MSG_NET_COUNT] = {HANDLER_TABLE(HANDLER_ROW)};

bool net_message_is_question(unsigned type)
{
	return type < MSG_NET_COUNT && rows[type].kind == IS_QUESTION;
}

enum err handle_net_message(struct monitor *m, const struct ipc_message *message)
{
	if (message->type >= MSG_NET_COUNT || rows[message->type].handle == NULL)
		return ERR_BREACH;
	return rows[message->type].handle(m, message->body);
}
