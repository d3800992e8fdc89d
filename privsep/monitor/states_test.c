#include "privsep/monitor/states.h"
#include "tests/support/suite.h"

START_TEST(the_way_of_a_login)
{
	static const enum monitor_occurrence way[] = {NET_IS_READY, EXCHANGE_IS_SIGNED, USER_IS_FIXED, ATTEMPT_IS_OVER,
	    PROMPT_IS_SENT, PROMPT_IS_SENT, FACTORS_SUFFICE, ACCOUNT_AGREES, CONNECTION_ENDS, ALL_IS_CLOSED};
	static const enum monitor_state expect[] = {STATE_KEX, STATE_KEYED, STATE_AUTH, STATE_AUTH, STATE_CONV,
	    STATE_CONV, STATE_ACCT, STATE_OPEN, STATE_DRAIN, STATE_DEAD};
	enum monitor_state state = STATE_START;

	for (size_t i = 0; i < COUNT_OF(way); i++) {
		ck_assert_int_eq(state_after(state, way[i], &state), ERR_OK);
		ck_assert_msg(state == expect[i], "step %zu: %s", i, state_name(state));
	}
}
END_TEST

/* I2 and I7: OPEN only by the account phase, that only by factors, those only with a user and a session. */
START_TEST(there_is_no_short_cut)
{
	for (unsigned state = 0; state < MONITOR_STATE_COUNT; state++) {
		for (unsigned occurrence = 0; occurrence < MONITOR_OCCURRENCE_COUNT; occurrence++) {
			enum monitor_state next = MONITOR_STATE_COUNT;

			if (state_after(state, occurrence, &next) != ERR_OK) {
				ck_assert_int_eq(next, MONITOR_STATE_COUNT);
				continue;
			}
			ck_assert(next != STATE_START);
			if (next == STATE_OPEN)
				ck_assert(state == STATE_ACCT && occurrence == ACCOUNT_AGREES);
			if (next == STATE_ACCT)
				ck_assert((state == STATE_AUTH || state == STATE_CONV) &&
				    occurrence == FACTORS_SUFFICE);
			if (next == STATE_CONV)
				ck_assert(occurrence == PROMPT_IS_SENT);
			if (next == STATE_AUTH && state < STATE_AUTH)
				ck_assert(state == STATE_KEYED && occurrence == USER_IS_FIXED);
			if (next == STATE_KEYED)
				ck_assert(state == STATE_KEX && occurrence == EXCHANGE_IS_SIGNED);
			if (next == STATE_DEAD && state != STATE_DEAD)
				ck_assert(state == STATE_DRAIN && occurrence == ALL_IS_CLOSED);
		}
	}
}
END_TEST

START_TEST(every_state_ends)
{
	for (unsigned state = 0; state < STATE_DEAD; state++) {
		enum monitor_state next = state;

		ck_assert_int_eq(state_after(state, CONNECTION_ENDS, &next), ERR_OK);
		ck_assert_int_eq(next, STATE_DRAIN);
	}
}
END_TEST

START_TEST(nothing_is_outside_the_table)
{
	enum monitor_state next = STATE_KEX;

	ck_assert_int_eq(state_after(MONITOR_STATE_COUNT, CONNECTION_ENDS, &next), ERR_UNEXPECTED);
	ck_assert_int_eq(state_after(STATE_KEX, MONITOR_OCCURRENCE_COUNT, &next), ERR_UNEXPECTED);
	ck_assert_int_eq(next, STATE_KEX);
}
END_TEST

SUITE("states", TEST(the_way_of_a_login), TEST(there_is_no_short_cut), TEST(every_state_ends),
    TEST(nothing_is_outside_the_table))
