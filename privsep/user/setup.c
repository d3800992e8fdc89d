#include <stdlib.h>

#include "privsep/user/user.h"
#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"

static enum err take_text(struct slice text, const char **out)
{
	char *copy;

	if (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL)
		return ERR_MALFORMED;
	copy = strndup(text.len > 0 ? (const char *)text.ptr : "", text.len);
	if (copy == NULL)
		return ERR_NO_MEMORY;
	*out = copy;
	return ERR_OK;
}

static enum err take_bytes(struct slice bytes, struct slice *out)
{
	uint8_t *copy = malloc(bytes.len + 1);

	if (copy == NULL)
		return ERR_NO_MEMORY;
	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	*out = slice_over(copy, bytes.len);
	return ERR_OK;
}

static enum err take_groups(struct slice list, struct user_setup *setup)
{
	struct reader r = reader_over(list);
	gid_t *groups;

	if (list.len % 4 != 0)
		return ERR_MALFORMED;
	setup->group_count = list.len / 4;
	groups = calloc(setup->group_count + 1, sizeof(*groups));
	if (groups == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < setup->group_count; i++)
		groups[i] = read_u32(&r);
	setup->groups = groups;
	return reader_finish(&r);
}

/* What is taken is kept until the process ends, also after an error: it ends then. */
enum err user_setup_take(const struct msg_user_setup *msg, struct user_setup *setup)
{
	setup->role = msg->role;
	setup->switches_identity = msg->switches_identity;
	setup->uid = msg->uid;
	setup->gid = msg->gid;
	TRY(take_groups(msg->groups, setup));
	TRY(take_text(msg->name, &setup->name));
	TRY(take_text(msg->home, &setup->home));
	TRY(take_text(msg->shell, &setup->shell));
	TRY(take_text(msg->chroot, &setup->chroot));
	TRY(take_text(msg->ssh_client, &setup->ssh_client));
	TRY(take_text(msg->ssh_connection, &setup->ssh_connection));
	setup->reads_environment = msg->reads_environment;
	setup->log_level = msg->log_level <= LOG_LEVEL_DEBUG3 ? msg->log_level : LOG_LEVEL_INFO;
	setup->minds_nologin = msg->minds_nologin;
	TRY(take_bytes(msg->auth_info, &setup->auth_info));
	return take_bytes(msg->environment, &setup->environment);
}
