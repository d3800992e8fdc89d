#include "privsep/monitor/shadow.h"
#include "tests/support/suite.h"

static const struct {
	const char *why;
	long last_change, max, inactive, today;
	enum shadow_age age;
} ages[] = {
    {"no age is kept", -1, 90, -1, 20000, SHADOW_FRESH},
    {"no maximum", 10000, -1, -1, 20000, SHADOW_FRESH},
    {"the usual maximum", 10000, 99999, 7, 20000, SHADOW_FRESH},
    {"the last good day", 10000, 90, -1, 10090, SHADOW_FRESH},
    {"one day later", 10000, 90, -1, 10091, SHADOW_MUST_CHANGE},
    {"the last day to change it", 10000, 90, 7, 10097, SHADOW_MUST_CHANGE},
    {"one day too late", 10000, 90, 7, 10098, SHADOW_TOO_OLD},
    {"no time to change it", 10000, 90, 0, 10091, SHADOW_TOO_OLD},
    {"an administrator wants a new one", 0, 99999, -1, 20000, SHADOW_MUST_CHANGE},
};

START_TEST(passwords_grow_old)
{
	ck_assert_msg(shadow_age_of(ages[_i].last_change, ages[_i].max, ages[_i].inactive, ages[_i].today) ==
		ages[_i].age, "%s", ages[_i].why);
}
END_TEST

static enum verdict check(const char *name, bool exists, const char *password, bool permits_empty)
{
	struct account account = {.exists = exists};
	struct shadow_answer answer = {.verdict = PERMIT};

	strcpy(account.name, name);
	ck_assert_int_eq(shadow_check(&account, slice_text(password), permits_empty, &answer), ERR_OK);
	return answer.verdict;
}

/* `daemon` has no password on any system: "*" or "!". */
START_TEST(whoever_has_no_hash_has_no_password)
{
	static const char *const tries[] = {"", "*", "!", "x", "secret"};

	for (size_t i = 0; i < COUNT_OF(tries); i++) {
		ck_assert_int_eq(check("no-such-user", false, tries[i], true), DENY);
		ck_assert_int_eq(check("no-such-user", true, tries[i], true), DENY);
		ck_assert_int_eq(check("daemon", true, tries[i], true), DENY);
	}
}
END_TEST

SUITE("shadow", LOOP_TEST(passwords_grow_old, COUNT_OF(ages)), TEST(whoever_has_no_hash_has_no_password))
