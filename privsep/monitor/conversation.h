/*
 * Between modules that ask and say things, and the client: prompts become requests one at a
 * time, texts wait for the next one. Who answers depends on what the client began.
 */
#pragma once

#include "privsep/monitor/pam_stack.h"
#include "sshd/auth/evidence/required.h"

#define CONVERSATION_TEXTS_LIMIT 8192u
#define CONVERSATION_ROUNDS_LIMIT 64u /* prompts of one attempt */

enum conversation_mode {
	CONVERSATION_SILENT,   /* nobody answers; texts are kept */
	CONVERSATION_PASSWORD, /* the first hidden prompt gets the password, another one nothing */
	CONVERSATION_CHANGE,   /* the same, with the old and the new password */
	CONVERSATION_CLIENT,   /* keyboard-interactive */
};

struct conversation {
	enum conversation_mode mode;
	struct buf texts;         /* shown with the next prompt, as a banner, or after login */
	struct slice password, replacement;
	bool is_answered;         /* the password was given away */
	enum auth_device device;  /* that asks */
	bool is_fake;             /* who may not log in has his answers replaced: no module may believe him */

	unsigned prompt_count;    /* requests sent in this attempt */
	bool is_waiting;          /* for the client */
	bool wants_answer;        /* the outstanding request has a prompt */
	bool is_aborted;
	bool has_answer;
	struct buf answer;        /* secret */
};

struct monitor;

void conversation_init(struct conversation *conversation);
void conversation_wipe(struct conversation *conversation);

/* A new attempt begins, of the device pam unless its owner says otherwise. */
void conversation_begin(struct conversation *conversation, enum conversation_mode mode, bool is_fake);

/* The functions that pam_stack.h wants; the owner is a struct monitor. */
extern const struct pam_client conversation_client;

/*
 * For devices of our own: one request to the client, with the texts that wait, and its answer.
 * ERR_CLOSED: the client went on to something else, or the connection ends. ERR_LIMIT.
 */
enum err conversation_ask(struct monitor *m, const char *prompt, bool echo, struct buf *answer);

/* Sends what is left to say: as a request without a prompt, or as a banner. */
enum err conversation_say_rest(struct monitor *m);

/* Bytes of a module as a client may show them: control characters other than newline and tab dropped. */
enum err conversation_clean(const char *text, size_t limit, struct buf *out);
