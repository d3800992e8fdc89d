#include "privsep/user/environment.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

#define PATH_OF_USERS     "/usr/local/bin:/usr/bin:/bin:/usr/games"
#define PATH_OF_SUPERUSER "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define MAIL_FOLDER       "/var/mail/"

void environment_wipe(struct environment *environment)
{
	for (size_t i = 0; i < environment->count; i++)
		free(environment->entries[i]);
	*environment = (struct environment){0};
}

static size_t index_of(const struct environment *environment, struct slice name)
{
	size_t i;

	for (i = 0; i < environment->count; i++) {
		const char *entry = environment->entries[i];

		if (strncmp(entry, (const char *)name.ptr, name.len) == 0 && entry[name.len] == '=')
			break;
	}
	return i;
}

/* Takes the place of an entry of the same name, or goes to the end. */
static enum err put(struct environment *environment, struct slice name, struct slice value)
{
	size_t at = index_of(environment, name);
	size_t len = name.len + 1 + value.len + 1;
	char *entry;

	if (name.len == 0)
		return ERR_MALFORMED;
	if (at == ENVIRONMENT_ENTRIES_LIMIT || len > ENVIRONMENT_BYTES_LIMIT - environment->bytes)
		return ERR_LIMIT;
	entry = malloc(len);
	if (entry == NULL)
		return ERR_NO_MEMORY;
	memcpy(entry, name.ptr, name.len);
	entry[name.len] = '=';
	if (value.len > 0)
		memcpy(entry + name.len + 1, value.ptr, value.len);
	entry[len - 1] = 0;
	if (at < environment->count)
		free(environment->entries[at]);
	else
		environment->count++;
	environment->entries[at] = entry;
	environment->bytes += len;
	return ERR_OK;
}

enum err environment_set(struct environment *environment, const char *name, struct slice value)
{
	return put(environment, slice_text(name), value);
}

const char *environment_get(const struct environment *environment, const char *name)
{
	size_t at = index_of(environment, slice_text(name));

	return at < environment->count ? environment->entries[at] + strlen(name) + 1 : NULL;
}

static enum err add_listed(struct environment *environment, struct slice list)
{
	while (list.len > 0) {
		const uint8_t *end = memchr(list.ptr, 0, list.len);
		const uint8_t *equals;
		struct slice entry;

		if (end == NULL)
			return ERR_MALFORMED;
		entry = slice_first(list, (size_t)(end - list.ptr));
		list = slice_after(list, entry.len + 1);
		equals = entry.len > 0 ? memchr(entry.ptr, '=', entry.len) : NULL;
		if (equals == NULL)
			return ERR_MALFORMED;
		TRY(put(environment, slice_first(entry, (size_t)(equals - entry.ptr)),
		    slice_after(entry, (size_t)(equals - entry.ptr) + 1)));
	}
	return ERR_OK;
}

static enum err set_unless_empty(struct environment *environment, const char *name, const char *value)
{
	if (value == NULL || value[0] == 0)
		return ERR_OK;
	return environment_set(environment, name, slice_text(value));
}

static enum err set_mail(struct environment *environment, const char *user)
{
	AUTO(buf_wipe) struct buf path = buf_empty(1024);

	TRY(buf_append_text(&path, MAIL_FOLDER));
	TRY(buf_append_text(&path, user));
	return environment_set(environment, "MAIL", buf_view(&path));
}

static enum err build(const struct environment_facts *facts, struct environment *out)
{
	const char *path = facts->is_superuser ? PATH_OF_SUPERUSER : PATH_OF_USERS;

	TRY(set_unless_empty(out, "USER", facts->user));
	TRY(set_unless_empty(out, "LOGNAME", facts->user));
	TRY(set_unless_empty(out, "HOME", facts->home));
	TRY(set_unless_empty(out, "PATH", path));
	TRY(set_mail(out, facts->user));
	TRY(set_unless_empty(out, "SHELL", facts->shell));
	TRY(set_unless_empty(out, "TZ", facts->time_zone));
	TRY(add_listed(out, facts->added));
	/* These say how the user came here: nothing above may say otherwise. */
	TRY(set_unless_empty(out, "SSH_CLIENT", facts->client));
	TRY(set_unless_empty(out, "SSH_CONNECTION", facts->connection));
	TRY(set_unless_empty(out, "SSH_USER_AUTH", facts->auth_info));
	TRY(set_unless_empty(out, "SSH_TTY", facts->tty));
	return set_unless_empty(out, "TERM", facts->term);
}

enum err environment_build(const struct environment_facts *facts, struct environment *out)
{
	enum err err;

	*out = (struct environment){0};
	err = build(facts, out);
	if (err != ERR_OK)
		environment_wipe(out);
	return err;
}
