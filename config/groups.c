/* The groups of an account, from the system's databases: for -C and the tools, not for cores. */
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "config/match.h"
#include "sshd/base/auto.h"

#define GROUPS_LIMIT 65536

static void gids_release(gid_t **gids)
{
	free(*gids);
}

/* ERR_NOT_FOUND: no such account. */
static enum err find_gids(const char *user, gid_t **gids, int *count)
{
	const struct passwd *account = getpwnam(user);

	if (account == NULL)
		return ERR_NOT_FOUND;
	for (int room = 64; room <= GROUPS_LIMIT; room *= 4) {
		gid_t *larger = reallocarray(*gids, (size_t)room, sizeof(**gids));

		if (larger == NULL)
			return ERR_NO_MEMORY;
		*gids = larger;
		*count = room;
		if (getgrouplist(user, account->pw_gid, *gids, count) >= 0)
			return ERR_OK;
	}
	return ERR_LIMIT;
}

enum err match_facts_add_groups(struct match_facts *facts, struct arena *arena)
{
	AUTO(gids_release) gid_t *gids = NULL;
	const char **names;
	int count = 0;
	enum err err;

	if (facts->user == NULL)
		return ERR_OK;
	err = find_gids(facts->user, &gids, &count);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(err);
	names = arena_alloc(arena, ((size_t)count + 1) * sizeof(*names));
	if (names == NULL)
		return ERR_NO_MEMORY;
	facts->group_count = 0;
	for (int i = 0; i < count; i++) {
		const struct group *group = getgrgid(gids[i]);

		if (group == NULL)
			continue;
		names[facts->group_count] = arena_text(arena, slice_text(group->gr_name));
		if (names[facts->group_count++] == NULL)
			return ERR_NO_MEMORY;
	}
	facts->groups = names;
	return ERR_OK;
}
