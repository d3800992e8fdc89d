/*
 * Connections that have not shown "SSH-" yet: a slot each, no process. Pure: who came when from
 * where, who is too late, who goes first when there is no room. The descriptors and what is
 * said to them belong to greeting.c.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/listener/source.h"

#define NURSERY_LIMIT            8192u
#define NURSERY_PER_SOURCE_LIMIT 256u
#define NURSERY_NONE             UINT32_MAX

struct nursery_place {
	uint64_t due_ms;
	struct source source;
	uint32_t older, newer;             /* among all, or the list of free places */
	uint32_t source_older, source_newer; /* among those of its source */
	uint32_t group;                    /* the place's source in `groups` */
	bool is_taken;
};

/* One source with at least one place; chained in its bucket and among those of equal count. */
struct nursery_group {
	struct source source;
	uint32_t count;
	uint32_t oldest, newest;
	uint32_t next;                /* in its bucket, or the list of free groups */
	uint32_t rank_before, rank_after;
};

struct nursery {
	struct nursery_place *places; /* NURSERY_LIMIT of each */
	struct nursery_group *groups;
	uint32_t *buckets;
	uint32_t by_count[NURSERY_PER_SOURCE_LIMIT + 1]; /* the first group with so many places */
	uint32_t oldest, newest;
	uint32_t free_place, free_group;
	uint32_t count;
	uint64_t key[2];
};

/* `key`: random. ERR_NO_MEMORY. */
enum err nursery_init(struct nursery *nursery, const uint64_t key[static 2]);
void nursery_wipe(struct nursery *nursery);

/*
 * Takes a place until `due_ms`, which is never before that of an earlier one.
 *
 * evicted   NURSERY_NONE, or the place that the caller must close first: the oldest of this
 *           source when it has too many, of the source with the most when all are taken. It
 *           is free already and may be the very place that is given.
 */
uint32_t nursery_take(struct nursery *nursery, const struct source *source, uint64_t due_ms,
    uint32_t *evicted);

void nursery_leave(struct nursery *nursery, uint32_t place);

/* The place that is due first; NURSERY_NONE when nobody is here. */
uint32_t nursery_first_due(const struct nursery *nursery, uint64_t *due_ms);
