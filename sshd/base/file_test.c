#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/secret.h"
#include "tests/support/suite.h"

static int scratch(char path[static 64])
{
	snprintf(path, 64, "/tmp/sekisho-file-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

START_TEST(reading_stops_at_the_limit)
{
	AUTO(buf_wipe) struct buf exact = buf_empty(5);
	AUTO(buf_wipe) struct buf small = buf_empty(4);
	char path[64];
	AUTO(fd_release) int dir = scratch(path);

	ck_assert_int_eq(file_replace(dir, "five", LITERAL("12345"), 0600), ERR_OK);
	ck_assert_int_eq(file_read_at(dir, "five", &small), ERR_LIMIT);
	ck_assert_int_eq(file_read_at(dir, "five", &exact), ERR_OK);
	ck_assert(slice_is(buf_view(&exact), "12345"));
	ck_assert_int_eq(file_read_at(dir, "missing", &exact), ERR_SYSTEM);
	unlinkat(dir, "five", 0);
	rmdir(path);
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	AUTO(buf_wipe) struct buf out = buf_empty(64);
	char path[64];
	AUTO(fd_release) int dir = scratch(path);

	ck_assert_int_eq(symlinkat("/etc/hostname", dir, "link"), 0);
	ck_assert_int_eq(file_read_at(dir, "link", &out), ERR_SYSTEM);
	ck_assert_int_eq(errno, ELOOP);
	unlinkat(dir, "link", 0);
	rmdir(path);
}
END_TEST

START_TEST(replacing_is_all_or_nothing)
{
	AUTO(buf_wipe) struct buf out = buf_empty(64);
	char path[64];
	AUTO(fd_release) int dir = scratch(path);

	ck_assert_int_eq(file_replace(dir, "f", LITERAL("old"), 0600), ERR_OK);
	/* A name that cannot be: nothing is left behind, the old file stays. */
	ck_assert_int_eq(file_replace(dir, "no/such", LITERAL("new"), 0600), ERR_SYSTEM);
	ck_assert_int_eq(file_replace(dir, "f", LITERAL("new"), 0640), ERR_OK);
	ck_assert_int_eq(file_read_at(dir, "f", &out), ERR_OK);
	ck_assert(slice_is(buf_view(&out), "new"));
	/* A name that is taken stays as it is. */
	ck_assert_int_eq(file_create(dir, "f", LITERAL("newest"), 0600), ERR_SYSTEM);
	ck_assert_int_eq(errno, EEXIST);
	buf_wipe(&out);
	ck_assert_int_eq(file_read_at(dir, "f", &out), ERR_OK);
	ck_assert(slice_is(buf_view(&out), "new"));
	unlinkat(dir, "f", 0);
	ck_assert_int_eq(file_create(dir, "f", LITERAL("newest"), 0600), ERR_OK);
	unlinkat(dir, "f", 0);
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(descriptors_are_arranged_even_when_they_overlap)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		int a = open("/dev/zero", O_RDONLY | O_CLOEXEC), b = open("/dev/null", O_RDONLY | O_CLOEXEC);
		char byte = 1;
		/* Each goes where the other is, or was. */
		int fds[] = {b, a};

		if (fd_arrange(fds, 2, a) != ERR_OK)
			_exit(1);
		if (read(a, &byte, 1) != 0 || read(a + 1, &byte, 1) != 1 || byte != 0)
			_exit(2);
		_exit(fcntl(a + 2, F_GETFD) == -1 && !(fcntl(a, F_GETFD) & FD_CLOEXEC) ? 0 : 3);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_secret_is_read_up_to_its_limit)
{
	AUTO(secret_release) struct secret *secret = NULL;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "12345", 5), 5);
	close(ends[1]);
	ck_assert_int_eq(secret_read(ends[0], 4, &secret), ERR_TOO_LONG);
	ck_assert_ptr_null(secret);
	close(ends[0]);
	ck_assert_int_eq(secret_new(0, &secret), ERR_RANGE);
	ck_assert_int_eq(secret_new(SECRET_LIMIT + 1, &secret), ERR_RANGE);
	ck_assert_int_eq(secret_new(100, &secret), ERR_OK);
	memset(secret_expose(secret).ptr, 7, 100);
	secret_shorten(secret, 10);
	ck_assert_uint_eq(secret_expose(secret).len, 10);
	ck_assert_uint_eq(secret_expose(secret).ptr[10], 0);
	ck_assert_uint_eq(secret_expose(secret).ptr[9], 7);
}
END_TEST

SUITE("file", TEST(reading_stops_at_the_limit), TEST(a_link_is_not_followed), TEST(replacing_is_all_or_nothing),
    TEST(descriptors_are_arranged_even_when_they_overlap), TEST(a_secret_is_read_up_to_its_limit))
