#include <syslog.h>
#include <unistd.h>

#include "sshd/base/buf.h"
#include "sshd/base/log.h"
#include "tests/support/suite.h"

START_TEST(peer_text_cannot_break_a_line_or_add_a_field)
{
	AUTO(buf_wipe) struct buf out = buf_empty(1024);
	const struct log_field fields[] = {
	    {"ADDRESS", LITERAL("{PORT}\nFORGED=1 %s%n")},
	    {"PORT", LITERAL("22")},
	};

	ck_assert_int_eq(event_render(EVENT_LISTENING, fields, 2, &out), ERR_OK);
	ck_assert(slice_is(buf_view(&out), "Server listening on {PORT}\\012FORGED=1 %s%n port 22."));
}
END_TEST

START_TEST(a_value_with_newlines_travels_with_its_length)
{
	static const char expected[] = "SSH_ADDRESS\n\3\0\0\0\0\0\0\0a\nb\n";
	AUTO(buf_wipe) struct buf out = buf_empty(1024);
	const struct log_field field = {"ADDRESS", LITERAL("a\nb")};
	struct slice datagram;

	ck_assert_int_eq(journal_encode(EVENT_LISTENING, &field, 1, LITERAL("text"), LOG_AUTH, &out), ERR_OK);
	datagram = buf_view(&out);
	ck_assert(slice_starts(datagram, "MESSAGE=text\nPRIORITY=6\nSYSLOG_FACILITY=4\nSYSLOG_IDENTIFIER=sshd\n"));
	ck_assert_ptr_nonnull(memmem(datagram.ptr, datagram.len, expected, sizeof(expected) - 1));
}
END_TEST

START_TEST(a_level_keeps_quiet_what_is_above_it)
{
	int ends[2];
	char got[256];
	struct log_sink sink = {.kind = LOG_TO_FILE, .level = LOG_LEVEL_ERROR};

	ck_assert_int_eq(pipe(ends), 0);
	sink.fd = ends[1];
	log_use(&sink);
	LOG(LISTENING, T("ADDRESS", "::"), T("PORT", "22"));
	LOG(ERROR, T("TEXT", "seen"));
	close(ends[1]);
	ck_assert_int_eq(read(ends[0], got, sizeof(got)), (ssize_t)strlen("error: seen\n"));
	ck_assert_int_eq(memcmp(got, "error: seen\n", strlen("error: seen\n")), 0);
	close(ends[0]);
}
END_TEST

static const struct {
	const char *name;
	enum err expect;
	enum log_level level;
} levels[] = {
    {"LOUD", ERR_MALFORMED, 0},
    {"DEBUG4", ERR_MALFORMED, 0},
    {"", ERR_MALFORMED, 0},
    {"verbose", ERR_OK, LOG_LEVEL_VERBOSE},
    {"DEBUG", ERR_OK, LOG_LEVEL_DEBUG1},
};

START_TEST(level_names)
{
	enum log_level level = LOG_LEVEL_QUIET;

	ck_assert_int_eq(log_level_parse(slice_text(levels[_i].name), &level), levels[_i].expect);
	if (levels[_i].expect == ERR_OK)
		ck_assert_int_eq(level, levels[_i].level);
}
END_TEST

SUITE("log", TEST(peer_text_cannot_break_a_line_or_add_a_field), TEST(a_value_with_newlines_travels_with_its_length),
    TEST(a_level_keeps_quiet_what_is_above_it), LOOP_TEST(level_names, COUNT_OF(levels)))
