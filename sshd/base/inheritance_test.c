#include "sshd/base/inheritance.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/suite.h"

static bool is_ignored(int signal_number)
{
	struct sigaction action;

	ck_assert_int_eq(sigaction(signal_number, NULL, &action), 0);
	return action.sa_handler == SIG_IGN;
}

START_TEST(what_changed_comes_back)
{
	struct inheritance saved;
	struct rlimit before, after;
	sigset_t mask;

	umask(027);
	signal(SIGUSR1, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(inheritance_save(&saved), ERR_OK);

	umask(0);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_IGN);
	after = before;
	after.rlim_cur = before.rlim_cur / 2;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &after), 0);
	sigfillset(&mask);
	ck_assert_int_eq(sigprocmask(SIG_SETMASK, &mask, NULL), 0);

	ck_assert_int_eq(inheritance_restore(&saved), ERR_OK);
	inheritance_restore_mask(&saved);
	ck_assert_int_eq(umask(0), 027);
	ck_assert(is_ignored(SIGUSR1));
	ck_assert(!is_ignored(SIGUSR2));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &after), 0);
	ck_assert_uint_eq(after.rlim_cur, before.rlim_cur);
	ck_assert_int_eq(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	ck_assert_int_eq(sigismember(&mask, SIGUSR1), 0);
}
END_TEST

/* systemd starts services with SIGPIPE ignored, and a login shell must not notice. */
START_TEST(pipe_is_always_at_its_default)
{
	struct inheritance saved;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	ck_assert_int_eq(inheritance_save(&saved), ERR_OK);
	ck_assert_int_eq(inheritance_restore(&saved), ERR_OK);
	ck_assert(!is_ignored(SIGPIPE));
	ck_assert(!is_ignored(SIGHUP));
}
END_TEST

START_TEST(oom_score_is_found_again)
{
	struct inheritance saved, raised;

	ck_assert_int_eq(inheritance_save(&saved), ERR_OK);
	if (!saved.has_oom_score_adj)
		return;
	ck_assert_int_eq(oom_score_adjust(saved.oom_score_adj + 1), ERR_OK);
	ck_assert_int_eq(inheritance_save(&raised), ERR_OK);
	ck_assert_int_eq(raised.oom_score_adj, saved.oom_score_adj + 1);
}
END_TEST

SUITE("inheritance", TEST(what_changed_comes_back), TEST(pipe_is_always_at_its_default),
    TEST(oom_score_is_found_again))
