/* Authentication but for the methods that have files of their own: who it is for, none, unknown. */
#include <stdlib.h>
#include <unistd.h>

#include "privsep/monitor/attempt.h"
#include "privsep/monitor/decision_log.h"
#include "privsep/monitor/login.h"
#include "privsep/monitor/monitor.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/title.h"
#include "sshd/wire/numbers.h"

#define BANNER_LIMIT      60000u
#define ENVIRONMENT_LIMIT 32768u

void auth_init(struct monitor *m)
{
	m->auth = (struct auth){
	    .conf = m->prepared->conf,
	    .restrictions = restrictions_none(),
	    .info = buf_empty(AUTH_INFO_LIMIT),
	    .greeting = buf_empty(CONVERSATION_TEXTS_LIMIT),
	    .environment = buf_empty(ENVIRONMENT_LIMIT),
	    .refusal.due.fired = on_refusal_due,
	};
	conversation_init(&m->auth.conversation);
	m->outcome = OUTCOME_NO_AUTHENTICATION;
}

void auth_wipe(struct auth *auth)
{
	pam_stack_release(&auth->pam);
	conversation_wipe(&auth->conversation);
	buf_wipe(&auth->info);
	buf_wipe(&auth->greeting);
	buf_wipe(&auth->environment);
	account_wipe(&auth->account);
	group_names_wipe(&auth->groups);
	restrictions_wipe(&auth->restrictions);
	conf_free(auth->own_conf);
	auth->own_conf = NULL;
}

/* ------------------------------------------------------------------- user */

static enum err load_groups(struct auth *auth)
{
	if (auth->match.groups != NULL)
		return ERR_OK;
	TRY(account_group_names(&auth->account, &auth->groups));
	auth->match.groups = (const char *const *)auth->groups.items;
	auth->match.group_count = auth->groups.count;
	return ERR_OK;
}

static enum err find_account(struct monitor *m, struct slice name)
{
	uid_t only = m->prepared->handover.is_root ? (uid_t)-1 : getuid();
	enum err err = account_find(name, only, &m->prepared->nobody, &m->auth.account);

	/* Databases that cannot be asked make an unknown account, not a broken connection. */
	return err == ERR_SYSTEM ? ERR_OK : err;
}

/* The name where UseDNS wants one, else the address in its place. */
static const char *host_of(struct monitor *m)
{
	struct auth *auth = &m->auth;

	if (!m->prepared->conf->use_dns || !peer_find_name(m->connection.input, auth->host))
		return m->peer.address;
	return auth->host;
}

/* What rules are asked about; groups only where one wants them, since they cost a look-up. */
static enum err gather_facts(struct monitor *m)
{
	struct auth *auth = &m->auth;

	auth->match = (struct match_facts){
	    .user = auth->account.name,
	    .is_invalid_user = !auth->account.exists,
	    .host = host_of(m),
	    .address = m->peer.address,
	    .local_address = m->peer.local_address,
	    .local_port = (uint16_t)strtoul(m->peer.local_port, NULL, 10),
	};
	auth->facts = (struct policy_facts){
	    .connection = &auth->match,
	    .port = (uint16_t)strtoul(m->peer.port, NULL, 10),
	    .exists = auth->account.exists,
	    .is_root = auth->account.exists && auth->account.uid == 0,
	    .shell = auth->account.shell,
	    .shell_state = account_shell_state(&auth->account),
	};
	return config_wants_groups(m->prepared->config) ? load_groups(auth) : ERR_OK;
}

static enum err resolve(struct monitor *m)
{
	AUTO(diagnostics_wipe) struct diagnostics diagnostics = {0};
	struct auth *auth = &m->auth;

	TRY(gather_facts(m));
	TRY(conf_resolve(m->prepared->config, &auth->match, &auth->own_conf, &diagnostics));
	auth->conf = auth->own_conf;
	prepared_use_log_level(m->prepared, auth->conf);
	if (policy_wants_groups(auth->conf))
		TRY(load_groups(auth));
	if (!auth->conf->use_pam)
		account_load_shadow(&auth->account);
	auth->facts.is_locked = auth->account.is_locked;
	auth->facts.is_expired = auth->account.is_expired;
	return ERR_OK;
}

/* What the configuration turns on and this program has. */
static uint32_t enabled_methods(const struct conf *conf)
{
	uint32_t built = METHOD_BIT(METHOD_NONE) | METHOD_BIT(METHOD_PUBLICKEY) | METHOD_BIT(METHOD_PASSWORD) |
	    METHOD_BIT(METHOD_KEYBOARD_INTERACTIVE);

	return policy_methods_enabled(conf) & built;
}

static enum err require_methods(struct auth *auth)
{
	const struct conf *conf = auth->conf;
	struct slice lists[REQUIRED_LISTS_LIMIT];
	size_t count = conf->authentication_methods.count;

	if (count > REQUIRED_LISTS_LIMIT)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++)
		lists[i] = slice_text(conf->authentication_methods.items[i]);
	auth->attempts = (struct attempts){.limit = conf->max_auth_tries};
	if (conf->max_key_queries != UINT32_MAX)
		auth->attempts.queries_limit = conf->max_key_queries;
	return required_init(&auth->required, lists, count, enabled_methods(conf),
	    1u << DEVICE_OTP | (conf->use_pam ? 1u << DEVICE_PAM : 0),
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

enum err on_net_user(struct monitor *m, const struct msg_net_user *msg)
{
	struct auth *auth = &m->auth;
	enum err err;

	TRY(find_account(m, msg->name));
	TRY(monitor_move(m, USER_IS_FIXED));
	TRY(resolve(m));
	if (login_may_connect(m) != PERMIT) {
		m->outcome = OUTCOME_REFUSED;
		monitor_end(m);
		return ERR_OK;
	}
	auth->is_valid = login_may_begin(m) == PERMIT;
	title_set("%s [priv]", auth->account.exists ? auth->account.name : "unknown");
	err = require_methods(auth);
	if (err == ERR_CONFIG) {
		monitor_dismiss(m, SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE,
		    "no authentication methods enabled");
		return ERR_OK;
	}
	TRY(err);
	return send_banner(m);
}

/* ------------------------------------------------------------------- others */

/* Counted like any other failure; OpenSSH has no line for it in the log, so neither have we. */
enum err on_net_unknown(struct monitor *m, const struct msg_net_unknown *msg)
{
	struct attempt attempt = {.method = METHOD_UNKNOWN, .result = RESULT_FAILED};

	(void)msg;
	return attempt_finish(m, &attempt);
}
