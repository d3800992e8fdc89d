/* What net asks the monitor: each core's question is one message. */
#include "privsep/net/net.h"

#define ASK(net, TYPE, name, ...)                                                                  \
	IPC_SEND(&(net)->monitor, STATE_UNKNOWN, MSG_##TYPE, name,                      \
	    &((struct msg_##name){__VA_ARGS__}), (net)->datagram)

/* ------------------------------------------------------------ transport */

enum err question_sign(struct net *net, const struct transport_sign_question *question)
{
	const struct transcript *transcript = question->transcript;

	return ASK(net, NET_SIGN, net_sign, .kex = slice_text(question->kex->name),
	    .signature_algorithm = slice_text(question->signature->name),
	    .host_key = (uint32_t)question->host_key, .V_C = transcript->V_C, .I_C = transcript->I_C,
	    .Q_C = transcript->Q_C, .Q_S = transcript->Q_S, .K = transcript->K);
}

enum err question_rekey(struct net *net)
{
	return ASK(net, NET_REKEY, net_rekey, 0);
}

enum err question_group(struct net *net, const struct transport_group_question *question)
{
	return ASK(net, NET_GROUP, net_group, .is_old = question->is_old, .min = question->min,
	    .n = question->n, .max = question->max);
}

/* ------------------------------------------------------------- dialogue */

enum err question_dialogue(void *owner, const struct dialogue_question *question)
{
	struct net *net = owner;

	switch (question->kind) {
	case DIALOGUE_USER:
		return ASK(net, NET_USER, net_user, .name = question->user);
	case DIALOGUE_NONE:
		return ASK(net, NET_NONE, net_none, 0);
	case DIALOGUE_UNKNOWN:
		return ASK(net, NET_UNKNOWN, net_unknown, .method = question->method);
	case DIALOGUE_PROBE:
		return ASK(net, NET_PROBE, net_probe, .algorithm = question->key.algorithm,
		    .blob = question->key.blob);
	case DIALOGUE_KEYSIG:
		return ASK(net, NET_KEYSIG, net_keysig, .algorithm = question->key.algorithm,
		    .blob = question->key.blob, .is_hostbound = question->key.is_hostbound,
		    .host_key = question->key.host_key, .signature = question->key.signature);
	case DIALOGUE_PASSWORD:
		return ASK(net, NET_PASSWORD, net_password, .password = question->password.current);
	case DIALOGUE_PASSWORD_CHANGE:
		return ASK(net, NET_PASSWORD_CHANGE, net_password_change,
		    .old_password = question->password.current,
		    .new_password = question->password.replacement);
	case DIALOGUE_KBD_START:
		return ASK(net, NET_KBD_START, net_kbd_start, .submethods = question->submethods);
	case DIALOGUE_KBD_RESPONSE:
		return ASK(net, NET_KBD_RESPONSE, net_kbd_response, .count = question->typed.count,
		    .response = question->typed.response);
	case DIALOGUE_KBD_ABORT:
		return ASK(net, NET_KBD_ABORT, net_kbd_abort, 0);
	case DIALOGUE_QUESTION_COUNT:
		break;
	}
	return ERR_UNSUPPORTED;
}

/* ----------------------------------------------------------- connection */

static enum err ask_start(struct net *net, const struct connection_question *question)
{
	static const enum program_kind kinds[] = {
	    [SESSION_SHELL] = PROGRAM_SHELL,
	    [SESSION_EXEC] = PROGRAM_EXEC,
	    [SESSION_SUBSYSTEM] = PROGRAM_SUBSYSTEM,
	};

	return ASK(net, NET_START, net_start, .request = question->request, .channel = question->session,
	    .kind = (uint8_t)kinds[question->start.what], .command = question->start.command);
}

static enum err ask_pty(struct net *net, const struct connection_question *question)
{
	const struct terminal_size *size = &question->pty.size;

	return ASK(net, NET_PTY, net_pty, .request = question->request, .channel = question->session,
	    .term = question->pty.term, .columns = size->columns, .rows = size->rows,
	    .width_pixels = size->width, .height_pixels = size->height, .modes = question->pty.modes);
}

static enum err ask_resize(struct net *net, const struct connection_question *question)
{
	const struct terminal_size *size = &question->resize;

	return ASK(net, NET_RESIZE, net_resize, .channel = question->session, .columns = size->columns,
	    .rows = size->rows, .width_pixels = size->width, .height_pixels = size->height);
}

enum err question_connection(void *owner, const struct connection_question *question)
{
	struct net *net = owner;

	switch (question->kind) {
	case CONNECTION_SESSION_OPEN:
		return ASK(net, NET_SESSION, net_session, .request = question->request,
		    .channel = question->session);
	case CONNECTION_PTY:
		return ask_pty(net, question);
	case CONNECTION_ENV:
		return ASK(net, NET_ENV, net_env, .request = question->request,
		    .channel = question->session, .name = question->env.name,
		    .value = question->env.value);
	case CONNECTION_START:
		return ask_start(net, question);
	case CONNECTION_RESIZE:
		return ask_resize(net, question);
	case CONNECTION_SIGNAL:
		return ASK(net, NET_SIGNAL, net_signal, .request = question->request,
		    .channel = question->session, .name = question->signal);
	case CONNECTION_BREAK:
		return ASK(net, NET_BREAK, net_break, .request = question->request,
		    .channel = question->session);
	case CONNECTION_SESSION_CLOSE:
		return ASK(net, NET_CLOSE, net_close, .channel = question->session);
	case CONNECTION_AGENT:
		return ASK(net, NET_AGENT, net_agent, .request = question->request,
		    .channel = question->session);
	case CONNECTION_X11:
		return ASK(net, NET_X11, net_x11, .request = question->request,
		    .channel = question->session, .is_single = question->x11.is_single,
		    .protocol = question->x11.protocol, .cookie = question->x11.cookie,
		    .screen = question->x11.screen);
	case CONNECTION_PROVE:
		return ASK(net, NET_PROVE, net_prove, .request = question->request,
		    .blob = question->host_key);
	default:
		return question_forward(net, question);
	}
}

/* ------------------------------------------------------------- tellings */

enum err tell_event(struct net *net, enum net_event event, uint32_t number, struct slice text)
{
	return ASK(net, NET_EVENT, net_event, .event = (uint8_t)event, .number = number,
	    .text = slice_first(text, 1024));
}

enum err tell_bye(struct net *net, enum connection_end end, uint32_t reason, struct slice text)
{
	return ASK(net, NET_BYE, net_bye, .end = (uint8_t)end, .reason = reason,
	    .text = slice_first(text, 512), .bytes_in = net->bytes_in, .bytes_out = net->bytes_out);
}
