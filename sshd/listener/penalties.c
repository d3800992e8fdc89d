#include "sshd/listener/penalties.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

#define NOWHERE        UINT32_MAX
#define FIRST_CAPACITY 64u

/* ------------------------------------------------------------- the heap */

static uint64_t expiry_at(const struct penalty_table *table, uint32_t place)
{
	return table->entries[table->heap[place]].expiry_ms;
}

static void heap_swap(struct penalty_table *table, uint32_t a, uint32_t b)
{
	uint32_t entry = table->heap[a];

	table->heap[a] = table->heap[b];
	table->heap[b] = entry;
	table->entries[table->heap[a]].heap_place = a;
	table->entries[table->heap[b]].heap_place = b;
}

static void heap_up(struct penalty_table *table, uint32_t place)
{
	while (place > 0 && expiry_at(table, place) < expiry_at(table, (place - 1) / 2)) {
		heap_swap(table, place, (place - 1) / 2);
		place = (place - 1) / 2;
	}
}

static void heap_down(struct penalty_table *table, uint32_t place)
{
	for (;;) {
		uint32_t child = 2 * place + 1;

		if (child >= table->count)
			return;
		if (child + 1 < table->count && expiry_at(table, child + 1) < expiry_at(table, child))
			child++;
		if (expiry_at(table, place) <= expiry_at(table, child))
			return;
		heap_swap(table, place, child);
		place = child;
	}
}

/* ---------------------------------------------------------- the buckets */

static uint32_t *bucket_of(const struct penalties *penalties, const struct penalty_table *table,
    const struct source *source)
{
	return &table->buckets[source_hash(source, penalties->key) & (table->capacity - 1)];
}

static void bucket_add(const struct penalties *penalties, struct penalty_table *table, uint32_t index)
{
	uint32_t *bucket = bucket_of(penalties, table, &table->entries[index].source);

	table->entries[index].next = *bucket;
	*bucket = index;
}

/* The link that holds `index`: in its bucket or in the entry before it. */
static uint32_t *link_to(const struct penalties *penalties, struct penalty_table *table, uint32_t index)
{
	uint32_t *link = bucket_of(penalties, table, &table->entries[index].source);

	while (*link != index)
		link = &table->entries[*link].next;
	return link;
}

static uint32_t find(const struct penalties *penalties, const struct penalty_table *table,
    const struct source *source)
{
	uint32_t index;

	if (table->capacity == 0)
		return NOWHERE;
	index = *bucket_of(penalties, table, source);
	while (index != NOWHERE && !source_equal(&table->entries[index].source, source))
		index = table->entries[index].next;
	return index;
}

/* ------------------------------------------------------------ the table */

static enum err grow(const struct penalties *penalties, struct penalty_table *table)
{
	uint32_t capacity = table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
	struct penalty_entry *entries;
	uint32_t *heap, *buckets;

	entries = reallocarray(table->entries, capacity, sizeof(*entries));
	if (entries == NULL)
		return ERR_NO_MEMORY;
	table->entries = entries;
	heap = reallocarray(table->heap, capacity, sizeof(*heap));
	if (heap == NULL)
		return ERR_NO_MEMORY;
	table->heap = heap;
	buckets = reallocarray(table->buckets, capacity, sizeof(*buckets));
	if (buckets == NULL)
		return ERR_NO_MEMORY;
	table->buckets = buckets;
	table->capacity = capacity;
	for (uint32_t i = 0; i < capacity; i++)
		buckets[i] = NOWHERE;
	for (uint32_t i = 0; i < table->count; i++)
		bucket_add(penalties, table, i);
	return ERR_OK;
}

/* The last entry moves into the gap. */
static void drop_soonest(const struct penalties *penalties, struct penalty_table *table)
{
	uint32_t gone = table->heap[0];
	uint32_t last = table->count - 1;

	*link_to(penalties, table, gone) = table->entries[gone].next;
	heap_swap(table, 0, last);
	table->count = last;
	heap_down(table, 0);
	if (gone == last)
		return;
	*link_to(penalties, table, last) = gone;
	table->entries[gone] = table->entries[last];
	table->heap[table->entries[gone].heap_place] = gone;
}

static void expire(const struct penalties *penalties, struct penalty_table *table, uint64_t now_ms)
{
	while (table->count > 0 && expiry_at(table, 0) <= now_ms)
		drop_soonest(penalties, table);
}

static struct penalty_table *table_for(struct penalties *penalties, const struct source *source,
    const struct penalty_family_policy **policy)
{
	*policy = source->is_ipv6 ? &penalties->policy.ipv6 : &penalties->policy.ipv4;
	return source->is_ipv6 ? &penalties->ipv6 : &penalties->ipv4;
}

static void table_wipe(struct penalty_table *table)
{
	free(table->entries);
	free(table->heap);
	free(table->buckets);
	*table = (struct penalty_table){0};
}

void penalties_init(struct penalties *penalties, const uint64_t key[static 2])
{
	*penalties = (struct penalties){.key = {key[0], key[1]}};
}

void penalties_wipe(struct penalties *penalties)
{
	table_wipe(&penalties->ipv4);
	table_wipe(&penalties->ipv6);
}

void penalties_set_policy(struct penalties *penalties, const struct penalty_policy *policy)
{
	penalties->policy = *policy;
	while (penalties->ipv4.count > policy->ipv4.max_sources)
		drop_soonest(penalties, &penalties->ipv4);
	while (penalties->ipv6.count > policy->ipv6.max_sources)
		drop_soonest(penalties, &penalties->ipv6);
}

enum penalty_answer penalties_check(struct penalties *penalties, const struct source *source,
    uint64_t now_ms, unsigned *reason)
{
	const struct penalty_family_policy *policy;
	struct penalty_table *table = table_for(penalties, source, &policy);
	uint32_t index;

	expire(penalties, table, now_ms);
	if (policy->denies_all && table->count >= policy->max_sources)
		return PENALTY_OVERFLOW;
	index = find(penalties, table, source);
	if (index == NOWHERE || !table->entries[index].is_active)
		return PENALTY_PERMITS;
	*reason = table->entries[index].reason;
	return PENALTY_REFUSES;
}

static enum err insert(struct penalties *penalties, struct penalty_table *table,
    const struct source *source, uint64_t now_ms, uint32_t *index)
{
	if (table->count == table->capacity)
		TRY(grow(penalties, table));
	*index = table->count++;
	table->entries[*index] =
	    (struct penalty_entry){.source = *source, .expiry_ms = now_ms, .heap_place = *index};
	table->heap[*index] = *index;
	bucket_add(penalties, table, *index);
	heap_up(table, *index);
	return ERR_OK;
}

enum err penalties_add(struct penalties *penalties, const struct source *source, uint64_t add_ms,
    unsigned reason, uint64_t now_ms, enum penalty_change *change)
{
	const struct penalty_family_policy *policy;
	struct penalty_table *table = table_for(penalties, source, &policy);
	struct penalty_entry *entry;
	uint32_t index;

	expire(penalties, table, now_ms);
	index = find(penalties, table, source);
	if (index == NOWHERE && table->count >= policy->max_sources) {
		if (policy->denies_all || policy->max_sources == 0) {
			*change = PENALTY_FORGOTTEN;
			return ERR_OK;
		}
		drop_soonest(penalties, table);
	}
	if (index == NOWHERE)
		TRY(insert(penalties, table, source, now_ms, &index));
	entry = &table->entries[index];
	entry->expiry_ms += add_ms;
	if (entry->expiry_ms > now_ms + penalties->policy.max_ms)
		entry->expiry_ms = now_ms + penalties->policy.max_ms;
	entry->reason = reason;
	*change = entry->is_active ? PENALTY_EXTENDED : PENALTY_DEFERRED;
	if (!entry->is_active && entry->expiry_ms - now_ms > penalties->policy.min_ms) {
		entry->is_active = true;
		*change = PENALTY_ACTIVATED;
	}
	/* The cap may have brought the end nearer: max was lowered by a reload. */
	heap_up(table, entry->heap_place);
	heap_down(table, entry->heap_place);
	return ERR_OK;
}
