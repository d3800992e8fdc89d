#include "sshd/listener/nursery.h"
#include "tests/support/suite.h"

static const uint64_t key[2] = {7, 11};

static struct source source_number(unsigned n)
{
	return (struct source){.address = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}, .bits = 32};
}

static uint32_t take(struct nursery *nursery, unsigned source, uint64_t due_ms, uint32_t *evicted)
{
	struct source from = source_number(source);

	return nursery_take(nursery, &from, due_ms, evicted);
}

START_TEST(a_greedy_source_loses_its_own_oldest)
{
	AUTO(nursery_wipe) struct nursery nursery;
	uint32_t first, other, evicted;

	ck_assert_int_eq(nursery_init(&nursery, key), ERR_OK);
	other = take(&nursery, 2, 1, &evicted);
	first = take(&nursery, 1, 2, &evicted);
	for (unsigned i = 1; i < NURSERY_PER_SOURCE_LIMIT; i++) {
		(void)take(&nursery, 1, 3, &evicted);
		ck_assert_uint_eq(evicted, NURSERY_NONE);
	}
	(void)take(&nursery, 1, 4, &evicted);
	ck_assert_uint_eq(evicted, first);
	ck_assert_uint_eq(nursery.count, NURSERY_PER_SOURCE_LIMIT + 1);
	ck_assert(nursery.places[other].is_taken);
}
END_TEST

/* Everywhere taken: who has most pays, the newcomer of a small source does not. */
START_TEST(a_full_house_evicts_from_the_most_populous)
{
	AUTO(nursery_wipe) struct nursery nursery;
	uint32_t crowd_first, evicted;

	ck_assert_int_eq(nursery_init(&nursery, key), ERR_OK);
	crowd_first = take(&nursery, 0, 1, &evicted);
	(void)take(&nursery, 0, 1, &evicted);
	for (unsigned i = 2; i < NURSERY_LIMIT; i++) {
		(void)take(&nursery, i, 2, &evicted);
		ck_assert_uint_eq(evicted, NURSERY_NONE);
	}
	ck_assert_uint_eq(nursery.count, NURSERY_LIMIT);
	(void)take(&nursery, NURSERY_LIMIT, 3, &evicted);
	ck_assert_uint_eq(evicted, crowd_first);
	ck_assert_uint_eq(nursery.count, NURSERY_LIMIT);
}
END_TEST

START_TEST(the_oldest_is_due_first)
{
	AUTO(nursery_wipe) struct nursery nursery;
	uint32_t places[3], evicted;
	uint64_t due_ms = 4242;

	ck_assert_int_eq(nursery_init(&nursery, key), ERR_OK);
	ck_assert_uint_eq(nursery_first_due(&nursery, &due_ms), NURSERY_NONE);
	ck_assert_uint_eq(due_ms, 4242);
	for (unsigned i = 0; i < 3; i++)
		places[i] = take(&nursery, i, 10 + i, &evicted);
	nursery_leave(&nursery, places[1]);
	ck_assert_uint_eq(nursery_first_due(&nursery, &due_ms), places[0]);
	nursery_leave(&nursery, places[0]);
	ck_assert_uint_eq(nursery_first_due(&nursery, &due_ms), places[2]);
	ck_assert_uint_eq(due_ms, 12);
	nursery_leave(&nursery, places[2]);
	ck_assert_uint_eq(nursery_first_due(&nursery, &due_ms), NURSERY_NONE);
}
END_TEST

/* Comings and goings at random against counts kept apart; nobody is lost, no list breaks. */
START_TEST(the_lists_hold)
{
	enum { SOURCES = 64, STEPS = 200000 };
	static uint32_t present[NURSERY_LIMIT];
	static unsigned owner[NURSERY_LIMIT], counts[SOURCES];
	AUTO(nursery_wipe) struct nursery nursery;
	uint32_t random = 99, count = 0;

	ck_assert_int_eq(nursery_init(&nursery, key), ERR_OK);
	for (unsigned step = 0; step < STEPS; step++) {
		random = random * 1103515245u + 12345u;
		if (random >> 30 != 0 || count == 0) {
			unsigned source = (random >> 10) % SOURCES;
			uint32_t evicted, place = take(&nursery, source, step, &evicted);

			for (uint32_t i = 0; evicted != NURSERY_NONE && i < count; i++) {
				if (present[i] != evicted)
					continue;
				counts[owner[evicted]]--;
				present[i] = present[--count];
				evicted = NURSERY_NONE;
			}
			present[count++] = place;
			owner[place] = source;
			counts[source]++;
			ck_assert_uint_le(counts[source], NURSERY_PER_SOURCE_LIMIT);
		} else {
			uint32_t i = (random >> 5) % count;

			counts[owner[present[i]]]--;
			nursery_leave(&nursery, present[i]);
			present[i] = present[--count];
		}
		ck_assert_uint_eq(nursery.count, count);
	}
	for (uint32_t i = 0; i < count; i++)
		ck_assert_uint_eq(nursery.groups[nursery.places[present[i]].group].count,
		    counts[owner[present[i]]]);
	while (nursery.count > 0) {
		uint64_t due_ms, last_ms = 0;
		uint32_t place = nursery_first_due(&nursery, &due_ms);

		ck_assert_uint_ge(due_ms, last_ms);
		last_ms = due_ms;
		nursery_leave(&nursery, place);
	}
}
END_TEST

SUITE("nursery", TEST(a_greedy_source_loses_its_own_oldest),
    TEST(a_full_house_evicts_from_the_most_populous), TEST(the_oldest_is_due_first), TEST(the_lists_hold))
