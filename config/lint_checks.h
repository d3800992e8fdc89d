/* What the checks of lint share. Their names stand in lint_rules.def. */
#pragma once

#include "config/lint.h"
#include "config/resolve.h"

struct lint {
	struct config *config;
	const struct lint_world *world;
	const struct conf *conf; /* of the scope that is looked at */
	uint32_t scope;          /* 0: outside of Match */
	struct findings *findings;
	enum err err;          /* the first failure, not a finding */
	uint32_t *first_lines; /* see lint_first_line */
	uint32_t first_scopes;
};

/* The first entry of the keyword directly in the scope; NULL: there is none. */
const struct entry *lint_first_line(const struct lint *lint, uint32_t scope, enum keyword_id id);

/* Tells a finding at the rule's keyword. detail may be NULL; it is copied. */
void lint_tell(struct lint *lint, const struct lint_rule *rule, const char *detail);

/* Tells one at a line. */
void lint_tell_line(struct lint *lint, const struct lint_rule *rule, struct origin origin,
    struct origin shadowing, uint32_t scope, const char *detail);

/* Whether the scope that is looked at has a line of the keyword. */
bool lint_sets(const struct lint *lint, enum keyword_id id);

/* The printed value without the keyword, lines joined by a comma. */
enum err lint_value(const struct conf *conf, enum keyword_id id, struct buf *out);

#define LINT_TEST(name) void name(struct lint *lint, const struct lint_rule *rule)

/* lint.c */
LINT_TEST(one_of);
LINT_TEST(between);
LINT_TEST(none_of);
LINT_TEST(only);
LINT_TEST(first_is);

/* lint_checks.c: settings */
LINT_TEST(check_password_path);
LINT_TEST(check_pam_password_path);
LINT_TEST(check_methods_possible);
LINT_TEST(check_second_factor);
LINT_TEST(check_otp_portable);
LINT_TEST(check_access_list);
LINT_TEST(check_locked_accounts);
LINT_TEST(check_accept_env);
LINT_TEST(check_any_method);
LINT_TEST(check_terrapin);
LINT_TEST(check_rekey);
LINT_TEST(check_not_offered);
LINT_TEST(check_forced_command);
LINT_TEST(check_forced_rc);
LINT_TEST(check_chroot_command);
LINT_TEST(check_sftp_log);
LINT_TEST(check_startups);
LINT_TEST(check_per_source);
LINT_TEST(check_penalties);
LINT_TEST(check_exempt);
LINT_TEST(check_banner_set);
LINT_TEST(check_listeners);
LINT_TEST(check_keep_alive);
LINT_TEST(check_tunnel_only);

/* lint_lines.c: lines */
LINT_TEST(check_second_methods);
LINT_TEST(check_replaced_lists);
LINT_TEST(check_match_host);
LINT_TEST(check_crypto_policy);
LINT_TEST(check_includes);
LINT_TEST(check_leftovers);
LINT_TEST(check_shadowed);
LINT_TEST(check_swallowed);
LINT_TEST(check_empty_blocks);

/* lint_world.c: what the lines name */
LINT_TEST(check_command_path);
LINT_TEST(check_user_exists);
LINT_TEST(check_file_exists);
LINT_TEST(check_files_exist);
LINT_TEST(check_file_safe);
LINT_TEST(check_groups_exist);
LINT_TEST(check_users_exist);
LINT_TEST(check_moduli);
LINT_TEST(check_host_keys);
LINT_TEST(check_chroot);
LINT_TEST(check_subsystems);
LINT_TEST(check_pam_file);
