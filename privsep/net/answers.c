/* What the monitor tells net: each message to the core that asked. */
#include "privsep/net/net.h"
#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"

static enum err receive(struct net *net, bool waits, struct ipc_message *message)
{
	return ipc_receive(&net->monitor, STATE_UNKNOWN, net->datagram, waits, message);
}

/* -------------------------------------------------------------- start */

static enum err take_connection(struct net *net, struct ipc_message *message)
{
	bool is_socket = message->type == MSG_NET_SOCKET;
	int input = message->fds[0];
	int output = is_socket ? input : message->fds[1];

	if (input != NET_FD_CONNECTION || (!is_socket && output != NET_FD_OUTPUT))
		return ERR_BREACH;
	TRY(net_begin(net, input, output, is_socket));
	message->fd_count = 0;
	return ERR_OK;
}

static enum err start_with(struct net *net, struct ipc_message *message)
{
	struct msg_net_hello hello;

	if (message->type == MSG_NET_SOCKET || message->type == MSG_NET_PIPES)
		return net->transport == NULL ? ERR_BREACH : take_connection(net, message);
	if (message->type != MSG_NET_HELLO || net->transport != NULL)
		return ERR_BREACH;
	TRY(msg_net_hello_parse(message->body, &hello));
	return wiring_start(net, &hello);
}

enum err answers_wait_start(struct net *net)
{
	while (net->phase == PHASE_START) {
		AUTO(ipc_message_wipe) struct ipc_message message = {0};

		TRY(receive(net, true, &message));
		TRY(start_with(net, &message));
	}
	return ERR_OK;
}

/* ---------------------------------------------------------- transport */

static enum err on_signed(struct net *net, struct ipc_message *message)
{
	struct msg_net_signed msg;

	TRY(msg_net_signed_parse(message->body, &msg));
	return transport_answer_signature(net->transport, msg.signature);
}

static enum err on_rekeyed(struct net *net, struct ipc_message *message)
{
	struct msg_net_rekeyed msg;

	TRY(msg_net_rekeyed_parse(message->body, &msg));
	return transport_answer_rekey(net->transport, msg.I_S);
}

static enum err on_group(struct net *net, struct ipc_message *message)
{
	struct msg_net_group_is msg;

	TRY(msg_net_group_is_parse(message->body, &msg));
	return transport_answer_group(net->transport, msg.p, msg.g);
}

/* ----------------------------------------------------- authentication */

static enum err on_key_ok(struct net *net, struct ipc_message *message)
{
	struct msg_net_key_ok msg;

	TRY(msg_net_key_ok_parse(message->body, &msg));
	return dialogue_answer(net->dialogue, &((struct dialogue_answer){.kind = DIALOGUE_KEY_OK}));
}

static enum err on_changereq(struct net *net, struct ipc_message *message)
{
	struct msg_net_changereq msg;

	TRY(msg_net_changereq_parse(message->body, &msg));
	return dialogue_answer(net->dialogue,
	    &((struct dialogue_answer){.kind = DIALOGUE_CHANGEREQ, .prompt = msg.prompt}));
}

static enum err on_prompt(struct net *net, struct ipc_message *message)
{
	struct msg_net_prompt msg;

	TRY(msg_net_prompt_parse(message->body, &msg));
	return dialogue_answer(net->dialogue,
	    &((struct dialogue_answer){.kind = DIALOGUE_PROMPT, .name = msg.name,
	        .instruction = msg.instruction, .has_prompt = msg.has_prompt, .prompt = msg.prompt,
	        .echo = msg.echo}));
}

static enum err on_banner(struct net *net, struct ipc_message *message)
{
	struct msg_net_banner msg;

	TRY(msg_net_banner_parse(message->body, &msg));
	return dialogue_banner(net->dialogue, msg.text);
}

static enum err on_result(struct net *net, struct ipc_message *message)
{
	struct msg_net_result msg;
	struct dialogue_answer answer = {.kind = DIALOGUE_FAILURE};

	TRY(msg_net_result_parse(message->body, &msg));
	answer.methods = msg.methods;
	if (msg.outcome == ATTEMPT_PARTIAL)
		answer.kind = DIALOGUE_PARTIAL;
	if (msg.outcome == ATTEMPT_SUCCEEDED)
		answer.kind = DIALOGUE_SUCCESS;
	TRY(dialogue_answer(net->dialogue, &answer));
	if (answer.kind != DIALOGUE_SUCCESS)
		return ERR_OK;
	net->phase = PHASE_ADMITTED;
	return transport_authenticated(net->transport);
}

static enum err on_open(struct net *net, struct ipc_message *message)
{
	struct msg_net_open msg;

	TRY(msg_net_open_parse(message->body, &msg));
	return net->phase == PHASE_ADMITTED ? wiring_open(net, &msg) : ERR_BREACH;
}

static enum err on_go(struct net *net, struct ipc_message *message)
{
	AUTO(buf_wipe) struct buf text = buf_empty(1024);
	struct msg_net_go msg;
	const char *shown;

	TRY(msg_net_go_parse(message->body, &msg));
	TRY(buf_append(&text, msg.text));
	TRY(buf_c_string(&text, &shown));
	transport_disconnect(net->transport, msg.reason, shown);
	net_end(net, END_NONE, msg.reason, msg.text);
	return ERR_OK;
}

/* --------------------------------------------------------- connection */

static enum err answer(struct net *net, const struct connection_answer *answer, struct channel **channel)
{
	if (net->connection == NULL)
		return ERR_BREACH;
	return connection_answer(net->connection, answer, net->loop.now_ms, channel);
}

static enum err on_granted(struct net *net, struct ipc_message *message)
{
	struct channel *channel = NULL;
	struct msg_net_granted msg;

	TRY(msg_net_granted_parse(message->body, &msg));
	TRY(answer(net, &((struct connection_answer){.request = msg.request, .is_granted = true}), &channel));
	return channel != NULL && msg.has_started ? pump_start(net, channel) : ERR_OK;
}

static enum err on_granted_stream(struct net *net, struct ipc_message *message)
{
	struct channel *channel = NULL;
	struct msg_net_granted_stream msg;

	TRY(msg_net_granted_stream_parse(message->body, &msg));
	TRY(answer(net, &((struct connection_answer){.request = msg.request, .is_granted = true}), &channel));
	if (channel == NULL)
		return ERR_OK;
	message->fd_count = 0;
	if (channel_type(channel) != CHANNEL_SESSION)
		return answer_connected(net, channel, msg.kind, message->fds[0]);
	return pump_attach_terminal(net, channel, message->fds[0]);
}

static enum err on_granted_pipes(struct net *net, struct ipc_message *message)
{
	struct channel *channel = NULL;
	struct msg_net_granted_pipes msg;

	TRY(msg_net_granted_pipes_parse(message->body, &msg));
	TRY(answer(net, &((struct connection_answer){.request = msg.request, .is_granted = true}), &channel));
	if (channel == NULL)
		return ERR_OK;
	message->fd_count = 0;
	TRY(pump_attach_pipes(net, channel, message->fds));
	return pump_start(net, channel);
}

static enum err on_denied(struct net *net, struct ipc_message *message)
{
	struct channel *channel = NULL;
	struct msg_net_denied msg;

	TRY(msg_net_denied_parse(message->body, &msg));
	return answer(net,
	    &((struct connection_answer){.request = msg.request, .reason = msg.reason, .text = msg.text}),
	    &channel);
}

static enum err on_listening(struct net *net, struct ipc_message *message)
{
	struct channel *channel = NULL;
	struct msg_net_listening msg;

	TRY(msg_net_listening_parse(message->body, &msg));
	return answer(net,
	    &((struct connection_answer){.request = msg.request, .is_granted = true, .port = (uint16_t)msg.port}),
	    &channel);
}

static enum err on_accepted(struct net *net, struct ipc_message *message)
{
	return net->connection == NULL ? ERR_BREACH : answer_accepted(net, message);
}

static enum err on_proof(struct net *net, struct ipc_message *message)
{
	struct channel *channel = NULL;
	struct msg_net_proof msg;

	TRY(msg_net_proof_parse(message->body, &msg));
	return answer(net,
	    &((struct connection_answer){.request = msg.request, .is_granted = true, .proof = msg.signature}),
	    &channel);
}

static enum err on_exited(struct net *net, struct ipc_message *message)
{
	struct msg_net_exited msg;
	struct channel *channel;

	TRY(msg_net_exited_parse(message->body, &msg));
	if (net->connection == NULL)
		return ERR_BREACH;
	channel = connection_find(net->connection, msg.channel);
	if (channel == NULL)
		return ERR_OK;
	TRY(channel_program_exited(channel,
	    &((struct program_exit){.is_signal = msg.signal.len > 0, .status = msg.status,
	        .signal = msg.signal, .dumped_core = msg.core_dumped})));
	return pump_after_exit(channel);
}

/* --------------------------------------------------------------- table */

static enum err (*const handlers[MSG_NET_COUNT])(struct net *net, struct ipc_message *message) = {
    [MSG_NET_SIGNED] = on_signed,
    [MSG_NET_REKEYED] = on_rekeyed,
    [MSG_NET_GROUP_IS] = on_group,
    [MSG_NET_KEY_OK] = on_key_ok,
    [MSG_NET_CHANGEREQ] = on_changereq,
    [MSG_NET_PROMPT] = on_prompt,
    [MSG_NET_BANNER] = on_banner,
    [MSG_NET_RESULT] = on_result,
    [MSG_NET_OPEN] = on_open,
    [MSG_NET_GO] = on_go,
    [MSG_NET_GRANTED] = on_granted,
    [MSG_NET_GRANTED_STREAM] = on_granted_stream,
    [MSG_NET_GRANTED_PIPES] = on_granted_pipes,
    [MSG_NET_DENIED] = on_denied,
    [MSG_NET_PROOF] = on_proof,
    [MSG_NET_LISTENING] = on_listening,
    [MSG_NET_ACCEPTED] = on_accepted,
    [MSG_NET_EXITED] = on_exited,
};

static enum err take_one(struct net *net)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};

	TRY(receive(net, false, &message));
	if (handlers[message.type] == NULL)
		return ERR_BREACH;
	return handlers[message.type](net, &message);
}

void answers_ready(struct loop_source *source, uint32_t events)
{
	struct net *net = CONTAINER_OF(source, struct net, monitor_watch);
	enum err err;

	(void)events;
	do
		err = net->phase < PHASE_ENDING ? take_one(net) : ERR_CLOSED;
	while (err == ERR_OK);
	if (err == ERR_CLOSED && net->phase < PHASE_ENDING) {
		/* Without a monitor nothing may be decided any more. */
		net->phase = PHASE_OVER;
	} else if (err == ERR_CLOSED) {
		loop_remove(&net->loop, &net->monitor_watch);
	} else if (err != ERR_AGAIN) {
		net_fail(net, err);
	}
	net_turn(net);
}
