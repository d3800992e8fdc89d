#include "privsep/monitor/endpoints.h"
#include "tests/support/suite.h"

#define ENTRIES_LIMIT 3

static const struct {
	const char *why;
	const char *entries[ENTRIES_LIMIT]; /* of one list */
	const char *second;                 /* the only entry of a second list, or NULL */
	const char *host;
	uint16_t port;
	bool is_listen;
	enum verdict expect;
} cases[] = {
    {"another host", {"db:5432"}, NULL, "other", 5432, false, DENY},
    {"another port", {"db:5432"}, NULL, "db", 5433, false, DENY},
    {"no pattern in permitopen", {"d*:5432"}, NULL, "db", 5432, false, DENY},
    {"the second list does not agree", {"db:5432"}, "db:5433", "db", 5432, false, DENY},
    {"a bare port is no destination", {"5432"}, NULL, "db", 5432, false, DENY},
    {"what no one could have written", {"[::1"}, NULL, "::1", 5432, false, DENY},
    {"names in another case are others", {"DB:5432"}, NULL, "db", 5432, false, DENY},
    {"a listener on another port", {"8080"}, NULL, "localhost", 8081, true, DENY},
    {"a listener on another address", {"localhost:8080"}, NULL, "", 8080, true, DENY},
    {"no list", {NULL}, NULL, "db", 5432, false, PERMIT},
    {"to the letter", {"db:5432"}, NULL, "db", 5432, false, PERMIT},
    {"any port", {"db:*"}, NULL, "db", 1, false, PERMIT},
    {"any host", {"*:25"}, NULL, "mail", 25, false, PERMIT},
    {"an address in brackets", {"[::1]:80"}, NULL, "::1", 80, false, PERMIT},
    {"the last of three", {"a:1", "b:2", "c:3"}, NULL, "c", 3, false, PERMIT},
    {"both lists agree", {"db:5432"}, "*:5432", "db", 5432, false, PERMIT},
    {"a bare port", {"8080"}, NULL, "localhost", 8080, true, PERMIT},
    {"a pattern", {"10.0.*:8080"}, NULL, "10.0.0.7", 8080, true, PERMIT},
};

START_TEST(lists_permit)
{
	struct restrictions set = restrictions_none();

	for (unsigned i = 0; i < ENTRIES_LIMIT && cases[_i].entries[i] != NULL; i++)
		ck_assert_int_eq(
		    restrictions_add_endpoint(&set.opens, slice_text(cases[_i].entries[i])), ERR_OK);
	if (cases[_i].second != NULL) {
		struct restrictions other = restrictions_none();
		enum verdict verdict;

		ck_assert_int_eq(restrictions_add_endpoint(&other.opens, slice_text(cases[_i].second)), ERR_OK);
		ck_assert_int_eq(restrictions_narrow(&set, &other, &verdict), ERR_OK);
		restrictions_wipe(&other);
	}
	ck_assert_msg(endpoints_permit(&set.opens, slice_text(cases[_i].host), cases[_i].port,
			  cases[_i].is_listen) == cases[_i].expect,
	    "%s", cases[_i].why);
	ck_assert_int_eq(endpoints_permit_path(&set.opens), cases[_i].entries[0] == NULL ? PERMIT : DENY);
	restrictions_wipe(&set);
}
END_TEST

SUITE("endpoints", LOOP_TEST(lists_permit, COUNT_OF(cases)))
