/* Checks of settings and how they work together. */
#include "config/lint_checks.h"

#include "config/algorithm_names.h"
#include "config/pattern.h"
#include "config/policy.h"
#include "sshd/base/auto.h"

static bool is_listed(const char *list, const char *method)
{
	struct slice rest = slice_text(list), one;

	while (list_next(&rest, &one))
		if (slice_starts(one, method))
			return true;
	return false;
}

/* Whether a password alone logs in: no list, or a list with nothing beside it. */
static bool is_alone_enough(const struct conf *conf, const char *method)
{
	const struct conf_texts *lists = &conf->authentication_methods;

	if (conf->second_factor == SECOND_FACTOR_OTP)
		return false;
	for (size_t i = 0; i < lists->count; i++)
		if (is_listed(lists->items[i], method) && strchr(lists->items[i], ',') == NULL)
			return true;
	return lists->count == 0;
}

LINT_TEST(check_password_path)
{
	if (lint->conf->password_authentication && is_alone_enough(lint->conf, "password"))
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_pam_password_path)
{
	const struct conf *conf = lint->conf;

	if (conf->use_pam && conf->kbd_interactive_authentication &&
	    !conf->password_authentication && is_alone_enough(conf, "keyboard-interactive"))
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_methods_possible)
{
	struct slice obstacle = {0};

	if (lint->conf->authentication_methods.count > 0 &&
	    !policy_methods_are_possible(lint->conf, &obstacle))
		lint_tell(lint, rule, arena_text(&lint->findings->arena, obstacle));
}

LINT_TEST(check_any_method)
{
	if (policy_methods_enabled(lint->conf) == 0)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_second_factor)
{
	const struct conf_texts *lists = &lint->conf->authentication_methods;

	if (lint->conf->second_factor == SECOND_FACTOR_OTP)
		return;
	for (size_t i = 0; i < lists->count; i++)
		if (strchr(lists->items[i], ',') == NULL) {
			lint_tell(lint, rule, lists->items[i]);
			return;
		}
	if (lists->count == 0)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_otp_portable)
{
	const struct conf_texts *lists = &lint->conf->authentication_methods;

	for (size_t i = 0; i < lists->count; i++)
		if (strstr(lists->items[i], ":otp") != NULL) {
			lint_tell(lint, rule, lists->items[i]);
			return;
		}
}

LINT_TEST(check_access_list)
{
	const struct conf *conf = lint->conf;

	if (conf->allow_users.count == 0 && conf->allow_groups.count == 0 &&
	    conf->deny_users.count == 0 && conf->deny_groups.count == 0)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_locked_accounts)
{
	if (!lint->conf->use_pam && lint->conf->pubkey_authentication)
		lint_tell(lint, rule, NULL);
}

/* Names that programs take orders from. */
static const char *const dangerous_names[] = {"LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "BASH_ENV",
    "ENV", "IFS", "PYTHONPATH", "PERL5LIB", "GCONV_PATH", "LD_AUDIT"};

LINT_TEST(check_accept_env)
{
	const struct conf_texts *patterns = &lint->conf->accept_env;

	for (size_t i = 0; i < patterns->count; i++)
		for (size_t k = 0; k < COUNT_OF(dangerous_names); k++)
			if (text_matches_pattern(
			        slice_text(dangerous_names[k]), slice_text(patterns->items[i]))) {
				lint_tell(lint, rule, patterns->items[i]);
				return;
			}
}

LINT_TEST(check_terrapin)
{
	const struct conf *conf = lint->conf;
	bool is_exposed = strstr(conf->ciphers, "chacha20-poly1305") != NULL;

	if (is_exposed && !conf->strict_kex_required)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_rekey)
{
	if (lint->conf->rekey_limit.bytes == 0 || lint->conf->rekey_limit.seconds == 0)
		lint_tell(lint, rule, NULL);
}

/* Known to OpenSSH and accepted in a list, but nothing that this server would do. */
static const char never_offered[] = "*-cbc,hmac-md5*,hmac-sha1-96*,*-group1-sha1,"
                                    "*-group14-sha1,*-group-exchange-sha1,*mldsa44*";

LINT_TEST(check_not_offered)
{
	const struct conf *conf = lint->conf;
	const char *const lists[] = {conf->ciphers, conf->macs, conf->kex_algorithms,
	    conf->host_key_algorithms, conf->pubkey_accepted_algorithms};

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct slice list = slice_text(lists[i]), one;

		while (list_next(&list, &one))
			if (pattern_list_match(one, LITERAL(never_offered), false) == MATCH_YES)
				lint_tell(lint, rule, arena_text(&lint->findings->arena, one));
	}
}

static bool may_forward(const struct conf *conf)
{
	return !conf->disable_forwarding &&
	       (conf->allow_tcp_forwarding != FORWARDING_NO || conf->x11_forwarding ||
	           conf->allow_stream_local_forwarding != FORWARDING_NO ||
	           conf->allow_agent_forwarding || conf->permit_tunnel != TUNNEL_NO);
}

LINT_TEST(check_forced_command)
{
	if (lint->conf->force_command != NULL && may_forward(lint->conf))
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_forced_rc)
{
	const struct conf *conf = lint->conf;

	/* internal-sftp runs without the user's shell and rc. */
	if (conf->force_command != NULL && conf->permit_user_rc &&
	    !slice_starts(slice_text(conf->force_command), "internal-sftp"))
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_chroot_command)
{
	const struct conf *conf = lint->conf;

	if (conf->chroot_directory != NULL &&
	    (conf->force_command == NULL ||
	        !slice_starts(slice_text(conf->force_command), "internal-sftp")))
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_sftp_log)
{
	const struct conf_subsystems *subsystems = &lint->conf->subsystems;

	for (size_t i = 0; i < subsystems->count; i++)
		if (strcmp(subsystems->items[i].name, "sftp") == 0 &&
		    strstr(subsystems->items[i].command, " -l") == NULL)
			lint_tell(lint, rule, subsystems->items[i].command);
}

LINT_TEST(check_startups)
{
	const struct conf_startups *limit = &lint->conf->max_startups;

	if (limit->begin > 10 || limit->rate < 30 || limit->full > 60)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_per_source)
{
	if (lint->conf->per_source_max_startups == UINT32_MAX)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_penalties)
{
	if (lint->conf->per_source_penalties.enabled != PENALTIES_ON)
		lint_tell(lint, rule, NULL);
}

#define EXEMPT_BITS4 16u
#define EXEMPT_BITS6 32u

LINT_TEST(check_exempt)
{
	const char *exempt = lint->conf->per_source_penalty_exempt;
	struct slice list = slice_text(exempt), one;

	while (exempt != NULL && list_next(&list, &one)) {
		struct address address;
		unsigned bits;

		if (cidr_parse(one, &address, &bits) != CIDR_OK)
			continue;
		if (bits < (address.family == AF_INET ? EXEMPT_BITS4 : EXEMPT_BITS6))
			lint_tell(lint, rule, arena_text(&lint->findings->arena, one));
	}
}

LINT_TEST(check_banner_set)
{
	if (lint->conf->banner == NULL)
		lint_tell(lint, rule, NULL);
}

LINT_TEST(check_listeners)
{
	const struct conf_listens *listen = &lint->conf->listen;

	for (size_t i = 0; i < listen->count; i++)
		if (strcmp(listen->items[i].host, "::") == 0 ||
		    strcmp(listen->items[i].host, "0.0.0.0") == 0) {
			lint_tell(lint, rule, NULL);
			return;
		}
}

LINT_TEST(check_keep_alive)
{
	if (!lint->conf->tcp_keep_alive && lint->conf->client_alive_interval_s == 0)
		lint_tell(lint, rule, NULL);
}

/* An account for forwarding alone, and no list of where to. */
LINT_TEST(check_tunnel_only)
{
	const struct conf *conf = lint->conf;

	if (!conf->permit_tty && conf->force_command != NULL && conf->permit_open.is_any &&
	    !conf->disable_forwarding && (conf->allow_tcp_forwarding & FORWARDING_LOCAL) != 0)
		lint_tell(lint, rule, NULL);
}
