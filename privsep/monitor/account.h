/* The account a connection is for, as the system's databases tell of it. */
#pragma once

#include <sys/types.h>

#include "config/policy.h"
#include "config/tokens.h"
#include "privsep/monitor/peer.h"
#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define USER_NAME_LIMIT 255u
#define GROUPS_LIMIT    65536u

struct account {
	bool exists;
	char name[USER_NAME_LIMIT + 1]; /* as the client wrote it; made safe by account_name_is_sane */
	uid_t uid;
	gid_t gid;
	char *home, *shell;
	gid_t *groups; /* all of them, gid included; after account_load_groups */
	size_t group_count;
	bool is_locked, is_expired; /* as shadow says; after account_load_shadow */
};

void account_wipe(struct account *account); /* for AUTO */

/* No control characters, no slash, no leading minus, not empty, well-formed UTF-8. */
bool account_name_is_sane(struct slice name);

/*
 * Looks the name up. A name that is not sane or not known gives an account that does not
 * exist, whose home is empty and whose uid and gid are those of `nobody`: every later step can
 * be done for it too, and takes as long.
 *
 * only_uid   another uid than this does not count as existing; (uid_t)-1: all do
 * ERR_NO_MEMORY. ERR_SYSTEM: the databases could not be asked (the account does not exist then).
 */
struct nobody {
	uid_t uid;
	gid_t gid;
};
enum err account_find(struct slice name, uid_t only_uid, const struct nobody *nobody,
    struct account *account);

/* Fills in the groups. ERR_NO_MEMORY, ERR_LIMIT. */
enum err account_load_groups(struct account *account);

/* What the groups of this process are now, for a login: modules may have added some. ERR_NO_MEMORY. */
enum err account_take_process_groups(struct account *account);

/* The names of the account's groups, those that have one. ERR_NO_MEMORY, ERR_LIMIT. */
struct group_names {
	char **items;
	size_t count;
};
void group_names_wipe(struct group_names *names); /* for AUTO */
enum err account_group_names(struct account *account, struct group_names *names);

/* AuthorizedKeysFile and its like: %h, %U and %u. ERR_MALFORMED, ERR_LIMIT, ERR_NO_MEMORY. */
enum err account_expand(const struct account *account, const char *pattern, struct buf *out);

/*
 * The tokens of commands that speak of the account and the connection (%h %U %u %C %D), into
 * the first of `tokens`; how many. `texts` keeps what they point to.
 */
#define ACCOUNT_TOKENS 5u
struct account_tokens {
	char uid[16], connection[192];
};
size_t account_tokens(const struct account *account, const struct peer *peer, struct account_tokens *texts,
    struct token tokens[static ACCOUNT_TOKENS]);

/* Asks the shadow database, which only root can: else nothing is found there. */
void account_load_shadow(struct account *account);

/* Whether the login shell can be started. */
enum shell_state account_shell_state(const struct account *account);

/* Loads what looking up accounts needs, so that no connection has to. Leaves no socket open. */
void account_warm_up(void);
