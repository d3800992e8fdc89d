/* keyboard-interactive: a device asks, the client answers, one prompt at a time (RFC 4256). */
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/password.h"
#include "sshd/base/auto.h"

/* A stack that refuses before it asks would tell that this account is different. */
static enum err ask_in_vain(struct monitor *m)
{
	AUTO(buf_wipe) struct buf answer = buf_empty_secret(PAM_ANSWER_LIMIT + 1);
	enum err err;

	if (m->auth.conversation.prompt_count > 0 || m->auth.conversation.is_aborted)
		return ERR_OK;
	err = conversation_ask(m, "Password: ", false, &answer);
	return m->state >= STATE_DRAIN ? err : ERR_OK;
}

static enum err run_pam(struct monitor *m, struct attempt *attempt, enum verdict *verdict)
{
	struct conversation *conversation = &m->auth.conversation;
	struct pam_end end = {0};

	TRY(pam_begin(m));
	conversation_begin(conversation, CONVERSATION_CLIENT,
	    answers_are_fake(m, METHOD_KEYBOARD_INTERACTIVE));
	TRY(pam_stack_authenticate(m->auth.pam, m->auth.conf->permit_empty_passwords, &end));
	if (m->state >= STATE_DRAIN)
		return ERR_CLOSED;
	attempt->wanted_ms = end.delay_ms;
	*verdict = end.verdict;
	if (end.verdict != PERMIT) {
		log_pam_failure(m, end.text);
		TRY(ask_in_vain(m));
	}
	return ERR_OK;
}

/* The password of this account has expired and nothing else is missing. */
static enum err run_change(struct monitor *m, struct attempt *attempt)
{
	struct pam_end end = {0};

	conversation_begin(&m->auth.conversation, CONVERSATION_CLIENT, false);
	TRY(pam_stack_change(m->auth.pam, &end));
	if (m->state >= STATE_DRAIN)
		return ERR_CLOSED;
	attempt->wanted_ms = end.delay_ms;
	if (end.verdict == PERMIT)
		return login_changed(m, attempt);
	log_pam_failure(m, end.text);
	TRY(conversation_say_rest(m));
	return attempt_finish(m, attempt);
}

enum err on_net_kbd_start(struct monitor *m, const struct msg_net_kbd_start *msg)
{
	struct attempt attempt = {.method = METHOD_KEYBOARD_INTERACTIVE, .result = RESULT_FAILED};
	enum verdict verdict = DENY;

	(void)msg; /* the device is the server's choice */
	attempt.device = m->auth.must_change ? DEVICE_PAM : required_device(&m->auth.required);
	if (attempt.device == DEVICE_NONE)
		return attempt_finish(m, &attempt);
	if (m->auth.must_change)
		return run_change(m, &attempt);
	TRY(run_pam(m, &attempt, &verdict));
	TRY(conversation_say_rest(m));
	/* Who went on to something else while a text was shown has not logged in. */
	if (m->auth.conversation.is_aborted)
		verdict = DENY;
	return attempt_conclude(m, &attempt, verdict);
}
