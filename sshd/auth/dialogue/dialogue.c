#include "sshd/auth/dialogue/dialogue.h"

#include <stdlib.h>

#include "sshd/auth/dialogue/method.h"
#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/wire/messages_transport.h"
#include "sshd/wire/messages_userauth.h"

#define SERVICE_USERAUTH   "ssh-userauth"
#define SERVICE_CONNECTION "ssh-connection"

enum state {
	STATE_SERVICE,  /* nothing but SERVICE_REQUEST */
	STATE_READY,    /* for a USERAUTH_REQUEST */
	STATE_WAITING,  /* for the answer to `question` */
	STATE_PROMPTED, /* INFO_REQUEST is sent */
	STATE_EXPIRED,  /* PASSWD_CHANGEREQ is sent */
	STATE_DONE,     /* USERAUTH_SUCCESS is sent */
	STATE_COUNT,
};

struct dialogue {
	struct dialogue_sink sink;
	enum state state;
	enum dialogue_question_kind question; /* STATE_WAITING: which one is outstanding */
	bool has_prompt;                      /* STATE_PROMPTED: INFO_RESPONSE has an answer */
	bool has_user;
	uint8_t user[USERAUTH_USER_LIMIT];
	size_t user_len;
	struct buf probe; /* STATE_WAITING for PROBE: the fields of PK_OK, ready to be sent */
	struct buf out;   /* the payload being built */
};

enum err dialogue_new(const struct dialogue_sink *sink, struct dialogue **out)
{
	struct dialogue *dialogue = calloc(1, sizeof(*dialogue));

	if (dialogue == NULL)
		return ERR_NO_MEMORY;
	dialogue->sink = *sink;
	dialogue->state = STATE_SERVICE;
	dialogue->probe = buf_empty(DIALOGUE_PAYLOAD_LIMIT);
	dialogue->out = buf_empty(DIALOGUE_PAYLOAD_LIMIT);
	*out = dialogue;
	return ERR_OK;
}

void dialogue_free(struct dialogue *dialogue)
{
	if (dialogue == NULL)
		return;
	buf_wipe(&dialogue->probe);
	buf_wipe(&dialogue->out);
	free(dialogue);
}

void dialogue_release(struct dialogue **dialogue)
{
	dialogue_free(TAKE(*dialogue));
}

bool dialogue_is_waiting(const struct dialogue *dialogue)
{
	return dialogue->state == STATE_WAITING;
}

bool dialogue_is_done(const struct dialogue *dialogue)
{
	return dialogue->state == STATE_DONE;
}

/* ------------------------------------------------------------------------ sending */

/* Room for a payload whose strings have `text_len` bytes together. */
static enum err payload_begin(struct dialogue *dialogue, size_t text_len, struct writer *w)
{
	const size_t fixed_fields = 64;
	struct span room;

	buf_consume(&dialogue->out, buf_len(&dialogue->out));
	if (buf_reserve(&dialogue->out, text_len + fixed_fields, &room) != ERR_OK)
		return text_len > DIALOGUE_PAYLOAD_LIMIT - fixed_fields ? ERR_TOO_LONG
		                                                        : ERR_NO_MEMORY;
	*w = writer_into(room);
	return ERR_OK;
}

static enum err payload_send(struct dialogue *dialogue, const struct writer *w)
{
	struct slice payload;

	TRY(writer_finish(w, &payload));
	return dialogue->sink.send(dialogue->sink.owner, payload);
}

/* ---------------------------------------------------------------- from the client */

/* Clients ask again before each method (paramiko does), so this is legal more than once. */
static enum err on_service_request(struct dialogue *dialogue, struct slice payload)
{
	struct slice name;
	struct writer w;

	TRY(service_request_parse(payload, &name));
	if (!slice_is(name, SERVICE_USERAUTH))
		return ERR_SERVICE;
	if (dialogue->state == STATE_SERVICE)
		dialogue->state = STATE_READY;
	TRY(payload_begin(dialogue, name.len, &w));
	service_accept_encode(&w, name);
	return payload_send(dialogue, &w);
}

static enum err unknown_question(
    const struct method_request *request, struct dialogue_question *question)
{
	*question = (struct dialogue_question){.kind = DIALOGUE_UNKNOWN, .method = request->method};
	return ERR_OK;
}

static method_question *method_find(struct slice name)
{
#define METHOD(text, function) {text, function},
	static const struct {
		const char *name;
		method_question *question;
	} methods[] = {
#include "sshd/auth/dialogue/methods.def"
	};
#undef METHOD

	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (slice_is(name, methods[i].name))
			return methods[i].question;
	return unknown_question;
}

static enum err ask(struct dialogue *dialogue, const struct dialogue_question *question)
{
	return dialogue->sink.ask(dialogue->sink.owner, question);
}

static enum err ask_and_wait(struct dialogue *dialogue, const struct dialogue_question *question)
{
	dialogue->question = question->kind;
	dialogue->state = STATE_WAITING;
	return ask(dialogue, question);
}

/* The first request fixes the user; one that names another ends the connection. */
static enum err user_check(const struct dialogue *dialogue, struct slice user)
{
	if (dialogue->has_user &&
	    !slice_equal(user, slice_over(dialogue->user, dialogue->user_len)))
		return ERR_UNEXPECTED;
	return ERR_OK;
}

static enum err user_fix(struct dialogue *dialogue, struct slice user)
{
	const struct dialogue_question question = {.kind = DIALOGUE_USER, .user = user};

	if (dialogue->has_user)
		return ERR_OK;
	dialogue->has_user = true;
	dialogue->user_len = user.len;
	if (user.len > 0)
		memcpy(dialogue->user, user.ptr, user.len);
	return ask(dialogue, &question);
}

/* A new request ends a conversation without a FAILURE of its own: RFC 4252, section 5.1. */
static enum err conversation_abort(struct dialogue *dialogue)
{
	const struct dialogue_question question = {.kind = DIALOGUE_KBD_ABORT};

	if (dialogue->state != STATE_PROMPTED)
		return ERR_OK;
	dialogue->state = STATE_READY;
	return ask(dialogue, &question);
}

/* PK_OK repeats algorithm and blob of the query, whose payload will be gone by then. */
static enum err probe_keep(struct dialogue *dialogue, const struct dialogue_question *question)
{
	const struct userauth_pk_ok pk_ok = {question->key.algorithm, question->key.blob};
	struct span room;
	struct writer w;

	if (question->kind != DIALOGUE_PROBE)
		return ERR_OK;
	buf_wipe(&dialogue->probe);
	TRY(buf_reserve(&dialogue->probe, pk_ok.algorithm.len + pk_ok.blob.len + 9, &room));
	w = writer_into(room);
	userauth_pk_ok_encode(&w, &pk_ok);
	TRY(writer_finish(&w, NULL));
	buf_commit(&dialogue->probe, w.len);
	return ERR_OK;
}

/* All of a request is parsed before anything comes of it: CVE-2018-15473 was the other order. */
static enum err on_userauth_request(struct dialogue *dialogue, struct slice payload)
{
	struct userauth_request request;
	struct dialogue_question question;
	struct method_request method;

	TRY(userauth_request_parse(payload, &request));
	method = (struct method_request){
	    request.method, request.fields, dialogue->state == STATE_EXPIRED};
	TRY(method_find(request.method)(&method, &question));
	TRY(user_check(dialogue, request.user));
	if (!slice_is(request.service, SERVICE_CONNECTION))
		return ERR_SERVICE;

	TRY(probe_keep(dialogue, &question));
	TRY(conversation_abort(dialogue));
	TRY(user_fix(dialogue, request.user));
	return ask_and_wait(dialogue, &question);
}

/* RFC 4256, section 3.4: as many answers as there were prompts. */
static enum err on_info_response(struct dialogue *dialogue, struct slice payload)
{
	struct dialogue_question question = {.kind = DIALOGUE_KBD_RESPONSE};
	struct userauth_info_response response;

	TRY(userauth_info_response_parse(payload, &response));
	if (response.count != (dialogue->has_prompt ? 1u : 0u))
		return ERR_MALFORMED;
	question.typed.count = response.count;
	if (response.count > 0) {
		struct reader r = reader_over(response.strings);

		question.typed.response = read_string(&r, USERAUTH_RESPONSE_LIMIT);
	}
	return ask_and_wait(dialogue, &question);
}

/* RFC 4252, section 5.1: requests after SUCCESS are silently ignored. */
static enum err on_late_request(struct dialogue *dialogue, struct slice payload)
{
	struct userauth_request request;

	(void)dialogue;
	return userauth_request_parse(payload, &request);
}

typedef enum err message_handler(struct dialogue *dialogue, struct slice payload);

enum message {
	MESSAGE_SERVICE_REQUEST,
	MESSAGE_USERAUTH_REQUEST,
	MESSAGE_INFO_RESPONSE,
	MESSAGE_COUNT
};

/* What is permitted when; no handler asks that of itself. Empty: the connection ends. */
static message_handler *const permitted[STATE_COUNT][MESSAGE_COUNT] = {
    [STATE_SERVICE] = {[MESSAGE_SERVICE_REQUEST] = on_service_request},
    [STATE_READY] = {[MESSAGE_SERVICE_REQUEST] = on_service_request,
        [MESSAGE_USERAUTH_REQUEST] = on_userauth_request},
    [STATE_PROMPTED] = {[MESSAGE_SERVICE_REQUEST] = on_service_request,
        [MESSAGE_USERAUTH_REQUEST] = on_userauth_request,
        [MESSAGE_INFO_RESPONSE] = on_info_response},
    [STATE_EXPIRED] = {[MESSAGE_SERVICE_REQUEST] = on_service_request,
        [MESSAGE_USERAUTH_REQUEST] = on_userauth_request},
    [STATE_DONE] = {[MESSAGE_USERAUTH_REQUEST] = on_late_request},
};

/* MESSAGE_COUNT for the many numbers that a client may never send here. */
static enum message message_of(uint8_t number)
{
	static const uint8_t numbers[MESSAGE_COUNT] = {
	    [MESSAGE_SERVICE_REQUEST] = SSH_MSG_SERVICE_REQUEST,
	    [MESSAGE_USERAUTH_REQUEST] = SSH_MSG_USERAUTH_REQUEST,
	    [MESSAGE_INFO_RESPONSE] = SSH_MSG_USERAUTH_INFO_RESPONSE,
	};
	unsigned message = 0;

	while (message < MESSAGE_COUNT && numbers[message] != number)
		message++;
	return (enum message)message;
}

enum err dialogue_feed(struct dialogue *dialogue, struct slice payload)
{
	enum message message = message_of(message_number(payload));

	if (dialogue->state == STATE_WAITING)
		return ERR_AGAIN;
	if (message == MESSAGE_COUNT || permitted[dialogue->state][message] == NULL)
		return ERR_UNEXPECTED;
	return permitted[dialogue->state][message](dialogue, payload);
}

/* ----------------------------------------------------------------------- answers */

static enum err answer_refused(struct dialogue *dialogue, const struct dialogue_answer *answer)
{
	const struct userauth_failure failure = {answer->methods, answer->kind == DIALOGUE_PARTIAL};
	struct writer w;

	dialogue->state = STATE_READY;
	TRY(payload_begin(dialogue, answer->methods.len, &w));
	userauth_failure_encode(&w, &failure);
	return payload_send(dialogue, &w);
}

static enum err answer_success(struct dialogue *dialogue, const struct dialogue_answer *answer)
{
	enum err err;
	struct writer w;

	(void)answer;
	TRY(payload_begin(dialogue, 0, &w));
	userauth_success_encode(&w);
	err = payload_send(dialogue, &w);
	if (err != ERR_OK)
		return err;
	dialogue->state = STATE_DONE;
	buf_wipe(&dialogue->out);
	buf_wipe(&dialogue->probe);
	return ERR_OK;
}

static enum err answer_key_ok(struct dialogue *dialogue, const struct dialogue_answer *answer)
{
	(void)answer;
	dialogue->state = STATE_READY;
	return dialogue->sink.send(dialogue->sink.owner, buf_view(&dialogue->probe));
}

static enum err answer_changereq(struct dialogue *dialogue, const struct dialogue_answer *answer)
{
	struct writer w;

	dialogue->state = STATE_EXPIRED;
	TRY(payload_begin(dialogue, answer->prompt.len, &w));
	userauth_changereq_encode(&w, answer->prompt);
	return payload_send(dialogue, &w);
}

static enum err answer_prompt(struct dialogue *dialogue, const struct dialogue_answer *answer)
{
	const struct userauth_info_request request = {
	    answer->name, answer->instruction, answer->has_prompt, answer->prompt, answer->echo};
	struct writer w;

	dialogue->state = STATE_PROMPTED;
	dialogue->has_prompt = answer->has_prompt;
	TRY(payload_begin(
	    dialogue, answer->name.len + answer->instruction.len + answer->prompt.len, &w));
	userauth_info_request_encode(&w, &request);
	return payload_send(dialogue, &w);
}

#define ANSWER(kind)  (1u << DIALOGUE_##kind)
#define ANSWER_RESULT (ANSWER(FAILURE) | ANSWER(PARTIAL) | ANSWER(SUCCESS))

/* Which answers go with which question. A query is never a login. */
static const unsigned fitting_answers[DIALOGUE_QUESTION_COUNT] = {
    [DIALOGUE_NONE] = ANSWER_RESULT,
    [DIALOGUE_UNKNOWN] = ANSWER(FAILURE),
    [DIALOGUE_PROBE] = ANSWER(FAILURE) | ANSWER(KEY_OK),
    [DIALOGUE_KEYSIG] = ANSWER_RESULT,
    [DIALOGUE_PASSWORD] = ANSWER_RESULT | ANSWER(CHANGEREQ),
    [DIALOGUE_PASSWORD_CHANGE] = ANSWER_RESULT | ANSWER(CHANGEREQ),
    [DIALOGUE_KBD_START] = ANSWER_RESULT | ANSWER(PROMPT),
    [DIALOGUE_KBD_RESPONSE] = ANSWER_RESULT | ANSWER(PROMPT),
};

enum err dialogue_answer(struct dialogue *dialogue, const struct dialogue_answer *answer)
{
	static enum err (*const handlers[])(struct dialogue *, const struct dialogue_answer *) = {
	    [DIALOGUE_FAILURE] = answer_refused,
	    [DIALOGUE_PARTIAL] = answer_refused,
	    [DIALOGUE_SUCCESS] = answer_success,
	    [DIALOGUE_KEY_OK] = answer_key_ok,
	    [DIALOGUE_CHANGEREQ] = answer_changereq,
	    [DIALOGUE_PROMPT] = answer_prompt,
	};

	if (dialogue->state != STATE_WAITING || (unsigned)answer->kind >= COUNT_OF(handlers))
		return ERR_BREACH;
	if ((fitting_answers[dialogue->question] & 1u << answer->kind) == 0)
		return ERR_BREACH;
	return handlers[answer->kind](dialogue, answer);
}

/* So much of a text as one BANNER takes, whole lines where there are any. */
static struct slice banner_part(struct slice text)
{
	struct slice part = slice_first(text, USERAUTH_TEXT_LIMIT);
	size_t line_end = part.len;

	if (part.len == text.len)
		return part;
	while (line_end > 0 && part.ptr[line_end - 1] != '\n')
		line_end--;
	return line_end > 0 ? slice_first(part, line_end) : part;
}

enum err dialogue_banner(struct dialogue *dialogue, struct slice text)
{
	if (dialogue->state == STATE_SERVICE || dialogue->state == STATE_DONE)
		return ERR_BREACH;
	while (text.len > 0) {
		struct slice part = banner_part(text);
		struct writer w;

		TRY(payload_begin(dialogue, part.len, &w));
		userauth_banner_encode(&w, part);
		TRY(payload_send(dialogue, &w));
		text = slice_after(text, part.len);
	}
	return ERR_OK;
}
