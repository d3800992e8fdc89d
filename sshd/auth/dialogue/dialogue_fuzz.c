/*
 * Any payloads and any answers, in any order. Each step of the input is one byte that says what
 * happens, one that says how long its payload is, and the payload.
 *
 * Whatever happens: one question at most is outstanding, SUCCESS leaves only for an answer that
 * says so, the user is told once and first, and nothing but the server's messages is ever sent.
 */
#include <assert.h>
#include <stdlib.h>

#include "sshd/auth/dialogue/dialogue.h"
#include "sshd/wire/messages_transport.h"
#include "sshd/wire/messages_userauth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct watch {
	struct dialogue *dialogue;
	bool has_user;
	bool is_outstanding; /* a question that has an answer */
	bool may_succeed;    /* the answer being given is SUCCESS */
	bool has_succeeded;
};

static enum err watch_send(void *owner, struct slice payload)
{
	struct watch *watch = owner;
	uint8_t number = message_number(payload);

	assert(!watch->has_succeeded);
	assert(payload.len <= DIALOGUE_PAYLOAD_LIMIT);
	assert(number == SSH_MSG_SERVICE_ACCEPT || (number >= 51 && number <= 53) || number == 60);
	if (number == SSH_MSG_USERAUTH_SUCCESS) {
		assert(watch->may_succeed);
		watch->has_succeeded = true;
	}
	return ERR_OK;
}

static enum err watch_ask(void *owner, const struct dialogue_question *question)
{
	struct watch *watch = owner;

	assert(!watch->is_outstanding && !watch->has_succeeded);
	assert(watch->has_user != (question->kind == DIALOGUE_USER));
	watch->has_user = true;
	watch->is_outstanding =
	    question->kind != DIALOGUE_USER && question->kind != DIALOGUE_KBD_ABORT;
	return ERR_OK;
}

static enum err step_request(struct watch *watch, uint8_t which, struct slice fields)
{
	static const char *const methods[] = {"none", "publickey", "password",
	    "keyboard-interactive", "publickey-hostbound-v00@openssh.com", "hostbased"};
	static uint8_t payload[1024];
	const struct userauth_request request = {LITERAL("u"), LITERAL("ssh-connection"),
	    slice_text(methods[which % (sizeof(methods) / sizeof(methods[0]))]), fields};
	struct writer w = writer_into((struct span){payload, sizeof(payload)});

	userauth_request_encode(&w, &request);
	return dialogue_feed(watch->dialogue, writer_view(&w));
}

static enum err step_answer(struct watch *watch, uint8_t kind, struct slice text)
{
	const struct dialogue_answer answer = {
	    .kind = (enum dialogue_answer_kind)(kind % 8), /* two of them are none at all */
	    .methods = text,
	    .prompt = text,
	    .has_prompt = (kind & 8) != 0,
	};
	bool was_outstanding = watch->is_outstanding;
	enum err err;

	watch->may_succeed = answer.kind == DIALOGUE_SUCCESS;
	watch->is_outstanding = false;
	err = dialogue_answer(watch->dialogue, &answer);
	watch->may_succeed = false;
	assert(was_outstanding || err == ERR_BREACH);
	if (err == ERR_BREACH)
		watch->is_outstanding = was_outstanding;
	return err == ERR_BREACH ? ERR_OK : err;
}

static enum err step_banner(struct watch *watch, struct slice text)
{
	enum err err = dialogue_banner(watch->dialogue, text);

	return err == ERR_BREACH ? ERR_OK : err;
}

static enum err step(struct watch *watch, uint8_t what, struct slice payload)
{
	static const uint8_t service[] = "\5\0\0\0\14ssh-userauth";
	bool was_waiting = dialogue_is_waiting(watch->dialogue);
	enum err err;

	if (what >= 0xc0)
		return step_answer(watch, what, payload);
	if (what == 0xbf)
		return step_banner(watch, payload);
	if (what == 0xbe)
		err = dialogue_feed(watch->dialogue, slice_over(service, sizeof(service) - 1));
	else if (what >= 0x80)
		err = step_request(watch, what, payload);
	else
		err = dialogue_feed(watch->dialogue, payload);
	assert(was_waiting == (err == ERR_AGAIN));
	return err == ERR_AGAIN ? ERR_OK : err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct watch watch = {0};
	const struct dialogue_sink sink = {&watch, watch_send, watch_ask};
	struct slice input = slice_over(data, size);
	enum err err = dialogue_new(&sink, &watch.dialogue);

	if (err != ERR_OK)
		abort();
	while (err == ERR_OK && input.len >= 2) {
		struct slice payload = slice_first(slice_after(input, 2), input.ptr[1]);

		err = step(&watch, input.ptr[0], payload);
		input = slice_after(input, 2 + payload.len);
		assert(
		    watch.is_outstanding == dialogue_is_waiting(watch.dialogue) || err != ERR_OK);
		assert(watch.has_succeeded == dialogue_is_done(watch.dialogue));
	}
	dialogue_free(watch.dialogue);
	return 0;
}
