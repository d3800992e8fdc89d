#include <sys/stat.h>

#include "privsep/monitor/strict_modes.h"
#include "sshd/wire/writer.h"
#include "tests/support/suite.h"

struct row {
	const char *path;
	uint32_t uid, mode;
};

static struct slice encode(const struct row *rows, size_t count, struct span room)
{
	struct writer w = writer_into(room);

	for (size_t i = 0; i < count; i++) {
		write_text(&w, rows[i].path);
		write_u32(&w, rows[i].uid);
		write_u32(&w, rows[i].mode);
	}
	return writer_view(&w);
}

#define FILE_MODE(mode)      (S_IFREG | (mode))
#define DIRECTORY_MODE(mode) (S_IFDIR | (mode))

static const struct {
	const char *why;
	struct row rows[3];
	const char *obstacle; /* NULL: permitted */
} cases[] = {
    {"the user's own",
	{{"/home/u/.ssh/k", 1000, FILE_MODE(0600)}, {"/home/u/.ssh", 1000, DIRECTORY_MODE(0700)},
	    {"/home/u", 1000, DIRECTORY_MODE(0755)}},
	NULL},
    {"root's", {{"/e/k", 0, FILE_MODE(0644)}, {"/e", 0, DIRECTORY_MODE(0755)}, {"/", 0, DIRECTORY_MODE(0755)}}, NULL},
    {"another's file",
	{{"/h/k", 1001, FILE_MODE(0600)}, {"/h", 1000, DIRECTORY_MODE(0700)}, {"/", 0, DIRECTORY_MODE(0755)}},
	"bad ownership or modes for file /h/k"},
    {"a file the group may write",
	{{"/h/k", 1000, FILE_MODE(0620)}, {"/h", 1000, DIRECTORY_MODE(0700)}, {"/", 0, DIRECTORY_MODE(0755)}},
	"bad ownership or modes for file /h/k"},
    {"a file others may write",
	{{"/h/k", 1000, FILE_MODE(0602)}, {"/h", 1000, DIRECTORY_MODE(0700)}, {"/", 0, DIRECTORY_MODE(0755)}},
	"bad ownership or modes for file /h/k"},
    {"another's directory",
	{{"/h/k", 1000, FILE_MODE(0600)}, {"/h", 1001, DIRECTORY_MODE(0700)}, {"/", 0, DIRECTORY_MODE(0755)}},
	"bad ownership or modes for directory /h"},
    {"a directory above that the group may write",
	{{"/h/k", 1000, FILE_MODE(0600)}, {"/h", 1000, DIRECTORY_MODE(0700)}, {"/", 0, DIRECTORY_MODE(0775)}},
	"bad ownership or modes for directory /"},
    {"a directory everyone may write, sticky or not",
	{{"/tmp/k", 1000, FILE_MODE(0600)}, {"/tmp", 0, DIRECTORY_MODE(01777)}, {"/", 0, DIRECTORY_MODE(0755)}},
	"bad ownership or modes for directory /tmp"},
};

START_TEST(files_others_could_change_are_refused)
{
	AUTO(buf_wipe) struct buf obstacle = buf_empty(4096);
	enum verdict verdict = cases[_i].obstacle ? PERMIT : DENY;
	uint8_t room[512];
	struct slice components = encode(cases[_i].rows, 3, (struct span){room, sizeof(room)});

	ck_assert_int_eq(strict_modes_weigh(components, 1000, &verdict, &obstacle), ERR_OK);
	ck_assert_msg(verdict == (cases[_i].obstacle ? DENY : PERMIT), "%s", cases[_i].why);
	ck_assert_msg(slice_is(buf_view(&obstacle), cases[_i].obstacle ? cases[_i].obstacle : ""), "%s",
	    cases[_i].why);
}
END_TEST

START_TEST(a_list_that_says_too_little_permits_nothing)
{
	AUTO(buf_wipe) struct buf obstacle = buf_empty(4096);
	uint8_t room[512];
	struct slice components = encode(cases[0].rows, 3, (struct span){room, sizeof(room)});
	enum verdict verdict;

	for (size_t len = 0; len <= components.len; len++) {
		size_t one = 4 + strlen(cases[0].rows[0].path) + 8, two = one + 4 + strlen(cases[0].rows[1].path) + 8;

		verdict = PERMIT;
		if (len == components.len || len == two)
			continue;
		ck_assert_int_eq(strict_modes_weigh(slice_first(components, len), 1000, &verdict, &obstacle),
		    ERR_MALFORMED);
		ck_assert_int_eq(verdict, DENY);
	}
}
END_TEST

SUITE("strict_modes", LOOP_TEST(files_others_could_change_are_refused, COUNT_OF(cases)),
    TEST(a_list_that_says_too_little_permits_nothing))
