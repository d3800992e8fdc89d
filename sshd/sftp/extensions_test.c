/* The extensions, and the work that takes long. */
#include "sshd/sftp/test_client.h"

#include <sys/resource.h>

#include "tests/support/suite.h"

START_TEST(copy_data_copies)
{
	SESSION(scratch, client);
	struct name from, to, append;

	client_start(&client, NULL);
	from = open_file(&client, "file", SSH_FXF_READ);
	to = open_file(&client, "copy", SSH_FXF_READ | SSH_FXF_WRITE | SSH_FXF_CREAT);
#define COPY(from, at, len, to, where)                                                             \
	ask_extended(                                                                              \
	    &client, "copy-data", HANDLE(from), U64(at), U64(len), HANDLE(to), U64(where))         \
	    .status
	ck_assert_uint_eq(COPY(from, 0, 0, from, 9), SSH_FX_FAILURE);
	ck_assert_uint_eq(
	    COPY(to, 0, 0, from, 0), SSH_FX_OK); /* nothing to copy, nothing refused */
	ck_assert_uint_eq(COPY(from, 0, 0, to, 0), SSH_FX_OK);
	ck_assert_str_eq(content_of("copy"), "content");
	ck_assert_uint_eq(COPY(from, 3, 2, to, 7), SSH_FX_OK);
	ck_assert_str_eq(content_of("copy"), "contentte");
	ck_assert_uint_eq(COPY(to, 0, 0, from, 0), SSH_FX_NO_SUCH_FILE); /* not open for writing */
	/* Two handles of one file: its end would run away from the reader. */
	append = open_file(&client, "file", SSH_FXF_WRITE | SSH_FXF_APPEND);
	ck_assert_uint_eq(COPY(from, 0, 0, append, 0), SSH_FX_FAILURE);
	append = open_file(&client, "copy", SSH_FXF_WRITE | SSH_FXF_APPEND);
	ck_assert_uint_eq(COPY(from, 0, 100, append, 0), SSH_FX_OK);
	ck_assert_str_eq(content_of("copy"), "contenttecontent");
#undef COPY
}
END_TEST

#define LONG_WORK (48u << 20)

/* Reads what is in `out` as replies; their ids. */
static size_t ids_of(struct client *client, uint32_t ids[16])
{
	struct slice bytes = buf_view(&client->out), packet;
	size_t count = 0;

	while (count < 16 && sftp_packet_next(&bytes, &packet) == ERR_OK) {
		struct reader r = reader_over(packet);

		read_byte(&r);
		ids[count++] = read_u32(&r);
	}
	buf_consume(&client->out, buf_len(&client->out));
	return count;
}

#define SEND(client, type, ...)                                                                    \
	client_send((client), (type), (const struct field[]){__VA_ARGS__},                         \
	    COUNT_OF(((const struct field[]){__VA_ARGS__})))
#define CHECK(name) STR("check-file-handle"), HANDLE(name), STR("sha256"), U64(0), U64(0), U32(0)

START_TEST(long_work_lets_others_pass)
{
	uint32_t ids[16];
	unsigned slices = 0;
	SESSION(scratch, client);
	struct name large, file;

	client_start(&client, NULL);
	ck_assert_int_eq(truncate("file", LONG_WORK), 0);
	large = open_file(&client, "file", SSH_FXF_READ);
	file = open_file(&client, "dir/inner", SSH_FXF_READ);
	buf_consume(&client.out, buf_len(&client.out));
	client.id = 100;
	SEND(&client, SSH_FXP_EXTENDED, CHECK(large));               /* 101 */
	SEND(&client, READ, HANDLE(file), U64(0), U32(10));          /* 102: another file */
	SEND(&client, STAT, STR("file"));                            /* 103 */
	SEND(&client, READ, HANDLE(large), U64(LONG_WORK), U32(10)); /* 104: has to wait for 101 */
	SEND(&client, STAT, STR("dir"));                             /* 105: stands behind it */
	ck_assert_int_eq(
	    sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_LIMIT);
	ck_assert_uint_eq(client.session.jobs.count, 1);
	ck_assert_uint_eq(ids_of(&client, ids), 2);
	ck_assert_uint_eq(ids[0], 102);
	ck_assert_uint_eq(ids[1], 103);
	for (; client.session.jobs.count > 0; slices++) {
		ck_assert_int_eq(
		    sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT),
		    ERR_LIMIT);
		ck_assert_uint_eq(buf_len(&client.out), 0);
		ck_assert_int_eq(sftp_jobs_work(&client.session, &client.out), ERR_OK);
	}
	ck_assert_uint_ge(slices, 2);
	ck_assert_int_eq(
	    sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_AGAIN);
	ck_assert_uint_eq(ids_of(&client, ids), 3);
	ck_assert_uint_eq(ids[0], 101);
	ck_assert_uint_eq(ids[1], 104);
	ck_assert_uint_eq(ids[2], 105);
}
END_TEST

START_TEST(so_many_jobs_and_no_more)
{
	uint32_t ids[16];
	SESSION(scratch, client);
	struct name names[SFTP_JOB_LIMIT + 1];

	client_start(&client, NULL);
	ck_assert_int_eq(truncate("file", LONG_WORK), 0);
	for (unsigned i = 0; i <= SFTP_JOB_LIMIT; i++)
		names[i] = open_file(&client, "file", SSH_FXF_READ);
	buf_consume(&client.out, buf_len(&client.out));
	client.id = 0;
	for (unsigned i = 0; i <= SFTP_JOB_LIMIT; i++)
		SEND(&client, SSH_FXP_EXTENDED, CHECK(names[i]));
	ck_assert_int_eq(
	    sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_LIMIT);
	ck_assert_uint_eq(client.session.jobs.count, SFTP_JOB_LIMIT);
	while (client.session.jobs.count == SFTP_JOB_LIMIT)
		ck_assert_int_eq(sftp_jobs_work(&client.session, &client.out), ERR_OK);
	ck_assert_uint_eq(ids_of(&client, ids), 1);
	ck_assert_int_eq(
	    sftp_server_run(&client.server, &client.in, &client.out, SFTP_OUT_LIMIT), ERR_AGAIN);
	ck_assert_uint_eq(client.session.jobs.count, SFTP_JOB_LIMIT);
	/* And the session ends in the middle of them. */
}
END_TEST

static const struct {
	const char *why;
	const char *request, *path, *hashes;
	uint64_t offset, length;
	uint32_t block_size;
	enum sftp_status
	    status; /* SSH_FX_OK: a reply, of as many bytes behind the name of the hash */
	const char *hash;
	size_t len;
} checks[] = {
    {"no hash that we have", "check-file-name", "file", "md5,sha1", 0, 0, 0, SSH_FX_OP_UNSUPPORTED,
        NULL, 0},
    {"no hash named", "check-file-name", "file", "", 0, 0, 0, SSH_FX_OP_UNSUPPORTED, NULL, 0},
    {"no file", "check-file-name", "none", "sha256", 0, 0, 0, SSH_FX_NO_SUCH_FILE, NULL, 0},
    {"a directory", "check-file-name", "dir", "sha256", 0, 0, 0, SSH_FX_FAILURE, NULL, 0},
    {"behind the end", "check-file-name", "file", "sha256", 6001, 0, 0, SSH_FX_FAILURE, NULL, 0},
    {"blocks too small", "check-file-name", "file", "sha256", 0, 0, 255, SSH_FX_FAILURE, NULL, 0},
    {"too many blocks", "check-file-name", "huge", "sha512", 0, 0, 256, SSH_FX_FAILURE, NULL, 0},
    {"all of it", "check-file-name", "file", "md5,sha512,sha256", 0, 0, 0, SSH_FX_OK, "sha512", 64},
    {"nothing left", "check-file-name", "file", "sha256", 6000, 0, 0, SSH_FX_OK, "sha256", 32},
    {"in blocks", "check-file-name", "file", "sha256", 0, 0, 1000, SSH_FX_OK, "sha256", 6 * 32},
    {"in blocks, the last one short", "check-file-name", "file", "sha224", 0, 0, 1024, SSH_FX_OK,
        "sha224", 6 * 28},
    {"part of it in blocks", "check-file-name", "file", "sha256", 500, 2000, 999, SSH_FX_OK,
        "sha256", 3 * 32},
};

START_TEST(check_file_checks)
{
	SESSION(scratch, client);
	struct answer answer;
	struct reader r;

	client_start(&client, NULL);
	ck_assert_int_eq(truncate("file", 6000), 0);
	scratch_file("huge", "");
	ck_assert_int_eq(truncate("huge", 1 << 20), 0);
	answer =
	    ask_extended(&client, checks[_i].request, STR(checks[_i].path), STR(checks[_i].hashes),
	        U64(checks[_i].offset), U64(checks[_i].length), U32(checks[_i].block_size));
	if (checks[_i].status != SSH_FX_OK) {
		ck_assert_msg(
		    answer.status == checks[_i].status, "%s: %u", checks[_i].why, answer.status);
		return;
	}
	ck_assert_msg(answer.type == SSH_FXP_EXTENDED_REPLY, "%s", checks[_i].why);
	r = reader_over(answer.rest);
	ck_assert(slice_is(read_string(&r, 16), checks[_i].hash));
	ck_assert_uint_eq(r.left.len, checks[_i].len);
}
END_TEST

static enum err find_name(
    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	(void)names;
	if (id == 7)
		return ERR_NOT_FOUND;
	return buf_append_text(name, kind == SFTP_USER_NAME ? "user" : "group");
}

START_TEST(names_of_ids)
{
	static uint8_t many[60000];
	struct sftp_names names = {.find = find_name};
	SESSION(scratch, client);
	struct answer answer;
	struct reader r;

	client.options.names = &names;
	client_start(&client, NULL);
	answer = ask_extended(&client, "users-groups-by-id@openssh.com",
	    BYTES_(BYTES(0, 0, 0, 1, 0, 0, 0, 7)), BYTES_(BYTES(0, 0, 0, 2)));
	r = reader_over(answer.rest);
	ck_assert(
	    slice_equal(read_string(&r, 100), BYTES(0, 0, 0, 4, 'u', 's', 'e', 'r', 0, 0, 0, 0)));
	ck_assert(slice_equal(read_string(&r, 100), BYTES(0, 0, 0, 5, 'g', 'r', 'o', 'u', 'p')));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
	answer = ask_extended(&client, "users-groups-by-id@openssh.com", BYTES_(BYTES(0, 0, 1)),
	    BYTES_(BYTES(0, 0, 0, 2)));
	ck_assert_uint_eq(answer.status, SSH_FX_BAD_MESSAGE);
	answer = ask_extended(&client, "users-groups-by-id@openssh.com", BYTES_(SLICE_OF(many)),
	    BYTES_(SLICE_OF(many)));
	ck_assert_uint_eq(answer.type, SSH_FXP_EXTENDED_REPLY);
}
END_TEST

START_TEST(more_names_than_a_reply_holds)
{
	static uint8_t many[160000];
	struct sftp_names names = {.find = find_name};
	SESSION(scratch, client);

	client.options.names = &names;
	client_start(&client, NULL);
	ck_assert_uint_eq(ask_extended(&client, "users-groups-by-id@openssh.com",
	                      BYTES_(SLICE_OF(many)), BYTES_((struct slice){0}))
	                      .status,
	    SSH_FX_FAILURE);
	ck_assert_uint_eq(ask(&client, STAT, STR("file")).type, SSH_FXP_ATTRS);
}
END_TEST

START_TEST(limits_are_announced)
{
	const uint64_t expect[] = {262144, 261120, 261120, 0};
	SESSION(scratch, client);
	struct rlimit limit = {0};
	struct reader r;

	client_start(&client, NULL);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	r = reader_over(ask_extended(&client, "limits@openssh.com", STR("ignored")).rest);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq(read_u64(&r), expect[i]);
	ck_assert_uint_eq(read_u64(&r), sftp_handles_limit_for(limit.rlim_cur));
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
}
END_TEST

SUITE("extensions", TEST(copy_data_copies), TEST(long_work_lets_others_pass),
    TEST(so_many_jobs_and_no_more), LOOP_TEST(check_file_checks, COUNT_OF(checks)),
    TEST(names_of_ids), TEST(more_names_than_a_reply_holds), TEST(limits_are_announced))
