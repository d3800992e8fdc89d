/* The main of a unit test: SUITE(name, TEST(f), LOOP_TEST(f, count), ...). */
#pragma once

#include <check.h>
#include <stdlib.h>

#include "sshd/base/auto.h"

struct suite_entry {
	const TTest *test;
	int cases; /* 0: runs once; else once for each _i below it */
};

#define TEST(function)             {(function), 0}
#define LOOP_TEST(function, cases) {(function), (int)(cases)}

static inline int suite_run(const char *name, const struct suite_entry *entries, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	for (size_t i = 0; i < count; i++) {
		if (entries[i].cases > 0)
			tcase_add_loop_test(tcase, entries[i].test, 0, entries[i].cases);
		else
			tcase_add_test(tcase, entries[i].test);
	}
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define SUITE(name, ...)                                                                           \
	int main(void)                                                                             \
	{                                                                                          \
		const struct suite_entry entries[] = {__VA_ARGS__};                                \
                                                                                                   \
		return suite_run(name, entries, COUNT_OF(entries));                                \
	}
