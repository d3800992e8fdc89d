/* Authentication but for the methods that have files of their own: who it is for, none, unknown. */
#include <unistd.h>

#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/title.h"
#include "sshd/wire/numbers.h"

#define BANNER_LIMIT 60000u

void auth_init(struct monitor *m)
{
	m->auth = (struct auth){
	    .conf = m->prepared->conf,
	    .restrictions = restrictions_none(),
	    .refusal.due.fired = on_refusal_due,
	};
	m->outcome = OUTCOME_NO_AUTHENTICATION;
}

void auth_wipe(struct auth *auth)
{
	account_wipe(&auth->account);
	restrictions_wipe(&auth->restrictions);
	conf_free(auth->own_conf);
	auth->own_conf = NULL;
}

/* ------------------------------------------------------------------- user */

static enum err find_account(struct monitor *m, struct slice name)
{
	uid_t only = m->prepared->handover.is_root ? (uid_t)-1 : getuid();
	enum err err = account_find(name, only, &m->prepared->nobody, &m->auth.account);

	/* Databases that cannot be asked make an unknown account, not a broken connection. */
	return err == ERR_SYSTEM ? ERR_OK : err;
}

static uint32_t enabled_methods(const struct conf *conf)
{
	uint32_t enabled = 0;

	if (conf->pubkey_authentication)
		enabled |= METHOD_BIT(METHOD_PUBLICKEY);
	return enabled;
}

static enum err fix_policy(struct monitor *m)
{
	struct auth *auth = &m->auth;
	const struct conf *conf;
	struct slice lists[REQUIRED_LISTS_LIMIT];
	size_t count;

	TRY(prepared_resolve(m->prepared, &auth->account, &m->peer, &auth->own_conf));
	conf = auth->conf = auth->own_conf;
	prepared_use_log_level(m->prepared, conf);
	count = conf->authentication_methods.count;
	if (count > REQUIRED_LISTS_LIMIT)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++)
		lists[i] = slice_text(conf->authentication_methods.items[i]);
	auth->attempts = (struct attempts){.limit = conf->max_auth_tries};
	if (conf->max_key_queries != UINT32_MAX)
		auth->attempts.queries_limit = conf->max_key_queries;
	return required_init(&auth->required, lists, count, enabled_methods(conf), 0,
	    conf->second_factor == SECOND_FACTOR_OTP);
}

/* The same for accounts that exist and those that do not. */
static enum err send_banner(struct monitor *m)
{
	AUTO(buf_wipe) struct buf text = buf_empty(BANNER_LIMIT);
	const char *path = m->auth.conf->banner;

	if (path == NULL || file_read_path(path, &text) != ERR_OK)
		return ERR_OK;
	return NET_SEND(m, NET_BANNER, net_banner, &((struct msg_net_banner){.text = buf_view(&text)}));
}

static void weigh_account(struct monitor *m)
{
	m->auth.is_valid = false;
	if (!m->auth.account.exists)
		log_invalid_user(m);
	else
		m->auth.is_valid = login_may_begin(m) == PERMIT;
}

enum err on_net_user(struct monitor *m, const struct msg_net_user *msg)
{
	enum err err;

	TRY(find_account(m, msg->name));
	TRY(monitor_move(m, USER_IS_FIXED));
	err = fix_policy(m);
	weigh_account(m);
	title_set("%s [priv]", m->auth.account.exists ? m->auth.account.name : "unknown");
	if (err == ERR_CONFIG) {
		monitor_dismiss(m, SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE,
		    "no authentication methods enabled");
		return ERR_OK;
	}
	TRY(err);
	return send_banner(m);
}

/* --------------------------------------------------------- none and others */

enum err on_net_none(struct monitor *m, const struct msg_net_none *msg)
{
	struct attempt attempt = {.method = METHOD_NONE, .result = RESULT_FAILED};

	(void)msg;
	return attempt_finish(m, &attempt);
}

/* Counted like any other failure; OpenSSH has no line for it in the log, so neither have we. */
enum err on_net_unknown(struct monitor *m, const struct msg_net_unknown *msg)
{
	struct attempt attempt = {.method = METHOD_UNKNOWN, .result = RESULT_FAILED};

	(void)msg;
	return attempt_finish(m, &attempt);
}
