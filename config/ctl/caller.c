#include "config/ctl/caller.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/file.h"
#include "sshd/base/text.h"

#define ENVIRONMENT_LIMIT (1u << 20)
#define ANCESTORS_LIMIT   64u
#define CONNECTION        "SSH_CONNECTION="
#define UID_UNSET         UINT32_MAX

void caller_wipe(struct caller *caller)
{
	arena_wipe(&caller->arena);
}

static enum err add(struct caller *caller, const char *name)
{
	for (size_t i = 0; i < caller->count; i++)
		if (strcmp(caller->accounts[i], name) == 0)
			return ERR_OK;
	if (caller->count == CALLER_ACCOUNTS_LIMIT)
		return ERR_LIMIT;
	caller->accounts[caller->count] = arena_text(&caller->arena, slice_text(name));
	return caller->accounts[caller->count++] == NULL ? ERR_NO_MEMORY : ERR_OK;
}

/* ---------------------------------------------------------------------------- the connection */

/* "address port address port" */
static enum err take_connection(struct caller *caller, const char *value)
{
	char *text = arena_text(&caller->arena, slice_text(value)), *rest = text, *parts[4];
	uint64_t port;

	if (text == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		parts[i] = strsep(&rest, " ");
		if (parts[i] == NULL)
			return ERR_OK;
	}
	caller->is_remote = true;
	caller->address = parts[0];
	caller->local_address = parts[2];
	if (text_parse_u64(slice_text(parts[3]), UINT16_MAX, &port) == ERR_OK)
		caller->local_port = (uint16_t)port;
	return ERR_OK;
}

static const char *find_in(const char *environment, size_t len)
{
	const char *end = environment + len;

	for (const char *at = environment; at < end; at += strnlen(at, (size_t)(end - at)) + 1)
		if (strncmp(at, CONNECTION, strlen(CONNECTION)) == 0)
			return at + strlen(CONNECTION);
	return NULL;
}

static pid_t parent_of(pid_t pid)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4096);
	char path[64];
	const char *stat_text, *paren;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (file_read_path(path, &text) != ERR_OK || buf_c_string(&text, &stat_text) != ERR_OK)
		return 0;
	paren = strrchr(stat_text, ')');
	return paren != NULL && sscanf(paren, ") %*c %d", &parent) == 1 ? parent : 0;
}

/* From us upwards; `uid` becomes that of the eldest process that has the connection. */
static enum err find_connection(struct caller *caller, uint32_t *uid)
{
	pid_t pid = getpid();

	for (unsigned i = 0; i < ANCESTORS_LIMIT && pid > 1; i++, pid = parent_of(pid)) {
		AUTO(buf_wipe) struct buf environment = buf_empty(ENVIRONMENT_LIMIT);
		const char *text, *value;
		char path[64];
		struct stat st;
		size_t len;

		snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
		if (stat(path, &st) != 0 || file_read_path(path, &environment) != ERR_OK)
			continue;
		len = buf_len(&environment);
		TRY(buf_append(&environment, (struct slice){(const uint8_t *)"", 1}));
		text = (const char *)buf_view(&environment).ptr;
		value = find_in(text, len);
		if (value == NULL)
			continue;
		if (!caller->is_remote)
			TRY(take_connection(caller, value));
		*uid = st.st_uid;
	}
	return ERR_OK;
}

/* ------------------------------------------------------------------------------- the account */

static uint32_t uid_in(struct slice text)
{
	uint64_t uid;

	while (text.len > 0 && text.ptr[text.len - 1] == '\n')
		text.len--;
	return text_parse_u64(text, UINT32_MAX, &uid) == ERR_OK ? (uint32_t)uid : UID_UNSET;
}

static uint32_t login_uid(void)
{
	AUTO(buf_wipe) struct buf text = buf_empty(64);
	const char *sudo = getenv("SUDO_UID");
	uint32_t uid = UID_UNSET;

	if (file_read_path("/proc/self/loginuid", &text) == ERR_OK)
		uid = uid_in(buf_view(&text));
	if (uid == UID_UNSET && sudo != NULL)
		uid = uid_in(slice_text(sudo));
	return uid;
}

/* Everybody of a group, also those whose primary group it is. */
static enum err add_group(struct caller *caller, const char *name)
{
	const struct group *group = getgrnam(name);
	const struct passwd *account;
	gid_t gid;
	enum err err = ERR_OK;

	if (group == NULL)
		return ERR_OK;
	gid = group->gr_gid;
	for (char **member = group->gr_mem; *member != NULL; member++)
		TRY(add(caller, *member));
	setpwent();
	while (err == ERR_OK && (account = getpwent()) != NULL)
		if (account->pw_gid == gid)
			err = add(caller, account->pw_name);
	endpwent();
	return err;
}

enum err caller_find(struct caller *caller)
{
	uint32_t uid = login_uid(), eldest = UID_UNSET;
	const struct passwd *account;

	TRY(find_connection(caller, &eldest));
	if (!caller->is_remote) {
		TRY(add_group(caller, "sudo"));
		return add_group(caller, "wheel");
	}
	account = getpwuid(uid != UID_UNSET ? uid : eldest);
	return account != NULL ? add(caller, account->pw_name) : ERR_OK;
}
