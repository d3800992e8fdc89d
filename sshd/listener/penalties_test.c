#include "sshd/listener/penalties.h"
#include "tests/support/suite.h"

#define START 1000000u

static const uint64_t key[2] = {3, 5};

/* OpenSSH's defaults, but for how many sources are remembered. */
static struct penalties penalties_with(uint32_t max_sources, bool denies_all)
{
	struct penalty_policy policy = {.min_ms = 15000, .max_ms = 600000,
	    .ipv4 = {max_sources, denies_all}, .ipv6 = {max_sources, denies_all}};
	struct penalties penalties;

	penalties_init(&penalties, key);
	penalties_set_policy(&penalties, &policy);
	return penalties;
}

static struct source source_number(unsigned n)
{
	return (struct source){.address = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}, .bits = 32};
}

static enum penalty_change add(struct penalties *penalties, unsigned source, uint64_t add_ms, uint64_t now_ms)
{
	struct source from = source_number(source);
	enum penalty_change change = PENALTY_FORGOTTEN;

	ck_assert_int_eq(penalties_add(penalties, &from, add_ms, source, now_ms, &change), ERR_OK);
	return change;
}

static enum penalty_answer ask(struct penalties *penalties, unsigned source, uint64_t now_ms)
{
	struct source from = source_number(source);
	unsigned reason = 4242;
	enum penalty_answer answer = penalties_check(penalties, &from, now_ms, &reason);

	ck_assert_uint_eq(reason, answer == PENALTY_REFUSES ? source : 4242);
	return answer;
}

START_TEST(four_failures_in_a_row_are_refused_and_three_are_not)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(100, false);

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(add(&penalties, 1, 5000, START), PENALTY_DEFERRED);
	ck_assert_int_eq(ask(&penalties, 1, START), PENALTY_PERMITS);
	ck_assert_int_eq(add(&penalties, 1, 5000, START), PENALTY_ACTIVATED);
	ck_assert_int_eq(ask(&penalties, 1, START), PENALTY_REFUSES);
	ck_assert_int_eq(ask(&penalties, 2, START), PENALTY_PERMITS);
}
END_TEST

START_TEST(exactly_the_minimum_is_not_enforced)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(100, false);

	ck_assert_int_eq(add(&penalties, 1, 15000, START), PENALTY_DEFERRED);
	ck_assert_int_eq(add(&penalties, 1, 1, START), PENALTY_ACTIVATED);
}
END_TEST

/* Once enforced, to the end: also below the minimum. */
START_TEST(active_stays_active_until_it_expires)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(100, false);

	ck_assert_int_eq(add(&penalties, 1, 90000, START), PENALTY_ACTIVATED);
	ck_assert_int_eq(ask(&penalties, 1, START + 89999), PENALTY_REFUSES);
	ck_assert_int_eq(ask(&penalties, 1, START + 90000), PENALTY_PERMITS);
	ck_assert_uint_eq(penalties.ipv4.count, 0);
	ck_assert_int_eq(add(&penalties, 1, 5000, START + 90000), PENALTY_DEFERRED);
}
END_TEST

START_TEST(penalties_add_up_to_the_maximum)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(100, false);

	ck_assert_int_eq(add(&penalties, 1, 90000, START), PENALTY_ACTIVATED);
	ck_assert_int_eq(add(&penalties, 1, 90000, START + 10000), PENALTY_EXTENDED);
	ck_assert_int_eq(ask(&penalties, 1, START + 179999), PENALTY_REFUSES);
	ck_assert_int_eq(ask(&penalties, 1, START + 180000), PENALTY_PERMITS);
	for (int i = 0; i < 20; i++)
		(void)add(&penalties, 1, 90000, START);
	ck_assert_int_eq(ask(&penalties, 1, START + 599999), PENALTY_REFUSES);
	ck_assert_int_eq(ask(&penalties, 1, START + 600000), PENALTY_PERMITS);
}
END_TEST

START_TEST(a_full_permissive_table_forgets_the_soonest)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(3, false);

	(void)add(&penalties, 1, 60000, START);
	(void)add(&penalties, 2, 30000, START);
	(void)add(&penalties, 3, 90000, START);
	ck_assert_int_eq(add(&penalties, 4, 45000, START), PENALTY_ACTIVATED);
	ck_assert_int_eq(ask(&penalties, 1, START), PENALTY_REFUSES);
	ck_assert_int_eq(ask(&penalties, 2, START), PENALTY_PERMITS);
	ck_assert_int_eq(ask(&penalties, 3, START), PENALTY_REFUSES);
	ck_assert_int_eq(ask(&penalties, 4, START), PENALTY_REFUSES);
}
END_TEST

START_TEST(a_full_strict_table_refuses_everybody_of_its_family)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(2, true);
	struct source six = {.is_ipv6 = true, .bits = 128};
	unsigned reason = 0;

	(void)add(&penalties, 1, 60000, START);
	ck_assert_int_eq(ask(&penalties, 9, START), PENALTY_PERMITS);
	(void)add(&penalties, 2, 30000, START);
	ck_assert_int_eq(ask(&penalties, 9, START), PENALTY_OVERFLOW);
	ck_assert_int_eq(add(&penalties, 3, 90000, START), PENALTY_FORGOTTEN);
	ck_assert_int_eq(penalties_check(&penalties, &six, START, &reason), PENALTY_PERMITS);
	ck_assert_int_eq(ask(&penalties, 9, START + 30000), PENALTY_PERMITS);
}
END_TEST

START_TEST(a_table_of_no_sources_remembers_nobody)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(0, false);

	ck_assert_int_eq(add(&penalties, 1, 90000, START), PENALTY_FORGOTTEN);
	ck_assert_int_eq(ask(&penalties, 1, START), PENALTY_PERMITS);
}
END_TEST

START_TEST(a_smaller_table_keeps_the_longest)
{
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(100, false);
	struct penalty_policy policy = penalties.policy;

	for (unsigned i = 1; i <= 50; i++)
		(void)add(&penalties, i, 20000 + i, START);
	policy.ipv4.max_sources = 10;
	penalties_set_policy(&penalties, &policy);
	for (unsigned i = 1; i <= 50; i++)
		ck_assert_int_eq(ask(&penalties, i, START), i > 40 ? PENALTY_REFUSES : PENALTY_PERMITS);
}
END_TEST

/* Against a plain array: every answer the same, through growth, eviction and expiry. */
START_TEST(the_table_agrees_with_a_simple_one)
{
	enum { SOURCES = 500, STEPS = 20000 };
	static struct { uint64_t expiry_ms; bool is_active; } simple[SOURCES];
	AUTO(penalties_wipe) struct penalties penalties = penalties_with(1000, false);
	uint64_t now_ms = START;
	uint32_t random = 12345;

	for (int step = 0; step < STEPS; step++) {
		unsigned source;
		uint64_t add_ms;

		random = random * 1103515245u + 12345u;
		source = (random >> 8) % SOURCES;
		add_ms = (random >> 4) % 20000;
		now_ms += random >> 28;
		if (simple[source].expiry_ms <= now_ms) {
			simple[source].expiry_ms = now_ms;
			simple[source].is_active = false;
		}
		if (random & 1u << 27) {
			(void)add(&penalties, source, add_ms, now_ms);
			simple[source].expiry_ms += add_ms;
			if (simple[source].expiry_ms > now_ms + 600000)
				simple[source].expiry_ms = now_ms + 600000;
			simple[source].is_active |= simple[source].expiry_ms - now_ms > 15000;
		}
		ck_assert_int_eq(ask(&penalties, source, now_ms),
		    simple[source].is_active ? PENALTY_REFUSES : PENALTY_PERMITS);
	}
}
END_TEST

SUITE("penalties", TEST(four_failures_in_a_row_are_refused_and_three_are_not),
    TEST(exactly_the_minimum_is_not_enforced), TEST(active_stays_active_until_it_expires),
    TEST(penalties_add_up_to_the_maximum), TEST(a_full_permissive_table_forgets_the_soonest),
    TEST(a_full_strict_table_refuses_everybody_of_its_family),
    TEST(a_table_of_no_sources_remembers_nobody), TEST(a_smaller_table_keeps_the_longest),
    TEST(the_table_agrees_with_a_simple_one))
