#include "sshd/sftp/names.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "sshd/base/auto.h"

#define RECORD_ROOM 16384u /* a passwd or group record of the C library, members included */

static enum err find_in_system(
    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	AUTO(buf_wipe) struct buf scratch = buf_empty(RECORD_ROOM);
	struct passwd user, *found_user = NULL;
	struct group group, *found_group = NULL;
	const char *text = NULL;
	struct span room;

	(void)names;
	TRY(buf_reserve(&scratch, RECORD_ROOM, &room));
	if (kind == SFTP_USER_NAME &&
	    getpwuid_r(id, &user, (char *)room.ptr, room.len, &found_user) == 0 &&
	    found_user != NULL)
		text = found_user->pw_name;
	if (kind == SFTP_GROUP_NAME &&
	    getgrgid_r(id, &group, (char *)room.ptr, room.len, &found_group) == 0 &&
	    found_group != NULL)
		text = found_group->gr_name;
	return text != NULL ? buf_append_text(name, text) : ERR_NOT_FOUND;
}

static enum err find_home_in_system(struct sftp_names *names, struct slice user, struct buf *home)
{
	AUTO(buf_wipe) struct buf scratch = buf_empty(RECORD_ROOM);
	char name[SFTP_NAME_LIMIT + 1];
	struct passwd record, *found = NULL;
	struct span room;

	(void)names;
	if (user.len > SFTP_NAME_LIMIT)
		return ERR_NOT_FOUND;
	memcpy(name, user.ptr, user.len);
	name[user.len] = 0;
	TRY(buf_reserve(&scratch, RECORD_ROOM, &room));
	if (getpwnam_r(name, &record, (char *)room.ptr, room.len, &found) != 0 || found == NULL)
		return ERR_NOT_FOUND;
	return buf_append_text(home, record.pw_dir);
}

struct sftp_names sftp_names_of_system = {find_in_system, find_home_in_system};

static char *ask(struct sftp_names *names, enum sftp_name_kind kind, uint32_t id)
{
	AUTO(buf_wipe) struct buf name = buf_empty(SFTP_NAME_LIMIT + 1);
	const char *text;

	if (names == NULL || names->find(names, kind, id, &name) != ERR_OK || buf_len(&name) == 0 ||
	    buf_c_string(&name, &text) != ERR_OK)
		return NULL;
	return strdup(text);
}

const char *sftp_name_find(struct sftp_name_cache *cache, enum sftp_name_kind kind, uint32_t id)
{
	__typeof__(cache->slots[0][0]) *slot = &cache->slots[kind][id % SFTP_NAME_CACHE_SLOTS];

	if (!slot->is_used || slot->id != id) {
		free(slot->text);
		slot->text = ask(cache->names, kind, id);
		slot->id = id;
		slot->is_used = true;
	}
	return slot->text;
}

void sftp_name_cache_wipe(struct sftp_name_cache *cache)
{
	for (unsigned kind = 0; kind < SFTP_NAME_KIND_COUNT; kind++) {
		for (unsigned i = 0; i < SFTP_NAME_CACHE_SLOTS; i++) {
			free(cache->slots[kind][i].text);
			cache->slots[kind][i].text = NULL;
			cache->slots[kind][i].is_used = false;
		}
	}
}
