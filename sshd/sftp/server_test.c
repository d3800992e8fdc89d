#include "sshd/sftp/server.h"

#include "tests/support/suite.h"

/* A pretence of a file system: it notes what it is asked and answers with what it is told. */
struct sftp_session {
	struct sftp_request last;
	unsigned performed, answered, refused;
	enum sftp_status status;
};

static enum sftp_status pretend(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	(void)reply;
	session->last = *request;
	session->performed++;
	return session->status;
}

static enum sftp_status pretend_data(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct span room = reply_data_begin(reply, SFTP_READ_LIMIT);

	(void)request;
	session->performed++;
	memset(room.ptr, 'd', room.len);
	return reply_data_end(reply, room.len) ? SSH_FX_OK : SSH_FX_FAILURE;
}

static void count_answer(struct sftp_session *session, enum sftp_request_kind kind,
    enum sftp_status status, bool is_refused)
{
	(void)kind;
	(void)status;
	session->answered++;
	session->refused += is_refused;
}

static struct sftp_operations pretence(void)
{
	struct sftp_operations operations = {.answered = count_answer};

	for (unsigned kind = 0; kind < SFTP_REQUEST_COUNT; kind++)
		operations.perform[kind] = pretend;
	operations.perform[SFTP_REQUEST_READ] = pretend_data;
	return operations;
}

#define PACKET(...)      0, 0, 0, (uint8_t)sizeof((uint8_t[]){__VA_ARGS__}), __VA_ARGS__
#define INIT_3           PACKET(1, 0, 0, 0, 3)
#define ID_7             0, 0, 0, 7
#define STAT_A           PACKET(17, ID_7, 0, 0, 0, 1, 'a')
#define STATUS_7(status) 101, ID_7, 0, 0, 0, status

static const struct {
	const char *why;
	struct slice in;
	enum err expect;
	unsigned performed;
} streams[] = {
    {"nothing", BYTES(0), ERR_AGAIN, 0},
    {"a request before INIT", BYTES(STAT_A), ERR_UNEXPECTED, 0},
    {"an unknown request before INIT", BYTES(PACKET(99, ID_7)), ERR_UNEXPECTED, 0},
    {"INIT without its version", BYTES(PACKET(1, 0, 0)), ERR_TRUNCATED, 0},
    {"an empty packet", BYTES(INIT_3, 0, 0, 0, 0), ERR_TRUNCATED, 0},
    {"a packet too long", BYTES(INIT_3, 0, 4, 0, 1), ERR_TOO_LONG, 0},
    {"a request without id", BYTES(INIT_3, PACKET(17, 0, 0)), ERR_TRUNCATED, 0},
    {"an extension without a name", BYTES(INIT_3, PACKET(200, ID_7)), ERR_TRUNCATED, 0},
    {"a good one, then a bad one", BYTES(INIT_3, STAT_A, 0, 0, 0, 0), ERR_TRUNCATED, 1},
    {"half a request", BYTES(INIT_3, 0, 0, 0, 9, 17, ID_7), ERR_AGAIN, 0},
    {"INIT of an old client", BYTES(PACKET(1, 0, 0, 0, 0), STAT_A), ERR_AGAIN, 1},
    {"INIT with extensions of the client", BYTES(PACKET(1, 0, 0, 0, 3, 0, 0, 0, 0), STAT_A),
        ERR_AGAIN, 1},
    {"two requests", BYTES(INIT_3, STAT_A, STAT_A), ERR_AGAIN, 2},
};

START_TEST(run_takes_whole_packets)
{
	AUTO(buf_wipe) struct buf in = buf_empty(1024);
	AUTO(buf_wipe) struct buf out = buf_empty(SFTP_OUT_LIMIT);
	struct sftp_session session = {0};
	struct sftp_operations operations = pretence();
	struct sftp_server server =
	    sftp_server_over(&operations, &session, SFTP_REQUESTS_ALL, false);
	enum err got;

	ck_assert_int_eq(buf_append(&in, streams[_i].in), ERR_OK);
	got = sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT);
	ck_assert_msg(got == streams[_i].expect, "%s: got %s", streams[_i].why, err_name(got));
	ck_assert_msg(session.performed == streams[_i].performed, "%s: performed", streams[_i].why);
}
END_TEST

static const struct {
	const char *why;
	uint8_t version;
	struct slice request;
	struct slice expect; /* what the reply begins with, behind its length */
	size_t len;          /* of the reply */
} answers[] = {
    {"unknown request", 3, BYTES(PACKET(99, ID_7)), BYTES(STATUS_7(8)), 38},
    {"a reply as request", 3, BYTES(PACKET(101, ID_7)), BYTES(STATUS_7(8)), 38},
    {"unknown extension", 3, BYTES(PACKET(200, ID_7, 0, 0, 0, 1, 'x')), BYTES(STATUS_7(8)), 38},
    {"request malformed", 3, BYTES(PACKET(17, ID_7, 0, 0, 0, 9, 'a')), BYTES(STATUS_7(5)), 28},
    {"request denied", 3, BYTES(PACKET(4, ID_7, 0, 0, 0, 1, 'h')), BYTES(STATUS_7(3)), 34},
    {"request performed", 3, BYTES(STAT_A), BYTES(STATUS_7(0)), 24},
    {"a client too old for texts", 2, BYTES(STAT_A), BYTES(STATUS_7(0)), 9},
};

START_TEST(each_request_has_its_answer)
{
	AUTO(buf_wipe) struct buf in = buf_empty(1024);
	AUTO(buf_wipe) struct buf out = buf_empty(SFTP_OUT_LIMIT);
	struct sftp_session session = {0};
	struct sftp_operations operations = pretence();
	struct sftp_server server = sftp_server_over(&operations, &session,
	    SFTP_REQUESTS_ALL & ~SFTP_REQUEST_BIT(SFTP_REQUEST_CLOSE), false);

	ck_assert_int_eq(buf_append(&in, BYTES(PACKET(1, 0, 0, 0, answers[_i].version))), ERR_OK);
	ck_assert_int_eq(sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT), ERR_AGAIN);
	buf_consume(&out, buf_len(&out));
	ck_assert_int_eq(buf_append(&in, answers[_i].request), ERR_OK);
	ck_assert_int_eq(sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT), ERR_AGAIN);
	ck_assert_msg(
	    buf_len(&out) == 4 + answers[_i].len, "%s: %zu bytes", answers[_i].why, buf_len(&out));
	ck_assert_msg(
	    slice_equal(slice_first(slice_after(buf_view(&out), 4), answers[_i].expect.len),
	        answers[_i].expect),
	    "%s", answers[_i].why);
	ck_assert_uint_eq(session.answered, 1);
	ck_assert_uint_eq(session.refused, answers[_i].request.ptr[4] == 4);
}
END_TEST

START_TEST(a_request_comes_byte_by_byte)
{
	const struct slice bytes = BYTES(INIT_3, STAT_A);
	AUTO(buf_wipe) struct buf in = buf_empty(1024);
	AUTO(buf_wipe) struct buf out = buf_empty(SFTP_OUT_LIMIT);
	struct sftp_session session = {0};
	struct sftp_operations operations = pretence();
	struct sftp_server server =
	    sftp_server_over(&operations, &session, SFTP_REQUESTS_ALL, false);

	for (size_t i = 0; i < bytes.len; i++) {
		ck_assert_uint_eq(session.performed, 0);
		ck_assert_int_eq(buf_append(&in, slice_over(bytes.ptr + i, 1)), ERR_OK);
		ck_assert_int_eq(sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT), ERR_AGAIN);
	}
	ck_assert_uint_eq(session.performed, 1);
	ck_assert_uint_eq(session.last.id, 7);
	ck_assert(slice_is(session.last.path, "a"));
}
END_TEST

START_TEST(replies_stop_where_out_is_full)
{
	const struct slice read =
	    BYTES(PACKET(5, ID_7, 0, 0, 0, 1, 'h', 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0));
	AUTO(buf_wipe) struct buf in = buf_empty(65536);
	AUTO(buf_wipe) struct buf out = buf_empty(SFTP_OUT_LIMIT);
	struct sftp_session session = {0};
	struct sftp_operations operations = pretence();
	struct sftp_server server =
	    sftp_server_over(&operations, &session, SFTP_REQUESTS_ALL, false);

	ck_assert_int_eq(buf_append(&in, BYTES(INIT_3)), ERR_OK);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(buf_append(&in, read), ERR_OK);
	ck_assert_int_eq(sftp_server_run(&server, &in, &out, 2 * SFTP_READ_LIMIT), ERR_LIMIT);
	ck_assert_uint_eq(session.performed, 2);
	ck_assert_int_eq(sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT), ERR_LIMIT);
	ck_assert_uint_le(buf_len(&out), SFTP_OUT_LIMIT);
	ck_assert_uint_ge(buf_len(&out) + REPLY_ROOM, SFTP_OUT_LIMIT);
	while (session.performed < 100) {
		unsigned before = session.performed;

		buf_consume(&out, buf_len(&out));
		ck_assert_int_ne(
		    sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT), ERR_NO_MEMORY);
		ck_assert_uint_gt(session.performed, before);
	}
	ck_assert_uint_eq(buf_len(&in), 0);
}
END_TEST

START_TEST(read_only_refuses_each_request_that_changes)
{
	struct sftp_operations operations = pretence();
	struct sftp_server server = sftp_server_over(&operations, NULL, SFTP_REQUESTS_ALL, true);
	static const char *const changing[] = {"write", "setstat", "fsetstat", "remove", "mkdir",
	    "rmdir", "rename", "symlink", "posix-rename", "hardlink", "fsync", "lsetstat",
	    "copy-data"};
	uint64_t expect = SFTP_REQUESTS_ALL;

	for (size_t i = 0; i < COUNT_OF(changing); i++)
		expect &= ~sftp_request_named(slice_text(changing[i]));
	ck_assert_uint_eq(server.permitted, expect);
}
END_TEST

START_TEST(version_announces_what_is_permitted)
{
	uint64_t permitted =
	    sftp_request_named(LITERAL("limits")) | sftp_request_named(LITERAL("fsync"));
	static const uint8_t both[] = {0, 0, 0, 63, 2, 0, 0, 0, 3, 0, 0, 0, 17, 'f', 's', 'y', 'n',
	    'c', '@', 'o', 'p', 'e', 'n', 's', 's', 'h', '.', 'c', 'o', 'm', 0, 0, 0, 1, '1', 0, 0,
	    0, 18, 'l', 'i', 'm', 'i', 't', 's', '@', 'o', 'p', 'e', 'n', 's', 's', 'h', '.', 'c',
	    'o', 'm', 0, 0, 0, 1, '1'};
	struct sftp_operations operations = pretence();

	for (unsigned is_read_only = 0; is_read_only < 2; is_read_only++) {
		AUTO(buf_wipe) struct buf in = buf_empty(64);
		AUTO(buf_wipe) struct buf out = buf_empty(SFTP_OUT_LIMIT);
		struct sftp_server server =
		    sftp_server_over(&operations, NULL, permitted, is_read_only);

		ck_assert_int_eq(buf_append(&in, BYTES(INIT_3)), ERR_OK);
		ck_assert_int_eq(sftp_server_run(&server, &in, &out, SFTP_OUT_LIMIT), ERR_AGAIN);
		if (is_read_only) /* fsync is gone: 26 bytes less */
			ck_assert_uint_eq(buf_len(&out), sizeof(both) - 26);
		else
			ck_assert_uint_eq(buf_len(&out), sizeof(both));
		if (!is_read_only)
			ck_assert(slice_equal(
			    slice_after(buf_view(&out), 4), slice_after(SLICE_OF(both), 4)));
	}
}
END_TEST

START_TEST(names_of_requests_differ)
{
	for (unsigned kind = 0; kind < SFTP_REQUEST_COUNT; kind++)
		ck_assert_uint_eq(sftp_request_named(slice_text(sftp_request_rows[kind].name)),
		    SFTP_REQUEST_BIT(kind));
	ck_assert_uint_eq(sftp_request_named(LITERAL("")), 0);
	ck_assert_uint_eq(sftp_request_named(LITERAL("Open")), 0);
}
END_TEST

SUITE("server", LOOP_TEST(run_takes_whole_packets, COUNT_OF(streams)),
    LOOP_TEST(each_request_has_its_answer, COUNT_OF(answers)), TEST(a_request_comes_byte_by_byte),
    TEST(replies_stop_where_out_is_full), TEST(read_only_refuses_each_request_that_changes),
    TEST(version_announces_what_is_permitted), TEST(names_of_requests_differ))
