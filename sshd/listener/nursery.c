#include "sshd/listener/nursery.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

#define BUCKETS NURSERY_LIMIT

enum err nursery_init(struct nursery *nursery, const uint64_t key[static 2])
{
	*nursery = (struct nursery){.oldest = NURSERY_NONE, .newest = NURSERY_NONE,
	    .key = {key[0], key[1]}};
	nursery->places = calloc(NURSERY_LIMIT, sizeof(*nursery->places));
	nursery->groups = calloc(NURSERY_LIMIT, sizeof(*nursery->groups));
	nursery->buckets = calloc(BUCKETS, sizeof(*nursery->buckets));
	if (nursery->places == NULL || nursery->groups == NULL || nursery->buckets == NULL) {
		nursery_wipe(nursery);
		return ERR_NO_MEMORY;
	}
	for (uint32_t i = 0; i < NURSERY_LIMIT; i++) {
		uint32_t next = i + 1 < NURSERY_LIMIT ? i + 1 : NURSERY_NONE;

		nursery->places[i].newer = next;
		nursery->groups[i].next = next;
		nursery->buckets[i] = NURSERY_NONE;
	}
	for (size_t i = 0; i < COUNT_OF(nursery->by_count); i++)
		nursery->by_count[i] = NURSERY_NONE;
	return ERR_OK;
}

void nursery_wipe(struct nursery *nursery)
{
	free(nursery->places);
	free(nursery->groups);
	free(nursery->buckets);
	*nursery = (struct nursery){0};
}

/* ------------------------------------------------------------ the groups */

static void rank_remove(struct nursery *nursery, uint32_t index)
{
	struct nursery_group *group = &nursery->groups[index];

	if (group->rank_before != NURSERY_NONE)
		nursery->groups[group->rank_before].rank_after = group->rank_after;
	else
		nursery->by_count[group->count] = group->rank_after;
	if (group->rank_after != NURSERY_NONE)
		nursery->groups[group->rank_after].rank_before = group->rank_before;
}

static void rank_add(struct nursery *nursery, uint32_t index)
{
	struct nursery_group *group = &nursery->groups[index];
	uint32_t *first = &nursery->by_count[group->count];

	group->rank_before = NURSERY_NONE;
	group->rank_after = *first;
	if (*first != NURSERY_NONE)
		nursery->groups[*first].rank_before = index;
	*first = index;
}

static uint32_t *bucket_of(struct nursery *nursery, const struct source *source)
{
	return &nursery->buckets[source_hash(source, nursery->key) % BUCKETS];
}

static uint32_t group_find(struct nursery *nursery, const struct source *source)
{
	uint32_t index = *bucket_of(nursery, source);

	while (index != NURSERY_NONE && !source_equal(&nursery->groups[index].source, source))
		index = nursery->groups[index].next;
	return index;
}

/* There are as many groups as places, so one is free whenever a place is. */
static uint32_t group_new(struct nursery *nursery, const struct source *source)
{
	uint32_t index = nursery->free_group;
	uint32_t *bucket = bucket_of(nursery, source);

	nursery->free_group = nursery->groups[index].next;
	nursery->groups[index] = (struct nursery_group){.source = *source, .oldest = NURSERY_NONE,
	    .newest = NURSERY_NONE, .next = *bucket};
	*bucket = index;
	rank_add(nursery, index);
	return index;
}

static void group_free(struct nursery *nursery, uint32_t index)
{
	uint32_t *link = bucket_of(nursery, &nursery->groups[index].source);

	rank_remove(nursery, index);
	while (*link != index)
		link = &nursery->groups[*link].next;
	*link = nursery->groups[index].next;
	nursery->groups[index].next = nursery->free_group;
	nursery->free_group = index;
}

static void group_recount(struct nursery *nursery, uint32_t index, int change)
{
	rank_remove(nursery, index);
	nursery->groups[index].count += (uint32_t)change;
	rank_add(nursery, index);
}

/* ------------------------------------------------------------ the places */

static void link_newest(struct nursery *nursery, uint32_t place, struct nursery_group *group)
{
	struct nursery_place *taken = &nursery->places[place];

	taken->older = nursery->newest;
	taken->newer = NURSERY_NONE;
	if (nursery->newest != NURSERY_NONE)
		nursery->places[nursery->newest].newer = place;
	else
		nursery->oldest = place;
	nursery->newest = place;

	taken->source_older = group->newest;
	taken->source_newer = NURSERY_NONE;
	if (group->newest != NURSERY_NONE)
		nursery->places[group->newest].source_newer = place;
	else
		group->oldest = place;
	group->newest = place;
}

static void unlink_place(struct nursery *nursery, const struct nursery_place *taken,
    struct nursery_group *group)
{
	*(taken->older != NURSERY_NONE ? &nursery->places[taken->older].newer : &nursery->oldest) =
	    taken->newer;
	*(taken->newer != NURSERY_NONE ? &nursery->places[taken->newer].older : &nursery->newest) =
	    taken->older;
	*(taken->source_older != NURSERY_NONE ? &nursery->places[taken->source_older].source_newer
					      : &group->oldest) = taken->source_newer;
	*(taken->source_newer != NURSERY_NONE ? &nursery->places[taken->source_newer].source_older
					      : &group->newest) = taken->source_older;
}

void nursery_leave(struct nursery *nursery, uint32_t place)
{
	struct nursery_place *taken = &nursery->places[place];
	struct nursery_group *group = &nursery->groups[taken->group];

	unlink_place(nursery, taken, group);
	group_recount(nursery, taken->group, -1);
	if (group->count == 0)
		group_free(nursery, taken->group);
	taken->is_taken = false;
	taken->newer = nursery->free_place;
	nursery->free_place = place;
	nursery->count--;
}

static uint32_t oldest_of_the_most_populous(const struct nursery *nursery)
{
	uint32_t count = NURSERY_PER_SOURCE_LIMIT;

	while (nursery->by_count[count] == NURSERY_NONE)
		count--;
	return nursery->groups[nursery->by_count[count]].oldest;
}

uint32_t nursery_take(struct nursery *nursery, const struct source *source, uint64_t due_ms,
    uint32_t *evicted)
{
	uint32_t group = group_find(nursery, source);
	uint32_t place;

	*evicted = NURSERY_NONE;
	if (group != NURSERY_NONE && nursery->groups[group].count == NURSERY_PER_SOURCE_LIMIT)
		*evicted = nursery->groups[group].oldest;
	else if (nursery->count == NURSERY_LIMIT)
		*evicted = oldest_of_the_most_populous(nursery);
	if (*evicted != NURSERY_NONE)
		nursery_leave(nursery, *evicted);

	group = group_find(nursery, source); /* it may have lost its last place just now */
	if (group == NURSERY_NONE)
		group = group_new(nursery, source);
	place = nursery->free_place;
	nursery->free_place = nursery->places[place].newer;
	nursery->places[place] = (struct nursery_place){.due_ms = due_ms, .source = *source,
	    .group = group, .is_taken = true};
	link_newest(nursery, place, &nursery->groups[group]);
	group_recount(nursery, group, 1);
	nursery->count++;
	return place;
}

uint32_t nursery_first_due(const struct nursery *nursery, uint64_t *due_ms)
{
	if (nursery->oldest != NURSERY_NONE)
		*due_ms = nursery->places[nursery->oldest].due_ms;
	return nursery->oldest;
}
