/*
 * PAM: one handle in one process, from its first use to the end of the connection. pam_stack.c
 * is the only file that includes PAM.
 *
 * What modules ask and say goes to the caller's functions, in the modules' order, one at a
 * time. They are called from within the functions below and may serve the connection meanwhile.
 */
#pragma once

#include "sshd/auth/evidence/verdict.h"
#include "sshd/base/buf.h"

#define PAM_PROMPT_LIMIT   1024u
#define PAM_ANSWER_LIMIT   1024u
#define PAM_TEXT_LIMIT     8192u  /* of one message */
#define PAM_MESSAGES_LIMIT 32u    /* of one call of a module */

struct pam_stack;

struct pam_client {
	void *owner;
	/*
	 * A prompt: fills in the answer (secret, at most PAM_ANSWER_LIMIT). Any error is told to the
	 * module, which will fail.
	 */
	enum err (*ask)(void *owner, const char *prompt, bool echo, struct buf *answer);
	void (*show)(void *owner, const char *text);
};

struct pam_facts {
	const char *service;
	const char *user;
	const char *address;    /* NULL: unknown */
	const char *connection; /* the value of SSH_CONNECTION */
	const struct pam_client *client;
};

/* How a phase ended. */
struct pam_end {
	enum verdict verdict;
	bool must_change;     /* account: the password has expired and may be changed */
	uint32_t delay_ms;    /* that a module asked for before the answer */
	char text[128];       /* PAM's word for the result */
};

/*
 * ERR_UNEXPECTED from any function: a module changed the name of the user, and the caller must
 * end the connection. ERR_SYSTEM: no handle is to be had. ERR_UNSUPPORTED: built without PAM.
 */
enum err pam_stack_new(const struct pam_facts *facts, struct pam_stack **out);

/* pam_authenticate. */
enum err pam_stack_authenticate(struct pam_stack *stack, bool permits_empty, struct pam_end *end);

/* pam_acct_mgmt. */
enum err pam_stack_account(struct pam_stack *stack, bool permits_empty, struct pam_end *end);

/* pam_chauthtok of an expired password. */
enum err pam_stack_change(struct pam_stack *stack, struct pam_end *end);

/* pam_setcred and pam_open_session, in this order; what was begun is ended by pam_stack_free. */
enum err pam_stack_open(struct pam_stack *stack, struct pam_end *end);

/* NAME=value of the handle, each ended by a zero byte, appended: what modules want a login to have. */
enum err pam_stack_environment(const struct pam_stack *stack, struct buf *out);
enum err pam_stack_set_environment(struct pam_stack *stack, const char *assignment);

/* Closes the session, deletes the credentials and ends the handle: each once, if it was begun. */
void pam_stack_free(struct pam_stack *stack);
void pam_stack_release(struct pam_stack **stack); /* for AUTO */
