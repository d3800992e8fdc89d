/* One request of the client weighed: counted, logged, and answered in its time. */
#include "privsep/monitor/attempt.h"

#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/wire/numbers.h"
#include "sshd/wire/reader.h"

#define KEY_TYPE_LIMIT 64u

enum err attempt_answer(struct monitor *m, enum attempt_outcome outcome)
{
	uint8_t names[METHODS_LIMIT];
	struct writer w = writer_into((struct span){names, sizeof(names)});
	struct msg_net_result result = {.outcome = (uint8_t)outcome};

	if (outcome != ATTEMPT_SUCCEEDED && m->auth.must_change)
		write_bytes(&w, slice_text(method_name(METHOD_KEYBOARD_INTERACTIVE)));
	else if (outcome != ATTEMPT_SUCCEEDED)
		required_offer(&m->auth.required, &w);
	result.methods = writer_view(&w);
	return NET_ANSWER(m, NET_RESULT, net_result, &result);
}

/* ---------------------------------------------------------------- refusal */

static void end_after_too_many(struct monitor *m)
{
	log_too_many_tries(m);
	monitor_dismiss(m, SSH_DISCONNECT_PROTOCOL_ERROR, "Too many authentication failures");
}

static enum err refuse_now(struct monitor *m)
{
	if (m->auth.refusal.is_last) {
		end_after_too_many(m);
		return ERR_OK;
	}
	if (m->state != STATE_AUTH)
		TRY(monitor_move(m, ATTEMPT_IS_OVER));
	/* Who went on to something else waits for the answer to that. */
	if (m->auth.conversation.is_aborted) {
		m->auth.conversation.is_aborted = false;
		return ERR_OK;
	}
	return attempt_answer(m, ATTEMPT_FAILED);
}

void on_refusal_due(struct loop_timer *timer, uint64_t now_ms)
{
	struct monitor *m = CONTAINER_OF(timer, struct monitor, auth.refusal.due);
	enum err err = refuse_now(m);

	(void)now_ms;
	if (err != ERR_OK)
		monitor_end_by(m, err, "refusal");
}

/* Keys are offered by the dozen; passwords are guessed. */
static struct reply_grid grid_of(const struct monitor *m, const struct attempt *attempt)
{
	if (attempt->method == METHOD_PUBLICKEY)
		return GRID_OF_QUERIES;
	return GRID_OF_ATTEMPTS(m->prepared->conf->refusal_delay_ms);
}

/* Asking first what there is costs nothing. */
static enum err refuse_in_time(struct monitor *m, const struct attempt *attempt)
{
	bool is_free = attempt->method == METHOD_NONE && m->auth.attempts.tried == 1;
	uint64_t due;

	if (is_free || m->auth.conversation.is_aborted)
		return refuse_now(m);
	due = reply_due_ms(grid_of(m, attempt), m->asked_ms, clock_now_ms(), attempt->wanted_ms);
	loop_timer_set(&m->loop, &m->auth.refusal.due, due);
	return ERR_OK;
}

/* ----------------------------------------------------------------- finish */

static void remember_outcome(struct monitor *m, enum attempt_result result)
{
	if (result == RESULT_FAILED && m->auth.attempts.failures > 0)
		m->outcome = m->auth.account.exists ? OUTCOME_FAILED : OUTCOME_INVALID_USER;
}

enum err attempt_finish(struct monitor *m, const struct attempt *attempt)
{
	struct auth *auth = &m->auth;
	enum verdict may_go_on;

	log_attempt(m, attempt);
	may_go_on = attempts_count(&auth->attempts, attempt->method, attempt->result, attempt->is_query);
	remember_outcome(m, attempt->result);
	auth->refusal.is_last = may_go_on != PERMIT && attempt->result != RESULT_ACCEPTED;
	if (auth->refusal.is_last || attempt->result == RESULT_FAILED)
		return refuse_in_time(m, attempt);
	if (attempt->result == RESULT_POSTPONED)
		return NET_ANSWER(m, NET_KEY_OK, net_key_ok, &((struct msg_net_key_ok){0}));
	if (attempt->result == RESULT_PARTIAL) {
		if (m->state != STATE_AUTH)
			TRY(monitor_move(m, ATTEMPT_IS_OVER));
		return attempt_answer(m, ATTEMPT_PARTIAL);
	}
	return login_open(m);
}

/* What follows when nothing is missing any more: the account phase, and its three ends. */
static enum err complete(struct monitor *m, struct attempt *attempt, const struct factor *factor)
{
	enum login_answer answer = LOGIN_REFUSED;

	TRY(monitor_move(m, FACTORS_SUFFICE));
	TRY(login_weigh(m, factor, &answer));
	if (answer == LOGIN_MUST_CHANGE)
		return login_change(m, attempt);
	attempt->result = answer == LOGIN_PERMITTED ? RESULT_ACCEPTED : RESULT_FAILED;
	return attempt_finish(m, attempt);
}

/* "publickey ssh-ed25519 AAAA...", "keyboard-interactive/pam": what ExposeAuthInfo tells. */
static enum err note_earned(struct buf *info, const struct attempt *attempt)
{
	const char *device = device_name(attempt->device);
	struct reader r = reader_over(attempt->blob);
	struct slice type;

	TRY(buf_append_text(info, method_name(attempt->method)));
	if (device[0] != 0)
		TRY(buf_append_format(info, "/%s", device));
	if (attempt->blob.len > 0) {
		type = read_string(&r, KEY_TYPE_LIMIT);
		TRY(buf_append_text(info, " "));
		TRY(buf_append(info, type));
		TRY(buf_append_text(info, " "));
		TRY(text_append_base64(info, attempt->blob, true));
	}
	return buf_append_text(info, "\n");
}

enum err attempt_earned(struct monitor *m, struct attempt *attempt)
{
	struct factor factor = {(uint8_t)attempt->method, (uint8_t)attempt->device};
	struct auth *auth = &m->auth;

	/* Whatever led here, an account that may not log in has earned nothing. */
	if (!auth->is_valid || !auth->account.exists || auth->must_change) {
		attempt->result = RESULT_FAILED;
		return attempt_finish(m, attempt);
	}
	/* A key too large to be told is none the worse. */
	IGNORE(note_earned(&auth->info, attempt));
	if (required_earn(&auth->required, factor) == PERMIT)
		return complete(m, attempt, &factor);
	attempt->result = RESULT_PARTIAL;
	return attempt_finish(m, attempt);
}
