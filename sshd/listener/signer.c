#include "sshd/listener/signer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "privsep/sandbox/sandbox.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/listener/listener.h"
#include "sshd/listener/reload.h"

#define KEYS_LIMIT     65536u
#define PATIENCE_MS    30000u
#define FIXED_ARGUMENTS 8u
#define ID_TEXT_SIZE   12

struct signer {
	struct listener *listener;
	struct ipc_channel control;
	struct loop_source source;
	struct loop_timer late; /* its keys are awaited */
	struct child child;
	struct buf keys;
	bool is_ready;
	bool is_retired;
};

static void signer_free(struct signer *signer)
{
	struct listener *listener = signer->listener;

	loop_timer_cancel(&listener->loop, &signer->late);
	loop_remove(&listener->loop, &signer->source);
	fd_release(&signer->control.fd);
	children_forget(&listener->children, &signer->child);
	buf_wipe(&signer->keys);
	free(signer);
}

/* ----------------------------------------------------------------- what it says */

static void log_complaints(struct slice complaints)
{
	while (complaints.len > 0) {
		const uint8_t *end = memchr(complaints.ptr, '\n', complaints.len);
		size_t len = end != NULL ? (size_t)(end - complaints.ptr) : complaints.len;

		if (len > 0)
			LOG(SIGNER_COMPLAINT, F("TEXT", slice_first(complaints, len)));
		complaints = slice_after(complaints, len + 1);
	}
}

static void on_keys(struct signer *signer, const struct ipc_message *message)
{
	struct msg_signer_keys keys;

	if (signer->is_ready || msg_signer_keys_parse(message->body, &keys) != ERR_OK)
		return;
	loop_timer_cancel(&signer->listener->loop, &signer->late);
	log_complaints(keys.complaints);
	if (keys.host_keys.len == 0 || buf_append(&signer->keys, keys.host_keys) != ERR_OK) {
		reload_signer_failed(signer->listener, signer, "no hostkeys available -- exiting.");
		return;
	}
	signer->is_ready = true;
	reload_signer_ready(signer->listener, signer);
}

static void on_control(struct loop_source *source, uint32_t events)
{
	struct signer *signer = CONTAINER_OF(source, struct signer, source);
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	enum err err = ipc_receive(&signer->control, STATE_READY, signer->listener->datagram, false, &message);

	(void)events;
	if (err == ERR_OK && message.type == MSG_SIGNER_KEYS) {
		on_keys(signer, &message);
	} else if (err == ERR_OK && message.type == MSG_TEMPLATE_FAILED) {
		struct msg_template_failed failed;

		if (msg_template_failed_parse(message.body, &failed) == ERR_OK)
			LOG(ERROR, F("TEXT", failed.text));
	} else if (err != ERR_AGAIN) {
		/* The end of its process tells the rest. */
		loop_remove(&signer->listener->loop, source);
		if (err != ERR_CLOSED)
			child_kill(&signer->child, SIGKILL);
	}
}

static void on_ended(struct child *child, struct child_end end)
{
	struct signer *signer = CONTAINER_OF(child, struct signer, child);
	struct listener *listener = signer->listener;
	char reason[64];

	if (signer->is_retired) {
		signer_free(signer);
		return;
	}
	if (signer->source.is_added)
		on_control(&signer->source, EPOLLIN);
	snprintf(reason, sizeof(reason), end.by_signal ? "signal %d" : "exit status %d", end.number);
	LOG(PROGRAM_FAILED, T("PROGRAM", program_name(THE_SIGNER)), T("REASON", reason));
	if (!signer->is_retired)
		reload_signer_failed(listener, signer, "sshd-signer ended");
	signer_free(signer);
}

static void on_late(struct loop_timer *timer, uint64_t now_ms)
{
	struct signer *signer = CONTAINER_OF(timer, struct signer, late);

	(void)now_ms;
	child_kill(&signer->child, SIGKILL);
}

/* ---------------------------------------------------------------- start and end */

/* A host key of the built-in list that is not there is nobody's mistake. */
static const char *flag_for(const struct conf *conf, size_t place)
{
	const struct origin *origin = &conf->host_keys.origins[place];

	return origin->line == 0 ? "--default-host-key" : "--host-key";
}

static void arguments_release(const char ***arguments)
{
	free(*arguments);
	*arguments = NULL;
}

static enum err execute(struct signer *signer, const struct conf *conf, int control, pid_t *pid)
{
	const struct listener *listener = signer->listener;
	char uid[ID_TEXT_SIZE], gid[ID_TEXT_SIZE], layers[LAYERS_TEXT_SIZE];
	const char *fixed[] = {"sshd-signer", "--uid", uid, "--gid", gid, "--layers", layers};
	size_t count = COUNT_OF(fixed);
	AUTO(arguments_release) const char **argv =
	    calloc(FIXED_ARGUMENTS + 2 * conf->host_keys.count, sizeof(*argv));

	if (argv == NULL)
		return ERR_NO_MEMORY;
	snprintf(uid, sizeof(uid), "%u", listener->host.signer.uid);
	snprintf(gid, sizeof(gid), "%u", listener->host.signer.gid);
	layers_format(listener->host.layers, layers);
	memcpy(argv, fixed, sizeof(fixed));
	for (size_t i = 0; i < conf->host_keys.count; i++) {
		argv[count++] = flag_for(conf, i);
		argv[count++] = conf->host_keys.items[i];
	}
	return program_start(&listener->programs, THE_SIGNER,
	    &(struct program_start){.argv = (char *const *)(uintptr_t)argv, .fds = {control}, .fd_count = 1,
		.stderr_fd = -1, .keeps_session = listener->is_single, .inheritance = &listener->inheritance},
	    pid);
}

static enum err start(struct signer *signer, const struct conf *conf)
{
	struct listener *listener = signer->listener;
	AUTO(fd_release) int theirs = -1;
	int control[2];
	pid_t pid = 0;

	TRY(ipc_pair(control));
	theirs = control[1];
	signer->control = ipc_channel_over(control[0], &listener_messages, DOWN, false);
	signer->source = (struct loop_source){.fd = control[0], .ready = on_control};
	TRY(execute(signer, conf, theirs, &pid));
	children_watch(&listener->children, &signer->child, pid, -1);
	loop_timer_set(&listener->loop, &signer->late, listener->loop.now_ms + PATIENCE_MS);
	return loop_add(&listener->loop, &signer->source, EPOLLIN);
}

enum err signer_start(struct listener *listener, const struct settings *settings, struct signer **out)
{
	struct signer *signer = calloc(1, sizeof(*signer));
	enum err err;

	if (signer == NULL)
		return ERR_NO_MEMORY;
	signer->listener = listener;
	signer->control.fd = signer->source.fd = -1;
	signer->keys = buf_empty(KEYS_LIMIT);
	signer->child.ended = on_ended;
	signer->late.fired = on_late;
	err = start(signer, settings->conf);
	if (err != ERR_OK) {
		child_kill(&signer->child, SIGKILL);
		signer_free(signer);
		return err;
	}
	*out = signer;
	return ERR_OK;
}

void signer_retire(struct signer *signer)
{
	struct listener *listener;

	if (signer == NULL || signer->is_retired)
		return;
	listener = signer->listener;
	signer->is_retired = true;
	loop_timer_cancel(&listener->loop, &signer->late);
	IGNORE(IPC_SEND(&signer->control, STATE_READY, MSG_SIGNER_RETIRE, signer_retire,
	    &((struct msg_signer_retire){0}), listener->datagram)); /* the end of the channel says the same */
	loop_remove(&listener->loop, &signer->source);
	fd_release(&signer->control.fd);
}

struct slice signer_keys(const struct signer *signer)
{
	return buf_view(&signer->keys);
}

enum err signer_take_channel(struct signer *signer, uint64_t connection, int fd)
{
	AUTO(fd_release) int theirs = fd;

	if (signer == NULL || signer->child.pid == 0)
		return ERR_CLOSED;
	return IPC_SEND_FDS(&signer->control, STATE_READY, MSG_SIGNER_CHANNEL, signer_channel,
	    &((struct msg_signer_channel){.connection = connection}), signer->listener->datagram, &theirs, 1,
	    true);
}
