#include <pwd.h>
#include <unistd.h>

#include "privsep/monitor/account.h"
#include "tests/support/suite.h"

static const struct nobody nobody = {65534, 65534};

static const struct {
	const char *why;
	struct slice name;
	bool is_sane;
} names[] = {
    {"empty", {(const uint8_t *)"", 0}, false},
    {"a minus first", {(const uint8_t *)"-alice", 6}, false},
    {"a slash", {(const uint8_t *)"a/b", 3}, false},
    {"a newline", {(const uint8_t *)"a\nb", 3}, false},
    {"a zero byte", {(const uint8_t *)"a\0b", 3}, false},
    {"a delete", {(const uint8_t *)"a\x7f", 2}, false},
    {"broken UTF-8", {(const uint8_t *)"a\xc3", 2}, false},
    {"plain", {(const uint8_t *)"alice", 5}, true},
    {"a domain's", {(const uint8_t *)"DOM\\alice@x", 11}, true},
    {"UTF-8", {(const uint8_t *)"\xc3\xa4nne", 5}, true},
};

START_TEST(names_are_checked)
{
	ck_assert_msg(account_name_is_sane(names[_i].name) == names[_i].is_sane, "%s", names[_i].why);
}
END_TEST

START_TEST(an_account_that_is_not_there_is_nobody)
{
	AUTO(account_wipe) struct account account = {0};

	ck_assert_int_eq(account_find(LITERAL("no-such-account"), (uid_t)-1, &nobody, &account), ERR_OK);
	ck_assert(!account.exists);
	ck_assert_str_eq(account.name, "no-such-account");
	ck_assert_uint_eq(account.uid, 65534);
	ck_assert_int_eq(account_load_groups(&account), ERR_OK);
	ck_assert_uint_eq(account.group_count, 0);
	ck_assert_ptr_nonnull(account.home);
}
END_TEST

START_TEST(only_the_calling_account_exists_without_root)
{
	AUTO(account_wipe) struct account account = {0};
	const struct passwd *own = getpwuid(getuid());

	ck_assert_ptr_nonnull(own);
	ck_assert_int_eq(account_find(slice_text(own->pw_name), getuid() + 1, &nobody, &account), ERR_OK);
	ck_assert(!account.exists);
	account_wipe(&account);
	ck_assert_int_eq(account_find(slice_text(own->pw_name), getuid(), &nobody, &account), ERR_OK);
	ck_assert(account.exists);
	ck_assert_str_eq(account.home, own->pw_dir);
	ck_assert_int_eq(account_load_groups(&account), ERR_OK);
	ck_assert_uint_ge(account.group_count, 1);
}
END_TEST

START_TEST(a_shell_must_be_there_and_run)
{
	struct account account = {.exists = true};

	account.shell = (char[]){"/nonexistent/sh"};
	ck_assert_int_eq(account_shell_state(&account), SHELL_MISSING);
	account.shell = (char[]){"/etc/passwd"};
	ck_assert_int_eq(account_shell_state(&account), SHELL_NOT_EXECUTABLE);
	account.shell = (char[]){"/tmp"};
	ck_assert_int_eq(account_shell_state(&account), SHELL_NOT_EXECUTABLE);
	account.shell = (char[]){"/bin/sh"};
	ck_assert_int_eq(account_shell_state(&account), SHELL_USABLE);
}
END_TEST

SUITE("account", LOOP_TEST(names_are_checked, COUNT_OF(names)), TEST(an_account_that_is_not_there_is_nobody),
    TEST(only_the_calling_account_exists_without_root), TEST(a_shell_must_be_there_and_run))
