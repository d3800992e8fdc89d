#include "config/check.h"

#include <stdio.h>

#include "config/policy.h"
#include "sshd/base/auto.h"

struct check {
	const struct conf *conf;
	enum severity severity;
	const char *where; /* " for Match ..." or "" */
	struct diagnostics *diagnostics;
};

#define TELL(check, keyword_id, hint, ...)                                                         \
	do {                                                                                       \
		struct place place_ = place_of((check)->conf, keyword_id);                         \
		diagnostics_add(                                                                   \
		    (check)->diagnostics, (check)->severity, &place_, hint, __VA_ARGS__);          \
	} while (0)

static struct place place_of(const struct conf *conf, enum keyword_id id)
{
	const struct origin *origin = &conf->origins[id];

	return (struct place){
	    .file = config_file_name(conf_config(conf), *origin),
	    .line = origin->line,
	    .column = origin->column,
	    .width = (uint32_t)strlen(keyword_of(id)->name),
	};
}

static void check_methods(const struct check *check)
{
	struct slice obstacle = {0};

	if (policy_methods_are_possible(check->conf, &obstacle))
		return;
	if (check->conf->authentication_methods.count > 0)
		TELL(check, KEYWORD_AuthenticationMethods, NULL,
		    "AuthenticationMethods: no list can be completed%s: %.*s is turned off or "
		    "not possible",
		    check->where, (int)obstacle.len, (const char *)obstacle.ptr);
	else if (check->severity != SEVERITY_ERROR)
		TELL(check, KEYWORD_PubkeyAuthentication, NULL,
		    "every method of authentication is turned off%s", check->where);
	else
		/* OpenSSH serves such a configuration, to nobody. */
		diagnostics_add(check->diagnostics, SEVERITY_WARNING, NULL, NULL,
		    "every method of authentication is turned off: nobody can log in");
}

static void check_command(const struct check *check, const char *command, const char *user,
    enum keyword_id id, enum keyword_id user_id)
{
	if (command != NULL && user == NULL)
		TELL(check, id, NULL, "%s needs %s%s", keyword_of(id)->name,
		    keyword_of(user_id)->name, check->where);
}

static void check_conf(const struct check *check)
{
	const struct conf *conf = check->conf;

	check_methods(check);
	check_command(check, conf->authorized_keys_command, conf->authorized_keys_command_user,
	    KEYWORD_AuthorizedKeysCommand, KEYWORD_AuthorizedKeysCommandUser);
	check_command(check, conf->authorized_principals_command,
	    conf->authorized_principals_command_user, KEYWORD_AuthorizedPrincipalsCommand,
	    KEYWORD_AuthorizedPrincipalsCommandUser);
}

static enum err check_block(struct config *config, uint32_t scope, struct diagnostics *diagnostics)
{
	AUTO(conf_release) struct conf *conf = NULL;
	char where[160];
	struct check check = {
	    .severity = SEVERITY_WARNING, .where = where, .diagnostics = diagnostics};

	TRY(conf_resolve_scope(config, scope, &conf));
	snprintf(where, sizeof(where), " where \"%s\" holds", config->scopes[scope].text);
	check.conf = conf;
	check_conf(&check);
	return ERR_OK;
}

enum err config_check(struct config *config, struct diagnostics *diagnostics)
{
	AUTO(conf_release) struct conf *conf = NULL;
	size_t known = diagnostics->counts[SEVERITY_ERROR], work = 0;
	struct check check = {.severity = SEVERITY_ERROR, .where = "", .diagnostics = diagnostics};

	TRY(conf_resolve(config, NULL, &conf, diagnostics));
	check.conf = conf;
	check_conf(&check);
	if (diagnostics->counts[SEVERITY_ERROR] > known)
		return ERR_CONFIG;
	for (uint32_t scope = 1; scope < config->scope_count; scope++) {
		work += config->entry_count;
		if (work > CHECK_WORK_LIMIT)
			break;
		if (!config->scopes[scope].is_static)
			TRY(check_block(config, scope, diagnostics));
	}
	return ERR_OK;
}
