#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/monitor/otp_store.h"
#include "sshd/auth/evidence/otp_record.h"
#include "tests/support/suite.h"

/* The secret of RFC 6238; at NOW its code is 081804. */
#define RECORD                                                                                     \
	"sekisho-otp 1\nkind totp\nhash sha1\ndigits 6\nperiod 30\n"                               \
	"secret GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\nmark 0\nbudget 10 0\n"
#define NOW 1111111109u

static char directory[64];

static void make(const char *name, const char *text, mode_t mode)
{
	char path[256];
	FILE *file;

	snprintf(directory, sizeof(directory), "/tmp/sekisho-otp-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	if (name == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static void discard(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static enum err check(const char *user, const char *code, struct otp_answer *answer)
{
	return otp_store_check(directory, user, slice_text(code), NOW, answer);
}

static const struct {
	const char *why, *name, *text;
	mode_t mode, directory_mode;
	enum err expect;
} stores[] = {
    {"no record", NULL, "", 0600, 0700, ERR_NOT_FOUND},
    {"somebody else's record", "bob", RECORD, 0600, 0700, ERR_NOT_FOUND},
    {"a record others may read", "alice", RECORD, 0640, 0700, ERR_MODE},
    {"a directory others may write", "alice", RECORD, 0600, 0770, ERR_MODE},
    {"a record that was cut", "alice", "sekisho-otp 1\nkind to", 0600, 0700, ERR_MALFORMED},
    {"a record as it should be", "alice", RECORD, 0600, 0700, ERR_OK},
};

START_TEST(a_store_is_trusted_only_as_it_should_be)
{
	struct otp_answer answer = {.verdict = PERMIT};
	enum err err;

	make(stores[_i].name, stores[_i].text, stores[_i].mode);
	ck_assert_int_eq(chmod(directory, stores[_i].directory_mode), 0);
	err = check("alice", "081804", &answer);
	ck_assert_msg(err == stores[_i].expect, "%s: got %s", stores[_i].why, err_name(err));
	ck_assert_int_eq(answer.verdict, err == ERR_OK ? PERMIT : DENY);
	discard();
	ck_assert_int_eq(check("alice", "081804", &answer), ERR_NOT_FOUND);
}
END_TEST

START_TEST(what_was_taken_stays_taken)
{
	struct otp_answer answer;

	make("alice", RECORD, 0600);
	ck_assert_int_eq(check("alice", "000000", &answer), ERR_OK);
	ck_assert_int_eq(answer.verdict, DENY);
	ck_assert(answer.has_record && !answer.is_exhausted);
	ck_assert_int_eq(check("alice", "081804", &answer), ERR_OK);
	ck_assert_int_eq(answer.verdict, PERMIT);
	ck_assert_int_eq(check("alice", "081804", &answer), ERR_OK);
	ck_assert_int_eq(answer.verdict, DENY);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(check("alice", "000000", &answer), ERR_OK);
	ck_assert(answer.is_exhausted);
	discard();
}
END_TEST

/* A record that cannot be kept is a code that does not count: it could be used again. */
START_TEST(what_cannot_be_kept_does_not_count)
{
	struct otp_answer answer;

	if (getuid() == 0)
		return; /* nothing stops root from writing */
	make("alice", RECORD, 0600);
	ck_assert_int_eq(check("alice", "000000", &answer), ERR_OK);
	ck_assert_int_eq(chmod(directory, 0500), 0);
	ck_assert_int_eq(check("alice", "081804", &answer), ERR_SYSTEM);
	ck_assert_int_eq(answer.verdict, DENY);
	ck_assert_int_eq(chmod(directory, 0700), 0);
	discard();
}
END_TEST

/* Many at the same moment with the same code: one gets it. */
START_TEST(one_of_many_gets_the_code)
{
	enum { PROCESSES = 8 };
	pid_t pids[PROCESSES];
	int permitted = 0;

	make("alice", RECORD, 0600);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct otp_answer answer;
			enum err err = check("alice", "081804", &answer);

			_exit(err != ERR_OK ? 9 : answer.verdict == PERMIT);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = 0;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
		permitted += WEXITSTATUS(status);
	}
	ck_assert_int_eq(permitted, 1);
	discard();
}
END_TEST

SUITE("otp_store", LOOP_TEST(a_store_is_trusted_only_as_it_should_be, COUNT_OF(stores)),
    TEST(what_was_taken_stays_taken), TEST(what_cannot_be_kept_does_not_count), TEST(one_of_many_gets_the_code))
