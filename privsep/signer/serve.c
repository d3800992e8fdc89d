#include "privsep/signer/serve.h"

#include <stdlib.h>

#include "privsep/ipc/channel.h"
#include "privsep/signer/sign.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

struct serving {
	const struct signer_keys *keys;
	struct loop *loop;
	struct ipc_channel control;
	struct loop_source control_source;
	bool is_retired;
	unsigned client_count;
};

/* One monitor. */
struct client {
	struct serving *serving;
	struct ipc_channel channel;
	struct loop_source source;
};

static uint8_t room[IPC_DATAGRAM_LIMIT], scratch[IPC_DATAGRAM_LIMIT];

static void end_when_done(struct serving *serving)
{
	if (serving->is_retired && serving->client_count == 0)
		loop_stop(serving->loop);
}

/* ----------------------------------------------------------------- clients */

static void client_free(struct client *client)
{
	struct serving *serving = client->serving;

	loop_remove(serving->loop, &client->source);
	fd_close(client->channel.fd);
	free(client);
	serving->client_count--;
	end_when_done(serving);
}

static enum err answer(struct client *client, enum err err, struct slice signature)
{
	struct span to = {scratch, sizeof(scratch)};

	if (err != ERR_OK)
		return IPC_SEND(&client->channel, STATE_READY, MSG_SIGNER_REFUSED, signer_refused,
		    &((struct msg_signer_refused){.error = err}), to);
	return IPC_SEND(&client->channel, STATE_READY, MSG_SIGNER_SIGNED, signer_signed,
	    &((struct msg_signer_signed){.signature = signature}), to);
}

static enum err on_request(struct client *client, const struct ipc_message *message)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(SIGNATURE_BLOB_LIMIT);
	struct msg_signer_exchange exchange;
	struct msg_signer_proof proof;
	enum err err;

	if (message->type == MSG_SIGNER_EXCHANGE) {
		TRY(msg_signer_exchange_parse(message->body, &exchange));
		err = sign_exchange(client->serving->keys, &exchange, &signature);
	} else {
		TRY(msg_signer_proof_parse(message->body, &proof));
		err = sign_proof(client->serving->keys, &proof, &signature);
	}
	/* K was in it. */
	explicit_bzero(room, message->body.len + IPC_HEADER_LEN);
	return answer(client, err, buf_view(&signature));
}

static void on_client_readable(struct loop_source *source, uint32_t events)
{
	struct client *client = CONTAINER_OF(source, struct client, source);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&client->channel, STATE_READY, (struct span){room, sizeof(room)}, false,
	    &message);

	(void)events;
	if (err == ERR_AGAIN)
		return;
	if (err == ERR_OK)
		err = on_request(client, &message);
	/* A monitor that breaks the rules loses its channel; the others have nothing to do with it. */
	if (err != ERR_OK)
		client_free(client);
}

static enum err client_add(struct serving *serving, int fd)
{
	struct client *client = serving->client_count < SIGNER_CHANNELS_LIMIT ? calloc(1, sizeof(*client))
									      : NULL;

	if (client == NULL) {
		fd_close(fd);
		return ERR_OK;
	}
	client->serving = serving;
	client->channel = ipc_channel_over(fd, &signer_messages, DOWN, false);
	client->channel.uses_write = true;
	client->source = (struct loop_source){.fd = fd, .ready = on_client_readable};
	serving->client_count++;
	if (loop_add(serving->loop, &client->source, EPOLLIN) != ERR_OK)
		client_free(client);
	return ERR_OK;
}

/* ---------------------------------------------------------------- listener */

static void retire(struct serving *serving)
{
	serving->is_retired = true;
	loop_remove(serving->loop, &serving->control_source);
	fd_release(&serving->control.fd);
	end_when_done(serving);
}

static enum err on_control(struct serving *serving, struct ipc_message *message)
{
	struct msg_signer_channel channel;

	if (message->type == MSG_SIGNER_RETIRE) {
		retire(serving);
		return ERR_OK;
	}
	if (message->type != MSG_SIGNER_CHANNEL)
		return ERR_BREACH;
	TRY(msg_signer_channel_parse(message->body, &channel));
	return client_add(serving, TAKE_FD(message->fds[0]));
}

static void on_control_readable(struct loop_source *source, uint32_t events)
{
	struct serving *serving = CONTAINER_OF(source, struct serving, control_source);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&serving->control, STATE_READY, (struct span){room, sizeof(room)}, false,
	    &message);

	(void)events;
	if (err == ERR_AGAIN)
		return;
	if (err == ERR_OK)
		err = on_control(serving, &message);
	if (err != ERR_OK)
		retire(serving);
}

static enum err tell_keys(struct serving *serving)
{
	AUTO(buf_wipe) struct buf list = buf_empty(SIGNER_LIST_LIMIT);
	struct msg_signer_keys keys = {.complaints = buf_view(&serving->keys->complaints)};

	TRY(signer_keys_encode(serving->keys, &list));
	keys.host_keys = buf_view(&list);
	return IPC_SEND(&serving->control, STATE_READY, MSG_SIGNER_KEYS, signer_keys, &keys,
	    ((struct span){scratch, sizeof(scratch)}));
}

enum err signer_serve(const struct signer_keys *keys, struct loop *loop, int control)
{
	struct serving serving = {
	    .keys = keys,
	    .loop = loop,
	    .control = ipc_channel_over(control, &listener_messages, UP, true),
	    .control_source = {.fd = control, .ready = on_control_readable},
	};

	serving.control.uses_write = true;
	TRY(tell_keys(&serving));
	TRY(loop_add(loop, &serving.control_source, EPOLLIN));
	return loop_run(loop);
}
