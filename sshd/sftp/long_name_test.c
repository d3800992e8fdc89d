#include "sshd/sftp/long_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"
#include "tests/support/suite.h"

#define NOW    1700000000 /* 2023-11-14 22:13:20 UTC */
#define DAY    86400
#define RECENT (NOW - 3 * DAY)

static unsigned questions;

static enum err find(
    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	(void)names;
	questions++;
	if (id == 1)
		return buf_append_text(name, kind == SFTP_USER_NAME ? "alice" : "staff");
	if (id == 2)
		return buf_append_text(name, "a-rather-long-name");
	if (id == 3)
		return buf_append(name, BYTES('a', 0, 'b'));
	return ERR_NOT_FOUND;
}

static struct sftp_names table = {.find = find};

static const struct {
	mode_t mode;
	unsigned links;
	uint32_t uid, gid;
	off_t size;
	time_t mtime;
	const char *name, *expect;
} lines[] = {
    {0100644, 1, 1, 1, 5, RECENT, "f", "-rw-r--r--    1 alice    staff           5 Nov 11 22:13 f"},
    {0041777, 12, 0, 9, 4096, RECENT, "d d",
        "drwxrwxrwt   12 0        9            4096 Nov 11 22:13 d d"},
    {0041666, 1, 1, 1, 0, RECENT, "d", "drw-rw-rwT    1 alice    staff           0 Nov 11 22:13 d"},
    {0106755, 1, 1, 1, 0, RECENT, "s", "-rwsr-sr-x    1 alice    staff           0 Nov 11 22:13 s"},
    {0106644, 1, 1, 1, 0, RECENT, "S", "-rwSr-Sr--    1 alice    staff           0 Nov 11 22:13 S"},
    {0120777, 1, 1, 1, 0, RECENT, "l", "lrwxrwxrwx    1 alice    staff           0 Nov 11 22:13 l"},
    {0020600, 1, 1, 1, 0, RECENT, "c", "crw-------    1 alice    staff           0 Nov 11 22:13 c"},
    {0060600, 1, 1, 1, 0, RECENT, "b", "brw-------    1 alice    staff           0 Nov 11 22:13 b"},
    {0010600, 1, 1, 1, 0, RECENT, "p", "prw-------    1 alice    staff           0 Nov 11 22:13 p"},
    {0140600, 1, 1, 1, 0, RECENT, "k", "srw-------    1 alice    staff           0 Nov 11 22:13 k"},
    {0150600, 1, 1, 1, 0, RECENT, "?", "?rw-------    1 alice    staff           0 Nov 11 22:13 ?"},
    {0100600, 1, 1, 1, 0, NOW - 200 * DAY, "old",
        "-rw-------    1 alice    staff           0 Apr 28  2023 old"},
    {0100600, 1, 1, 1, 0, NOW + DAY, "new",
        "-rw-------    1 alice    staff           0 Nov 15  2023 new"},
    {0100600, 1, 2, 2, 123456789012, RECENT, "",
        "-rw-------    1 a-rather-long-name a-rather-long-name 123456789012 Nov 11 22:13 "},
    {0100600, 1, 3, 4294967295, 0, RECENT, "z",
        "-rw-------    1 3        4294967295        0 Nov 11 22:13 z"},
};

static void check(struct sftp_name_cache *cache, size_t i)
{
	const struct stat st = {.st_mode = lines[i].mode,
	    .st_nlink = lines[i].links,
	    .st_uid = lines[i].uid,
	    .st_gid = lines[i].gid,
	    .st_size = lines[i].size,
	    .st_mtime = lines[i].mtime};
	uint8_t room[1024];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	struct reader r;
	struct slice line;

	long_name_write(&w, slice_text(lines[i].name), &st, cache, NOW);
	r = reader_over(writer_view(&w));
	line = read_string(&r, sizeof(room));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
	ck_assert_msg(slice_is(line, lines[i].expect), "got  %.*s\nwant %s", (int)line.len,
	    (const char *)line.ptr, lines[i].expect);
}

START_TEST(lines_are_those_of_ls)
{
	AUTO(sftp_name_cache_wipe) struct sftp_name_cache cache = {.names = &table};

	setenv("TZ", "UTC", 1);
	check(&cache, (size_t)_i);
}
END_TEST

START_TEST(names_are_asked_for_once)
{
	AUTO(sftp_name_cache_wipe) struct sftp_name_cache cache = {.names = &table};

	questions = 0;
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_str_eq(sftp_name_find(&cache, SFTP_USER_NAME, 1), "alice");
		ck_assert_ptr_null(sftp_name_find(&cache, SFTP_USER_NAME, 50));
		ck_assert_str_eq(sftp_name_find(&cache, SFTP_GROUP_NAME, 1), "staff");
	}
	ck_assert_uint_eq(questions, 3);
	/* The same slot as 1: the newer one takes it, and the older is found anew. */
	ck_assert_ptr_null(sftp_name_find(&cache, SFTP_USER_NAME, 1 + SFTP_NAME_CACHE_SLOTS));
	ck_assert_str_eq(sftp_name_find(&cache, SFTP_USER_NAME, 1), "alice");
	ck_assert_uint_eq(questions, 5);
}
END_TEST

START_TEST(the_system_knows_its_users)
{
	AUTO(buf_wipe) struct buf name = buf_empty(256);
	AUTO(buf_wipe) struct buf home = buf_empty(256);

	ck_assert_int_eq(
	    sftp_names_of_system.find(&sftp_names_of_system, SFTP_USER_NAME, 0, &name), ERR_OK);
	ck_assert(slice_is(buf_view(&name), "root"));
	ck_assert_int_eq(
	    sftp_names_of_system.find_home(&sftp_names_of_system, LITERAL("root"), &home), ERR_OK);
	ck_assert_uint_gt(buf_len(&home), 0);
	ck_assert_int_eq(
	    sftp_names_of_system.find_home(&sftp_names_of_system, LITERAL("no such user"), &home),
	    ERR_NOT_FOUND);
}
END_TEST

SUITE("long_name", LOOP_TEST(lines_are_those_of_ls, COUNT_OF(lines)),
    TEST(names_are_asked_for_once), TEST(the_system_knows_its_users))
