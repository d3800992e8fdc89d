/*
 * Who misbehaved and until when he is refused (PerSourcePenalties). Pure: time is a parameter,
 * the table forgets nothing but what it is told to or what expires.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/listener/source.h"

struct penalty_family_policy {
	uint32_t max_sources; /* at most so many are remembered */
	bool denies_all;      /* when full: refuse everybody; else forget who expires soonest */
};

struct penalty_policy {
	uint64_t min_ms; /* nothing is enforced until more than this is outstanding */
	uint64_t max_ms; /* nobody is refused longer than this from now */
	struct penalty_family_policy ipv4, ipv6;
};

struct penalty_entry {
	struct source source;
	uint64_t expiry_ms;
	unsigned reason;
	bool is_active;       /* once active it stays so until it expires */
	uint32_t next;        /* in its bucket */
	uint32_t heap_place;
};

/* One per family. Entries are packed; index lists instead of pointers survive growing. */
struct penalty_table {
	struct penalty_entry *entries;
	uint32_t *heap;    /* of entry indices, soonest expiry first */
	uint32_t *buckets; /* a power of two; UINT32_MAX: empty */
	uint32_t count, capacity;
};

struct penalties {
	struct penalty_policy policy;
	uint64_t key[2];
	struct penalty_table ipv4, ipv6;
};

enum penalty_answer {
	PENALTY_REFUSES,  /* this source is under an active penalty */
	PENALTY_OVERFLOW, /* too many sources are, and the policy refuses all then */
	PENALTY_PERMITS,
};

enum penalty_change {
	PENALTY_FORGOTTEN, /* no room, and the policy is to refuse all */
	PENALTY_DEFERRED,  /* recorded, not enforced yet */
	PENALTY_ACTIVATED, /* enforced from now on */
	PENALTY_EXTENDED,  /* was and is enforced */
};

/* `key`: random. */
void penalties_init(struct penalties *penalties, const uint64_t key[static 2]);
void penalties_wipe(struct penalties *penalties);

/* From now on. Entries stay, past a lowered max_sources the soonest to expire go. */
void penalties_set_policy(struct penalties *penalties, const struct penalty_policy *policy);

/* reason   of the last penalty, as given to penalties_add; set with PENALTY_REFUSES only. */
enum penalty_answer penalties_check(struct penalties *penalties, const struct source *source,
    uint64_t now_ms, unsigned *reason);

/* Adds `add_ms` to what is outstanding. ERR_NO_MEMORY. */
enum err penalties_add(struct penalties *penalties, const struct source *source, uint64_t add_ms,
    unsigned reason, uint64_t now_ms, enum penalty_change *change);
