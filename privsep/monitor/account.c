#include "privsep/monitor/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "privsep/monitor/nss_preload.h"
#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/text.h"

#define RECORD_SIZE_FIRST 4096u
#define RECORD_SIZE_LIMIT (1u << 20)
#define NSSWITCH_LIMIT    65536u

void account_wipe(struct account *account)
{
	free(account->home);
	free(account->shell);
	free(account->groups);
	*account = (struct account){0};
}

bool account_name_is_sane(struct slice name)
{
	if (name.len == 0 || name.len > USER_NAME_LIMIT || name.ptr[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] < 0x20 || name.ptr[i] == 0x7f || name.ptr[i] == '/')
			return false;
	return text_is_utf8(name);
}

static void free_record(char **record)
{
	free(*record);
}

static enum err copy_texts(const struct passwd *from, struct account *account)
{
	account->home = strdup(from->pw_dir ? from->pw_dir : "");
	account->shell = strdup(from->pw_shell && from->pw_shell[0] ? from->pw_shell : "/bin/sh");
	return account->home && account->shell ? ERR_OK : ERR_NO_MEMORY;
}

/* The databases' answer, with a buffer that grows as they ask. */
static enum err ask(const char *name, uid_t only_uid, struct account *account)
{
	for (size_t size = RECORD_SIZE_FIRST; size <= RECORD_SIZE_LIMIT; size *= 2) {
		AUTO(free_record) char *record = malloc(size);
		struct passwd entry, *found = NULL;
		int error;

		if (record == NULL)
			return ERR_NO_MEMORY;
		error = getpwnam_r(name, &entry, record, size, &found);
		if (error == ERANGE)
			continue;
		if (error != 0 && error != ENOENT && error != ESRCH)
			return ERR_SYSTEM;
		if (found == NULL || (only_uid != (uid_t)-1 && found->pw_uid != only_uid))
			return ERR_OK;
		account->uid = found->pw_uid;
		account->gid = found->pw_gid;
		TRY(copy_texts(found, account));
		account->exists = true;
		return ERR_OK;
	}
	return ERR_SYSTEM;
}

enum err account_find(struct slice name, uid_t only_uid, const struct nobody *nobody,
    struct account *account)
{
	AUTO(account_wipe) struct account found = {.uid = nobody->uid, .gid = nobody->gid};
	enum err err = ERR_OK;

	if (name.len > 0 && name.len <= USER_NAME_LIMIT)
		memcpy(found.name, name.ptr, name.len);
	if (account_name_is_sane(name))
		err = ask(found.name, only_uid, &found);
	if (!found.exists) {
		free(found.home);
		free(found.shell);
		found.home = strdup("/nonexistent");
		found.shell = strdup("/bin/false");
		if (found.home == NULL || found.shell == NULL)
			return ERR_NO_MEMORY;
	}
	*account = found;
	found = (struct account){0};
	return err;
}

enum err account_load_groups(struct account *account)
{
	int count = 64;

	if (account->groups != NULL)
		return ERR_OK;
	if (!account->exists) {
		account->groups = calloc(1, sizeof(*account->groups));
		return account->groups ? ERR_OK : ERR_NO_MEMORY;
	}
	for (;;) {
		gid_t *groups = calloc((size_t)count, sizeof(*groups));
		int room = count;

		if (groups == NULL)
			return ERR_NO_MEMORY;
		if (getgrouplist(account->name, account->gid, groups, &count) >= 0) {
			account->groups = groups;
			account->group_count = (size_t)count;
			return ERR_OK;
		}
		free(groups);
		if (count <= room)
			count = room * 2;
		if (count > (int)GROUPS_LIMIT)
			return ERR_LIMIT;
	}
}

enum err account_take_process_groups(struct account *account)
{
	int count = getgroups(0, NULL);
	gid_t *groups;

	if (count < 0)
		return ERR_SYSTEM;
	groups = calloc((size_t)count + 1, sizeof(*groups));
	if (groups == NULL)
		return ERR_NO_MEMORY;
	count = getgroups(count, groups);
	if (count < 0) {
		free(groups);
		return ERR_SYSTEM;
	}
	free(account->groups);
	account->groups = groups;
	account->group_count = (size_t)count;
	return ERR_OK;
}

void group_names_wipe(struct group_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct group_names){0};
}

enum err account_group_names(struct account *account, struct group_names *names)
{
	AUTO(group_names_wipe) struct group_names found = {0};

	TRY(account_load_groups(account));
	found.items = calloc(account->group_count + 1, sizeof(*found.items));
	if (found.items == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < account->group_count; i++) {
		const struct group *group = getgrgid(account->groups[i]);
		char *name = group ? strdup(group->gr_name) : NULL;

		if (group != NULL && name == NULL)
			return ERR_NO_MEMORY;
		if (name != NULL)
			found.items[found.count++] = name;
	}
	*names = found;
	found = (struct group_names){0};
	return ERR_OK;
}

size_t account_tokens(const struct account *account, const struct peer *peer, struct account_tokens *texts,
    struct token tokens[static ACCOUNT_TOKENS])
{
	snprintf(texts->uid, sizeof(texts->uid), "%u", account->uid);
	snprintf(texts->connection, sizeof(texts->connection), "%s %s %s %s", peer ? peer->address : "",
	    peer ? peer->port : "", peer ? peer->local_address : "", peer ? peer->local_port : "");
	tokens[0] = (struct token){'h', account->home};
	tokens[1] = (struct token){'U', texts->uid};
	tokens[2] = (struct token){'u', account->name};
	tokens[3] = (struct token){'C', texts->connection};
	tokens[4] = (struct token){'D', ""};
	return ACCOUNT_TOKENS;
}

enum err account_expand(const struct account *account, const char *pattern, struct buf *out)
{
	struct account_tokens texts;
	struct token tokens[ACCOUNT_TOKENS];

	(void)account_tokens(account, NULL, &texts, tokens);
	return tokens_expand(pattern, tokens, 3, out); /* of files: the first three */
}

#define SECONDS_PER_DAY 86400

/* A field that no password can match because somebody put a "!" in front; "*" never was one. */
static bool is_locked_field(const char *field)
{
	return field != NULL && field[0] == '!';
}

void account_load_shadow(struct account *account)
{
	char record[RECORD_SIZE_FIRST];
	struct spwd entry, *found = NULL;
	long today = (long)(time(NULL) / SECONDS_PER_DAY);

	if (!account->exists || getspnam_r(account->name, &entry, record, sizeof(record), &found) != 0 ||
	    found == NULL)
		return;
	account->is_locked = is_locked_field(found->sp_pwdp);
	account->is_expired = found->sp_expire > 0 && today > found->sp_expire;
	explicit_bzero(record, sizeof(record));
}

enum shell_state account_shell_state(const struct account *account)
{
	struct stat facts;

	if (stat(account->shell, &facts) != 0)
		return SHELL_MISSING;
	if (!S_ISREG(facts.st_mode) || !(facts.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return SHELL_NOT_EXECUTABLE;
	return SHELL_USABLE;
}

void account_warm_up(void)
{
	AUTO(buf_wipe) struct buf conf = buf_empty(NSSWITCH_LIMIT);
	char record[RECORD_SIZE_FIRST];
	struct passwd entry, *found;

	if (file_read_path("/etc/nsswitch.conf", &conf) == ERR_OK)
		nss_preload(buf_view(&conf));
	/* Found in the first database of them all: no other is asked. */
	(void)getpwnam_r("root", &entry, record, sizeof(record), &found);
}
