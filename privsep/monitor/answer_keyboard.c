/* keyboard-interactive: a device asks, the client answers, one prompt at a time (RFC 4256). */
#include <time.h>

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/otp_store.h"
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

/* Whoever has no record may log in until a day that the administrator named. */
static bool is_in_grace(const struct monitor *m, time_t now)
{
	struct tm parts;
	uint32_t today;

	if (m->auth.conf->otp_grace_until == UINT32_MAX || localtime_r(&now, &parts) == NULL)
		return false;
	today = (uint32_t)(parts.tm_year + 1900) * 10000 + (uint32_t)(parts.tm_mon + 1) * 100 +
		(uint32_t)parts.tm_mday;
	return today < m->auth.conf->otp_grace_until;
}

static void weigh_code(struct monitor *m, struct slice code, enum verdict *verdict)
{
	time_t now = time(NULL);
	struct otp_answer answer;
	enum err err = otp_store_check(m->auth.conf->otp_dir, m->auth.account.name, code, (uint64_t)now, &answer);

	if (err == ERR_NOT_FOUND && is_in_grace(m, now)) {
		log_otp(m, "no record yet, in grace");
		*verdict = PERMIT;
		return;
	}
	if (err != ERR_OK)
		log_otp(m, err == ERR_NOT_FOUND ? "no record" : err_text(err));
	else if (answer.is_exhausted)
		log_otp(m, "too many tries, for now every code is refused");
	else if (answer.is_recovery)
		log_otp(m, "a recovery code was used");
	*verdict = err == ERR_OK ? answer.verdict : DENY;
}

/* The same question for everybody; for those who may not log in no record is touched. */
static enum err run_otp(struct monitor *m, enum verdict *verdict)
{
	AUTO(buf_wipe) struct buf code = buf_empty_secret(PAM_ANSWER_LIMIT + 1);
	enum err err;

	conversation_begin(&m->auth.conversation, CONVERSATION_CLIENT, false);
	m->auth.conversation.device = DEVICE_OTP;
	err = conversation_ask(m, "One-time password: ", false, &code);
	if (m->state >= STATE_DRAIN)
		return ERR_CLOSED;
	*verdict = DENY;
	if (err == ERR_OK && m->auth.is_valid)
		weigh_code(m, buf_view(&code), verdict);
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
	TRY(attempt.device == DEVICE_OTP ? run_otp(m, &verdict) : run_pam(m, &attempt, &verdict));
	TRY(conversation_say_rest(m));
	/* Who went on to something else while a text was shown has not logged in. */
	if (m->auth.conversation.is_aborted)
		verdict = DENY;
	return attempt_conclude(m, &attempt, verdict);
}
