#include "sshd/auth/dialogue/recorder.h"

#include <check.h>
#include <stdlib.h>

#include "sshd/wire/messages_transport.h"
#include "sshd/wire/messages_userauth.h"

static void note(struct record *record, const char *text)
{
	ck_assert_int_eq(buf_append_text(&record->lines, text), ERR_OK);
}

static void note_slice(struct record *record, struct slice bytes)
{
	ck_assert_int_eq(buf_append(&record->lines, bytes), ERR_OK);
}

static const char *const question_names[DIALOGUE_QUESTION_COUNT] = {
    [DIALOGUE_USER] = "USER",
    [DIALOGUE_NONE] = "NONE",
    [DIALOGUE_UNKNOWN] = "UNKNOWN",
    [DIALOGUE_PROBE] = "PROBE",
    [DIALOGUE_KEYSIG] = "KEYSIG",
    [DIALOGUE_PASSWORD] = "PASSWORD",
    [DIALOGUE_PASSWORD_CHANGE] = "PASSWORD_CHANGE",
    [DIALOGUE_KBD_START] = "KBD_START",
    [DIALOGUE_KBD_RESPONSE] = "KBD_RESPONSE",
    [DIALOGUE_KBD_ABORT] = "KBD_ABORT",
};

/* The slices of a question that has any, in the order of the struct. */
static size_t details(const struct dialogue_question *q, struct slice out[4])
{
	switch (q->kind) {
	case DIALOGUE_USER:
		out[0] = q->user;
		return 1;
	case DIALOGUE_UNKNOWN:
		out[0] = q->method;
		return 1;
	case DIALOGUE_PROBE:
	case DIALOGUE_KEYSIG:
		out[0] = q->key.algorithm;
		out[1] = q->key.blob;
		out[2] = q->key.signature;
		out[3] = q->key.host_key;
		return q->key.is_hostbound ? 4 : q->kind == DIALOGUE_KEYSIG ? 3 : 2;
	case DIALOGUE_PASSWORD:
		out[0] = q->password.current;
		return 1;
	case DIALOGUE_PASSWORD_CHANGE:
		out[0] = q->password.current;
		out[1] = q->password.replacement;
		return 2;
	case DIALOGUE_KBD_START:
		out[0] = q->submethods;
		return 1;
	case DIALOGUE_KBD_RESPONSE:
		out[0] = q->typed.response;
		return q->typed.count;
	default:
		return 0;
	}
}

enum err record_ask(void *owner, const struct dialogue_question *question)
{
	struct record *record = owner;
	struct slice slices[4];
	size_t count = details(question, slices);

	note(record, "?");
	note(record, question_names[question->kind]);
	for (size_t i = 0; i < count; i++) {
		note(record, " ");
		note_slice(record, slices[i]);
	}
	note(record, "\n");
	return ERR_OK;
}

static void note_message(struct record *record, const char *name, struct slice detail)
{
	note(record, ">");
	note(record, name);
	note(record, " ");
	note_slice(record, detail);
	note(record, "\n");
}

static void note_message_60(struct record *record, struct slice payload)
{
	struct userauth_info_request info;
	struct userauth_pk_ok pk_ok;
	struct slice text;

	/* 60 means what the method says; the three shapes cannot be taken for each other here. */
	if (userauth_info_request_parse(payload, &info) == ERR_OK) {
		note_message(
		    record, info.has_prompt ? info.echo ? "INFO+" : "INFO" : "INFO-", info.prompt);
	} else if (userauth_pk_ok_parse(payload, &pk_ok) == ERR_OK && pk_ok.blob.len > 0) {
		note_message(record, "PK_OK", pk_ok.blob);
	} else {
		ck_assert_int_eq(userauth_changereq_parse(payload, &text), ERR_OK);
		note_message(record, "CHANGEREQ", text);
	}
}

static enum err record_send(void *owner, struct slice payload)
{
	struct record *record = owner;
	struct userauth_failure failure;
	struct slice text = {0};

	switch (message_number(payload)) {
	case SSH_MSG_SERVICE_ACCEPT:
		ck_assert_int_eq(service_accept_parse(payload, &text), ERR_OK);
		note_message(record, "ACCEPT", text);
		break;
	case SSH_MSG_USERAUTH_FAILURE:
		ck_assert_int_eq(userauth_failure_parse(payload, &failure), ERR_OK);
		note_message(record, failure.is_partial ? "PARTIAL" : "FAILURE", failure.methods);
		break;
	case SSH_MSG_USERAUTH_SUCCESS:
		ck_assert_int_eq(userauth_success_parse(payload), ERR_OK);
		note_message(record, "SUCCESS", text);
		break;
	case SSH_MSG_USERAUTH_BANNER:
		ck_assert_int_eq(userauth_banner_parse(payload, &text), ERR_OK);
		note_message(record, "BANNER", text);
		break;
	case SSH_MSG_USERAUTH_PK_OK:
		note_message_60(record, payload);
		break;
	default:
		ck_abort_msg("sent message %u", message_number(payload));
	}
	return ERR_OK;
}

struct record *record_new(void)
{
	struct record *record = calloc(1, sizeof(*record));
	struct dialogue_sink sink = {record, record_send, record_ask};

	ck_assert_ptr_nonnull(record);
	record->lines = buf_empty(1u << 20);
	ck_assert_int_eq(dialogue_new(&sink, &record->dialogue), ERR_OK);
	return record;
}

void record_release(struct record **record)
{
	dialogue_free((*record)->dialogue);
	buf_wipe(&(*record)->lines);
	free(*record);
}

void expect(struct record *record, const char *lines)
{
	const char *got;

	ck_assert_int_eq(buf_c_string(&record->lines, &got), ERR_OK);
	ck_assert_str_eq(got, lines);
	buf_consume(&record->lines, buf_len(&record->lines));
}
