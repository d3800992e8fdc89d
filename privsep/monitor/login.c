#include "privsep/monitor/login.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>

#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "privsep/monitor/password.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"
#include "sshd/base/title.h"
#include "sshd/wire/numbers.h"

#define LINE_LIMIT     2048u
#define PASSWD_PROGRAM "/usr/bin/passwd"

static enum verdict ask(struct monitor *m, const struct policy_question *question)
{
	AUTO(buf_wipe) struct buf line = buf_empty(LINE_LIMIT);
	const struct auth *auth = &m->auth;
	struct decision decision = policy_decide(auth->conf, &auth->facts, question);

	if (decision.verdict != PERMIT && policy_log_line(&decision, &auth->facts, &line) == ERR_OK)
		log_refusal(m, decision.reason, buf_view(&line));
	return decision.verdict;
}

enum verdict login_may_connect(struct monitor *m)
{
	return ask(m, &(struct policy_question){.ask = ASK_CONNECTION});
}

enum verdict login_may_begin(struct monitor *m)
{
	return ask(m, &(struct policy_question){.ask = ASK_ACCOUNT});
}

enum verdict login_permits(const struct monitor *m, enum policy_ask ask, const char *text,
    unsigned number)
{
	struct policy_question question = {.ask = ask, .text = text, .number = number};

	return policy_decide(m->auth.conf, &m->auth.facts, &question).verdict;
}

/* sshd_config(5): whatever a key forces, the administrator's command is what runs. */
static enum err force_command(struct auth *auth)
{
	if (auth->conf->force_command == NULL)
		return ERR_OK;
	buf_wipe(&auth->restrictions.command);
	auth->restrictions.has_command = true;
	auth->is_command_configured = true;
	return buf_append_text(&auth->restrictions.command, auth->conf->force_command);
}

/* A password that has expired without PAM leaves one thing to do. */
static enum err force_passwd(struct auth *auth)
{
	if (!auth->must_run_passwd)
		return ERR_OK;
	buf_wipe(&auth->restrictions.command);
	auth->restrictions.has_command = true;
	auth->restrictions.permitted &= MAY_HAVE_PTY;
	return buf_append_text(&auth->restrictions.command, PASSWD_PROGRAM);
}

/* Texts of a refusal reach the client as what it can show now. */
static enum err say_why(struct monitor *m)
{
	if (buf_len(&m->auth.conversation.texts) == 0)
		return ERR_OK;
	TRY(monitor_move(m, ATTEMPT_IS_OVER));
	return conversation_say_rest(m);
}

static enum err weigh_account(struct monitor *m, enum login_answer *answer)
{
	struct auth *auth = &m->auth;
	struct pam_end end = {0};

	*answer = LOGIN_PERMITTED;
	if (!auth->conf->use_pam || !m->prepared->handover.is_root)
		return ERR_OK;
	TRY(pam_begin(m));
	if (auth->conversation.mode != CONVERSATION_CLIENT)
		conversation_begin(&auth->conversation, CONVERSATION_SILENT, false);
	TRY(pam_stack_account(auth->pam, auth->conf->permit_empty_passwords, &end));
	if (end.verdict == PERMIT)
		return ERR_OK;
	*answer = end.must_change ? LOGIN_MUST_CHANGE : LOGIN_REFUSED;
	if (end.must_change)
		return ERR_OK;
	/* Final: there is nothing that another method could change. */
	auth->is_valid = false;
	log_account_refused(m, end.text);
	return say_why(m);
}

/* PermitRootLogin counts by the method that completes the login. */
enum err login_weigh(struct monitor *m, const struct factor *last, enum login_answer *answer)
{
	struct auth *auth = &m->auth;
	struct policy_question question = {
	    .ask = ASK_METHOD,
	    .method = (enum policy_method)last->method,
	    .is_one_time = last->device == DEVICE_OTP,
	    .has_forced_command = auth->restrictions.has_command,
	};

	*answer = LOGIN_REFUSED;
	if (ask(m, &question) != PERMIT)
		return ERR_OK;
	TRY(weigh_account(m, answer));
	if (*answer != LOGIN_PERMITTED)
		return ERR_OK;
	TRY(force_command(auth));
	return force_passwd(auth);
}

/* ------------------------------------------------------------------- change */

static enum err change_in_conversation(struct monitor *m, struct attempt *attempt)
{
	struct pam_end end = {0};

	TRY(pam_stack_change(m->auth.pam, &end));
	if (m->state >= STATE_DRAIN)
		return ERR_CLOSED;
	if (end.verdict == PERMIT)
		return login_changed(m, attempt);
	log_pam_failure(m, end.text);
	TRY(conversation_say_rest(m));
	attempt->result = RESULT_FAILED;
	return attempt_finish(m, attempt);
}

enum err login_change(struct monitor *m, struct attempt *attempt)
{
	struct auth *auth = &m->auth;

	auth->must_change = true;
	if (attempt->device == DEVICE_PAM)
		return change_in_conversation(m, attempt);
	if (attempt->method == METHOD_PASSWORD)
		return password_ask_change(m);
	/* A key's client can only do it by keyboard-interactive. */
	attempt->result = RESULT_PARTIAL;
	if (!auth->conf->kbd_interactive_authentication) {
		log_account_refused(m, "the password has expired and cannot be changed without keyboard-interactive");
		attempt->result = RESULT_FAILED;
	}
	return attempt_finish(m, attempt);
}

enum err login_changed(struct monitor *m, struct attempt *attempt)
{
	struct auth *auth = &m->auth;
	enum login_answer answer = LOGIN_REFUSED;
	struct factor last = {(uint8_t)attempt->method, (uint8_t)attempt->device};

	auth->must_change = false;
	TRY(monitor_move(m, FACTORS_SUFFICE));
	TRY(login_weigh(m, &last, &answer));
	attempt->result = answer == LOGIN_PERMITTED ? RESULT_ACCEPTED : RESULT_FAILED;
	/* One change must do: else the module would ask for ever. */
	if (answer == LOGIN_MUST_CHANGE)
		auth->is_valid = false;
	return attempt_finish(m, attempt);
}

/* ------------------------------------------------------------------- open */

static void tell_listener(struct monitor *m)
{
	struct msg_authenticated authenticated = {.uid = m->auth.account.uid};

	/* The listener may be gone: an authenticated connection outlives it. */
	IGNORE(IPC_SEND(&m->status, STATE_READY, MSG_AUTHENTICATED, authenticated, &authenticated,
	    monitor_scratch()));
	m->outcome = OUTCOME_AUTHENTICATED;
}

static enum err append_timeouts(const struct conf *conf, struct buf *out)
{
	for (size_t i = 0; i < conf->channel_timeouts.count; i++) {
		const struct conf_timeout *timeout = &conf->channel_timeouts.items[i];

		TRY(buf_append_format(out, "%s%s=%u", i > 0 ? " " : "", timeout->type, timeout->seconds));
	}
	return ERR_OK;
}

static enum err send_open(struct monitor *m)
{
	const struct conf *conf = m->auth.conf;
	AUTO(buf_wipe) struct buf timeouts = buf_empty(2048);
	struct msg_net_open open = {
	    .keepalive_seconds = conf->client_alive_interval_s,
	    .keepalive_count = conf->client_alive_count_max,
	    .rekey_bytes = conf->rekey_limit.bytes,
	    .rekey_seconds = conf->rekey_limit.seconds,
	    .unused_seconds = conf->unused_connection_timeout_s,
	    .ip_qos_interactive = (uint32_t)conf->ip_qos.interactive,
	    .ip_qos_bulk = (uint32_t)conf->ip_qos.bulk,
	    .is_compression_delayed = conf->compression == CONF_COMPRESSION_DELAYED,
	};

	TRY(append_timeouts(conf, &timeouts));
	open.channel_timeouts = buf_view(&timeouts);
	return NET_SEND(m, NET_OPEN, net_open, &open);
}

/* From here on modules and the user's process see what the daemon itself was given. */
static void restore_inheritance(struct monitor *m)
{
	/* A limit that may not be raised any more is what the login gets. */
	IGNORE(inheritance_restore(&m->prepared->handover.inheritance));
	m->is_inheritance_restored = true;
}

/* pam_group and its like add to the groups of the process: so they are the user's first. */
static enum err open_with_groups(struct monitor *m, struct pam_end *end)
{
	struct account *account = &m->auth.account;

	TRY(account_load_groups(account));
	if (setgroups(account->group_count, account->groups) != 0)
		return ERR_SYSTEM;
	TRY(pam_stack_open(m->auth.pam, end));
	return account_take_process_groups(account);
}

static enum err open_session(struct monitor *m)
{
	struct auth *auth = &m->auth;
	struct pam_end end = {0};

	if (auth->pam == NULL)
		return ERR_OK;
	conversation_begin(&auth->conversation, CONVERSATION_SILENT, false);
	TRY(open_with_groups(m, &end));
	if (end.verdict != PERMIT) {
		log_session_refused(m, end.text);
		return ERR_CLOSED;
	}
	TRY(buf_append(&auth->greeting, buf_view(&auth->conversation.texts)));
	conversation_wipe(&auth->conversation);
	return pam_stack_environment(auth->pam, &auth->environment);
}

enum err login_open(struct monitor *m)
{
	enum err err;

	loop_timer_cancel(&m->loop, &m->deadline);
	lookup_wipe(m);
	tell_listener(m);
	restore_inheritance(m);
	err = open_session(m);
	if (err != ERR_OK) {
		monitor_dismiss(m, SSH_DISCONNECT_BY_APPLICATION, "the session could not be opened");
		return err == ERR_CLOSED ? ERR_OK : err;
	}
	title_set("%s [priv]", m->auth.account.name);
	TRY(monitor_move(m, ACCOUNT_AGREES));
	TRY(attempt_answer(m, ATTEMPT_SUCCEEDED));
	TRY(send_open(m));
	monitor_shrink();
	return ERR_OK;
}
