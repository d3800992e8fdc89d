#include "privsep/monitor/login.h"

#include <errno.h>
#include <stdio.h>

#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"
#include "sshd/base/title.h"

#define LINE_LIMIT 2048u

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

/* PermitRootLogin counts by the method that completes the login. */
enum verdict login_weigh(struct monitor *m, const struct factor *last)
{
	struct auth *auth = &m->auth;
	struct policy_question question = {
	    .ask = ASK_METHOD,
	    .method = (enum policy_method)last->method,
	    .is_one_time = last->device == DEVICE_OTP,
	    .has_forced_command = auth->restrictions.has_command,
	};

	if (ask(m, &question) != PERMIT)
		return DENY;
	if (force_command(auth) != ERR_OK) {
		auth->is_valid = false;
		return DENY;
	}
	return PERMIT;
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

enum err login_open(struct monitor *m)
{
	loop_timer_cancel(&m->loop, &m->deadline);
	lookup_wipe(m);
	tell_listener(m);
	title_set("%s [priv]", m->auth.account.name);
	TRY(monitor_move(m, ACCOUNT_AGREES));
	TRY(attempt_answer(m, ATTEMPT_SUCCEEDED));
	TRY(send_open(m));
	monitor_shrink();
	return ERR_OK;
}
