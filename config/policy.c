#include "config/policy.h"

#include "config/pattern.h"
#include "sshd/base/auto.h"

#define PRIVILEGED_PORTS 1024u

/* ---- answers ---- */

static struct decision answer(const struct conf *conf, enum verdict verdict,
    enum policy_reason reason, enum keyword_id keyword)
{
	struct decision decision = {.verdict = verdict, .reason = reason, .keyword = keyword};

	if (keyword < KEYWORD_COUNT)
		decision.origin = conf->origins[keyword];
	return decision;
}

static struct decision no_objection(void)
{
	return (struct decision){
	    .verdict = PERMIT, .reason = REASON_NO_OBJECTION, .keyword = KEYWORD_COUNT};
}

static struct decision deny(
    const struct conf *conf, enum policy_reason reason, enum keyword_id keyword)
{
	return answer(conf, DENY, reason, keyword);
}

/* A decision of one item of a list rather than of the whole setting. */
static struct decision by_item(enum verdict verdict, enum policy_reason reason,
    enum keyword_id keyword, const char *item, struct origin origin)
{
	return (struct decision){verdict, reason, keyword, origin, item};
}

static struct decision by_flag(const struct conf *conf, bool is_on, enum keyword_id keyword)
{
	return is_on ? answer(conf, PERMIT, REASON_SETTING_PERMITS, keyword)
	             : deny(conf, REASON_SETTING_FORBIDS, keyword);
}

static bool is_denied(const struct decision *decision)
{
	return decision->verdict != PERMIT;
}

/* ---- who may log in: the order is OpenSSH's ---- */

/* "user" or "user@hosts": the part behind the last @ is a list of hosts and addresses. */
static bool user_pattern_matches(const char *pattern, const struct match_facts *who)
{
	const char *at = strrchr(pattern, '@');
	struct slice user = slice_text(who->user);

	if (at == NULL)
		return text_matches_pattern(user, slice_text(pattern));
	return text_matches_pattern(user, slice_over(pattern, (size_t)(at - pattern))) &&
	       host_list_match(who->host, slice_text(who->address), slice_text(at + 1)) ==
	           MATCH_YES;
}

static bool find_user(
    const struct conf_texts *patterns, const struct match_facts *who, size_t *index)
{
	for (size_t i = 0; i < patterns->count; i++) {
		if (!user_pattern_matches(patterns->items[i], who))
			continue;
		*index = i;
		return true;
	}
	return false;
}

/* A pattern that matches any of the groups. */
static bool find_group(
    const struct conf_texts *patterns, const struct match_facts *who, size_t *index)
{
	for (size_t i = 0; i < patterns->count; i++) {
		for (size_t k = 0; k < who->group_count; k++) {
			if (!text_matches_pattern(
			        slice_text(who->groups[k]), slice_text(patterns->items[i])))
				continue;
			*index = i;
			return true;
		}
	}
	return false;
}

static struct decision decide_state(const struct conf *conf, const struct policy_facts *facts)
{
	struct decision decision;

	if (!facts->exists)
		return deny(conf, REASON_NO_ACCOUNT, KEYWORD_COUNT);
	/* With PAM these are the business of its account modules. */
	if (!conf->use_pam && facts->is_expired)
		return deny(conf, REASON_EXPIRED, KEYWORD_UsePAM);
	if (!conf->use_pam && facts->is_locked)
		return deny(conf, REASON_LOCKED, KEYWORD_UsePAM);
	/* Inside of a chroot there may be another shell, and none is needed for sftp. */
	if (conf->chroot_directory != NULL || facts->shell_state == SHELL_USABLE)
		return no_objection();
	decision = deny(conf,
	    facts->shell_state == SHELL_MISSING ? REASON_SHELL_ABSENT : REASON_SHELL_UNUSABLE,
	    KEYWORD_COUNT);
	decision.detail = facts->shell;
	return decision;
}

static struct decision decide_users(const struct conf *conf, const struct match_facts *who)
{
	const struct conf_texts *denied = &conf->deny_users, *allowed = &conf->allow_users;
	size_t i;

	if (find_user(denied, who, &i))
		return by_item(DENY, REASON_IN_DENY_USERS, KEYWORD_DenyUsers, denied->items[i],
		    denied->origins[i]);
	if (allowed->count == 0)
		return no_objection();
	if (!find_user(allowed, who, &i))
		return deny(conf, REASON_NOT_IN_ALLOW_USERS, KEYWORD_AllowUsers);
	return by_item(
	    PERMIT, REASON_LISTED, KEYWORD_AllowUsers, allowed->items[i], allowed->origins[i]);
}

static struct decision decide_groups(const struct conf *conf, const struct match_facts *who)
{
	const struct conf_texts *denied = &conf->deny_groups, *allowed = &conf->allow_groups;
	size_t i;

	if (denied->count == 0 && allowed->count == 0)
		return no_objection();
	if (who->group_count == 0)
		return deny(conf, REASON_IN_NO_GROUP,
		    allowed->count > 0 ? KEYWORD_AllowGroups : KEYWORD_DenyGroups);
	if (find_group(denied, who, &i))
		return by_item(DENY, REASON_IN_DENY_GROUPS, KEYWORD_DenyGroups, denied->items[i],
		    denied->origins[i]);
	if (allowed->count == 0)
		return no_objection();
	if (!find_group(allowed, who, &i))
		return deny(conf, REASON_NOT_IN_ALLOW_GROUPS, KEYWORD_AllowGroups);
	return by_item(
	    PERMIT, REASON_LISTED, KEYWORD_AllowGroups, allowed->items[i], allowed->origins[i]);
}

static struct decision decide_account(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	struct decision by_state = decide_state(conf, facts), by_users, by_groups;

	(void)question;
	if (is_denied(&by_state))
		return by_state;
	by_users = decide_users(conf, facts->connection);
	if (is_denied(&by_users))
		return by_users;
	by_groups = decide_groups(conf, facts->connection);
	if (is_denied(&by_groups))
		return by_groups;
	return by_groups.reason == REASON_LISTED ? by_groups : by_users;
}

bool policy_wants_groups(const struct conf *conf)
{
	return conf->allow_groups.count > 0 || conf->deny_groups.count > 0;
}

static struct decision decide_connection(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	(void)facts;
	(void)question;
	if (conf->refuse_connection)
		return deny(conf, REASON_CONNECTION_REFUSED, KEYWORD_RefuseConnection);
	return no_objection();
}

/* ---- by which method ---- */

static bool is_password_like(const struct policy_question *question)
{
	if (question->method == BY_KEYBOARD_INTERACTIVE)
		return !question->is_one_time;
	return question->method == BY_PASSWORD || question->method == BY_NONE;
}

static struct decision decide_root(const struct conf *conf, const struct policy_question *question)
{
	switch (conf->permit_root_login) {
	case ROOT_LOGIN_YES:
		return answer(conf, PERMIT, REASON_SETTING_PERMITS, KEYWORD_PermitRootLogin);
	case ROOT_LOGIN_PROHIBIT_PASSWORD:
		if (is_password_like(question))
			return deny(conf, REASON_ROOT_NOT_BY_PASSWORD, KEYWORD_PermitRootLogin);
		return answer(conf, PERMIT, REASON_SETTING_PERMITS, KEYWORD_PermitRootLogin);
	case ROOT_LOGIN_FORCED_COMMANDS_ONLY:
		if (is_password_like(question) || !question->has_forced_command)
			return deny(conf, REASON_ROOT_ONLY_FORCED, KEYWORD_PermitRootLogin);
		return answer(conf, PERMIT, REASON_SETTING_PERMITS, KEYWORD_PermitRootLogin);
	case ROOT_LOGIN_NO:
		break;
	}
	return deny(conf, REASON_ROOT_FORBIDDEN, KEYWORD_PermitRootLogin);
}

static struct decision decide_method(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	struct decision by_setting =
	    policy_method_setting(conf, question->method, question->is_one_time);

	if (is_denied(&by_setting) || !facts->is_root)
		return by_setting;
	return decide_root(conf, question);
}

/* ---- sessions ---- */

static struct decision decide_session(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	(void)facts;
	if (question->number >= conf->max_sessions)
		return deny(conf, REASON_TOO_MANY, KEYWORD_MaxSessions);
	return no_objection();
}

static struct decision decide_terminal(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	(void)facts;
	(void)question;
	return by_flag(conf, conf->permit_tty, KEYWORD_PermitTTY);
}

static struct decision decide_user_rc(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	(void)facts;
	(void)question;
	return by_flag(conf, conf->permit_user_rc, KEYWORD_PermitUserRC);
}

static struct decision decide_subsystem(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	const struct conf_subsystems *subsystems = &conf->subsystems;

	(void)facts;
	for (size_t i = 0; i < subsystems->count; i++)
		if (strcmp(subsystems->items[i].name, question->text) == 0)
			return by_item(PERMIT, REASON_LISTED, KEYWORD_Subsystem,
			    subsystems->items[i].command, subsystems->origins[i]);
	return deny(conf, REASON_NO_SUBSYSTEM, KEYWORD_Subsystem);
}

static struct decision decide_environment(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	const struct conf_texts *patterns = &conf->accept_env;

	(void)facts;
	for (size_t i = 0; i < patterns->count; i++)
		if (text_matches_pattern(slice_text(question->text), slice_text(patterns->items[i])))
			return by_item(PERMIT, REASON_LISTED, KEYWORD_AcceptEnv, patterns->items[i],
			    patterns->origins[i]);
	return deny(conf, REASON_NOT_ACCEPTED, KEYWORD_AcceptEnv);
}

static struct decision decide_user_environment(const struct conf *conf,
    const struct policy_facts *facts, const struct policy_question *question)
{
	const struct conf_user_env *env = &conf->permit_user_environment;

	(void)facts;
	if (env->is_allowed && env->patterns != NULL &&
	    pattern_list_match(slice_text(question->text), slice_text(env->patterns), false) !=
	        MATCH_YES)
		return deny(conf, REASON_NOT_ACCEPTED, KEYWORD_PermitUserEnvironment);
	return by_flag(conf, env->is_allowed, KEYWORD_PermitUserEnvironment);
}

/* ---- forwarding ---- */

/* What every kind of forwarding needs, and the one setting of this kind. */
static struct decision forwarding(const struct conf *conf, bool is_on, enum keyword_id keyword)
{
	if (conf->disable_forwarding)
		return deny(conf, REASON_FORWARDING_OFF, KEYWORD_DisableForwarding);
	return by_flag(conf, is_on, keyword);
}

static struct decision decide_agent(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	(void)facts;
	(void)question;
	return forwarding(conf, conf->allow_agent_forwarding, KEYWORD_AllowAgentForwarding);
}

static struct decision decide_x11(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	(void)facts;
	(void)question;
	return forwarding(conf, conf->x11_forwarding, KEYWORD_X11Forwarding);
}

static struct decision decide_tunnel(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	bool is_on =
	    question->number != 0 && (question->number & ~(unsigned)conf->permit_tunnel) == 0;

	(void)facts;
	return forwarding(conf, is_on, KEYWORD_PermitTunnel);
}

/* Whether a row names this host and port; `is_pattern`: its host may hold wildcards. */
static bool row_permits(
    const struct conf_permission *row, const char *host, uint16_t port, bool is_pattern)
{
	if (row->port != 0 && row->port != port)
		return false;
	if (row->host == NULL)
		return true;
	return is_pattern ? text_matches_pattern(slice_text(host), slice_text(row->host))
	                  : strcmp(host, row->host) == 0;
}

static struct decision by_permissions(const struct conf *conf,
    const struct conf_permissions *permissions, const struct policy_question *question,
    enum keyword_id keyword, enum policy_reason refusal)
{
	bool is_pattern = keyword == KEYWORD_PermitListen;
	const struct conf_permission_rows *rows = &permissions->rows;

	if (permissions->is_any)
		return no_objection();
	for (size_t i = 0; i < rows->count; i++)
		if (row_permits(&rows->items[i], question->text, question->port, is_pattern))
			return by_item(
			    PERMIT, REASON_LISTED, keyword, rows->items[i].text, rows->origins[i]);
	return deny(conf, refusal, keyword);
}

static struct decision decide_open_tcp(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	struct decision by_setting = forwarding(
	    conf, (conf->allow_tcp_forwarding & FORWARDING_LOCAL) != 0, KEYWORD_AllowTcpForwarding);

	(void)facts;
	if (is_denied(&by_setting) || conf->permit_open.is_any)
		return by_setting;
	return by_permissions(
	    conf, &conf->permit_open, question, KEYWORD_PermitOpen, REASON_NOT_PERMITTED_OPEN);
}

static struct decision decide_listen_tcp(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	struct decision by_setting = forwarding(conf,
	    (conf->allow_tcp_forwarding & FORWARDING_REMOTE) != 0, KEYWORD_AllowTcpForwarding);

	if (is_denied(&by_setting))
		return by_setting;
	if (question->port > 0 && question->port < PRIVILEGED_PORTS && !facts->is_root)
		return deny(conf, REASON_PRIVILEGED_PORT, KEYWORD_COUNT);
	if (conf->permit_listen.is_any)
		return by_setting;
	return by_permissions(conf, &conf->permit_listen, question, KEYWORD_PermitListen,
	    REASON_NOT_PERMITTED_LISTEN);
}

/*
 * PermitOpen and PermitListen name TCP endpoints only, so where one restricts, no path is
 * named: OpenSSH refuses sockets then, and an administrator who restricted counts on it.
 */
static struct decision decide_open_streamlocal(const struct conf *conf,
    const struct policy_facts *facts, const struct policy_question *question)
{
	struct decision by_setting =
	    forwarding(conf, (conf->allow_stream_local_forwarding & FORWARDING_LOCAL) != 0,
	        KEYWORD_AllowStreamLocalForwarding);

	(void)facts;
	(void)question;
	if (is_denied(&by_setting) || conf->permit_open.is_any)
		return by_setting;
	return deny(conf, REASON_NOT_PERMITTED_OPEN, KEYWORD_PermitOpen);
}

static struct decision decide_listen_streamlocal(const struct conf *conf,
    const struct policy_facts *facts, const struct policy_question *question)
{
	struct decision by_setting =
	    forwarding(conf, (conf->allow_stream_local_forwarding & FORWARDING_REMOTE) != 0,
	        KEYWORD_AllowStreamLocalForwarding);

	(void)facts;
	(void)question;
	if (is_denied(&by_setting) || conf->permit_listen.is_any)
		return by_setting;
	return deny(conf, REASON_NOT_PERMITTED_LISTEN, KEYWORD_PermitListen);
}

enum listen_where policy_listen_where(const struct conf *conf, const char *asked)
{
	bool is_loopback = strcmp(asked, "127.0.0.1") == 0 || strcmp(asked, "::1") == 0;

	switch (conf->gateway_ports) {
	case GATEWAY_YES:
		return LISTEN_WILDCARD;
	case GATEWAY_CLIENT_SPECIFIED:
		if (asked[0] == 0 || strcmp(asked, "*") == 0)
			return LISTEN_WILDCARD;
		return strcmp(asked, "localhost") == 0 ? LISTEN_LOOPBACK : LISTEN_AS_ASKED;
	case GATEWAY_NO:
		break;
	}
	return is_loopback ? LISTEN_AS_ASKED : LISTEN_LOOPBACK;
}

/* ---- the table ---- */

static struct decision (*const rules[ASK_COUNT])(const struct conf *conf,
    const struct policy_facts *facts, const struct policy_question *question) = {
    [ASK_CONNECTION] = decide_connection,
    [ASK_ACCOUNT] = decide_account,
    [ASK_METHOD] = decide_method,
    [ASK_SESSION] = decide_session,
    [ASK_TERMINAL] = decide_terminal,
    [ASK_USER_RC] = decide_user_rc,
    [ASK_SUBSYSTEM] = decide_subsystem,
    [ASK_ENVIRONMENT] = decide_environment,
    [ASK_USER_ENVIRONMENT] = decide_user_environment,
    [ASK_AGENT] = decide_agent,
    [ASK_X11] = decide_x11,
    [ASK_TUNNEL] = decide_tunnel,
    [ASK_OPEN_TCP] = decide_open_tcp,
    [ASK_LISTEN_TCP] = decide_listen_tcp,
    [ASK_OPEN_STREAMLOCAL] = decide_open_streamlocal,
    [ASK_LISTEN_STREAMLOCAL] = decide_listen_streamlocal,
};

struct decision policy_decide(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question)
{
	if ((unsigned)question->ask >= ASK_COUNT)
		return (struct decision){.keyword = KEYWORD_COUNT};
	return rules[question->ask](conf, facts, question);
}
