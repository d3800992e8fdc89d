#include "sshd/wire/messages_sftp.h"
#include "tests/support/suite.h"

static const struct {
	const char *why;
	struct slice wire;
	enum err expect;
} packets[] = {
    {"one byte of a length", BYTES(0), ERR_AGAIN},
    {"half a length", BYTES(0, 0, 0), ERR_AGAIN},
    {"no content yet", BYTES(0, 0, 0, 2), ERR_AGAIN},
    {"half the content", BYTES(0, 0, 0, 2, 1), ERR_AGAIN},
    {"empty packet", BYTES(0, 0, 0, 0, 1, 2), ERR_TRUNCATED},
    {"one byte past the limit", BYTES(0, 4, 0, 1, 1), ERR_TOO_LONG},
    {"absurd length", BYTES(0xff, 0xff, 0xff, 0xff, 1), ERR_TOO_LONG},
    {"whole, with the next behind", BYTES(0, 0, 0, 2, 7, 8, 9), ERR_OK},
};

START_TEST(packet_next_checks_lengths)
{
	struct slice bytes = packets[_i].wire;
	struct slice packet = LITERAL("untouched");
	enum err got = sftp_packet_next(&bytes, &packet);

	ck_assert_msg(got == packets[_i].expect, "%s: got %s", packets[_i].why, err_name(got));
	if (got == ERR_OK) {
		ck_assert(slice_equal(packet, BYTES(7, 8)));
		ck_assert(slice_equal(bytes, BYTES(9)));
	} else {
		ck_assert(slice_is(packet, "untouched"));
		ck_assert(slice_equal(bytes, packets[_i].wire));
	}
}
END_TEST

START_TEST(packet_missing_tells_the_rest)
{
	ck_assert_uint_eq(sftp_packet_missing(BYTES(0, 4, 0)), 0);
	ck_assert_uint_eq(sftp_packet_missing(BYTES(0, 4, 0, 0, 1)), SFTP_PACKET_LIMIT - 1);
	ck_assert_uint_eq(sftp_packet_missing(BYTES(0, 4, 0, 1, 1)), 0);
	ck_assert_uint_eq(sftp_packet_missing(BYTES(0, 0, 0, 1, 1, 2)), 0);
}
END_TEST

#define PATH_A     0, 0, 0, 1, 'a'
#define PATH_B     0, 0, 0, 1, 'b'
#define HANDLE     0, 0, 0, 2, 'h', 'h'
#define NO_ATTRS   0, 0, 0, 0
#define OFFSET     0, 0, 0, 0, 0, 0, 0, 9
#define LENGTH_64  0, 0, 0, 0, 0, 0, 0, 5
#define LENGTH_32  0, 0, 0, 5
#define HASH_NAMES 0, 0, 0, 1, 'x'

static const struct {
	const char *why;
	sftp_parser *parse;
	struct slice wire;
	enum err expect;
} parses[] = {
    {"path missing", sftp_parse_path, BYTES(0, 0, 0, 2, 'a'), ERR_TRUNCATED},
    {"zero byte inside a path", sftp_parse_path, BYTES(0, 0, 0, 3, 'a', 0, 'b'), ERR_MALFORMED},
    {"two zero bytes behind a path", sftp_parse_path, BYTES(0, 0, 0, 3, 'a', 0, 0), ERR_MALFORMED},
    {"path past the limit", sftp_parse_path, BYTES(0, 0, 0x10, 1, 'a'), ERR_TOO_LONG},
    {"path", sftp_parse_path, BYTES(PATH_A), ERR_OK},
    {"path with the end of a C string", sftp_parse_path, BYTES(0, 0, 0, 2, 'a', 0), ERR_OK},
    {"bytes behind are ignored", sftp_parse_path, BYTES(PATH_A, 1, 2, 3), ERR_OK},
    {"second path missing", sftp_parse_paths, BYTES(PATH_A, 0, 0), ERR_TRUNCATED},
    {"zero byte in the second path", sftp_parse_paths, BYTES(PATH_A, 0, 0, 0, 2, 0, 'b'),
        ERR_MALFORMED},
    {"two paths", sftp_parse_paths, BYTES(PATH_A, PATH_B), ERR_OK},
    {"attributes missing", sftp_parse_path_attributes, BYTES(PATH_A, 0, 0), ERR_TRUNCATED},
    {"size cut off", sftp_parse_path_attributes, BYTES(PATH_A, 0, 0, 0, 1, 0, 0, 0), ERR_TRUNCATED},
    {"more extended attributes than bytes", sftp_parse_path_attributes,
        BYTES(PATH_A, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, PATH_A, PATH_B), ERR_TRUNCATED},
    {"extended attributes skipped", sftp_parse_path_attributes,
        BYTES(PATH_A, 0x80, 0, 0, 0, 0, 0, 0, 1, PATH_A, PATH_B), ERR_OK},
    {"path and no attributes", sftp_parse_path_attributes, BYTES(PATH_A, NO_ATTRS), ERR_OK},
    {"handle past the limit", sftp_parse_handle, BYTES(0, 0, 1, 1, 'h'), ERR_TOO_LONG},
    {"handle", sftp_parse_handle, BYTES(HANDLE), ERR_OK},
    {"handle without attributes", sftp_parse_handle_attributes, BYTES(HANDLE), ERR_TRUNCATED},
    {"handle and attributes", sftp_parse_handle_attributes, BYTES(HANDLE, NO_ATTRS), ERR_OK},
    {"open without flags", sftp_parse_open, BYTES(PATH_A), ERR_TRUNCATED},
    {"open", sftp_parse_open, BYTES(PATH_A, 0, 0, 0, 9, NO_ATTRS), ERR_OK},
    {"read without length", sftp_parse_read, BYTES(HANDLE, OFFSET, 0, 0), ERR_TRUNCATED},
    {"read", sftp_parse_read, BYTES(HANDLE, OFFSET, LENGTH_32), ERR_OK},
    {"write of data cut off", sftp_parse_write, BYTES(HANDLE, OFFSET, LENGTH_32, 'd'),
        ERR_TRUNCATED},
    {"write", sftp_parse_write, BYTES(HANDLE, OFFSET, PATH_A), ERR_OK},
    {"copy without target offset", sftp_parse_copy, BYTES(HANDLE, OFFSET, LENGTH_64, HANDLE),
        ERR_TRUNCATED},
    {"copy", sftp_parse_copy, BYTES(HANDLE, OFFSET, LENGTH_64, HANDLE, OFFSET), ERR_OK},
    {"user name past the limit", sftp_parse_user, BYTES(0, 0, 1, 1, 'u'), ERR_TOO_LONG},
    {"empty user name", sftp_parse_user, BYTES(0, 0, 0, 0), ERR_OK},
    {"ids of three bytes", sftp_parse_ids, BYTES(0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0), ERR_MALFORMED},
    {"gids of three bytes", sftp_parse_ids, BYTES(0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3), ERR_MALFORMED},
    {"ids", sftp_parse_ids, BYTES(0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0), ERR_OK},
    {"hash without block size", sftp_parse_hash_handle,
        BYTES(HANDLE, HASH_NAMES, OFFSET, LENGTH_64), ERR_TRUNCATED},
    {"hash of a handle", sftp_parse_hash_handle,
        BYTES(HANDLE, HASH_NAMES, OFFSET, LENGTH_64, LENGTH_32), ERR_OK},
    {"hash names past the limit", sftp_parse_hash_path, BYTES(PATH_A, 0, 0, 4, 1, 'x'),
        ERR_TOO_LONG},
    {"hash of a path", sftp_parse_hash_path,
        BYTES(PATH_A, HASH_NAMES, OFFSET, LENGTH_64, LENGTH_32), ERR_OK},
    {"no fields", sftp_parse_nothing, BYTES(1), ERR_OK},
};

START_TEST(parsers_check_their_fields)
{
	struct reader r = reader_over(parses[_i].wire);
	struct sftp_request request = {0};

	parses[_i].parse(&r, &request);
	ck_assert_msg(r.err == parses[_i].expect, "%s: got %s", parses[_i].why, err_name(r.err));
	if (r.err != ERR_OK)
		return;
	ck_assert(request.path.len == 0 || slice_is(request.path, "a"));
	ck_assert(request.target.len == 0 || slice_is(request.target, "b"));
	ck_assert(request.handle.len == 0 || slice_is(request.handle, "hh"));
	ck_assert(request.target_handle.len == 0 || slice_is(request.target_handle, "hh"));
	ck_assert(request.data.len == 0 || slice_is(request.data, "a"));
	ck_assert(request.offset == 0 || request.offset == 9);
	ck_assert(request.target_offset == 0 || request.target_offset == 9);
	ck_assert(request.length == 0 || request.length == 5);
}
END_TEST

START_TEST(attributes_come_back_as_written)
{
	const struct sftp_attributes written = {
	    .flags = 0x0f,
	    .size = UINT64_C(0x123456789abc),
	    .uid = 1,
	    .gid = 2,
	    .permissions = 0100644,
	    .atime = 3,
	    .mtime = 4,
	};
	uint8_t bytes[SFTP_ATTRIBUTES_ROOM];

	for (uint32_t flags = 0; flags < 0x10; flags++) {
		struct sftp_attributes expect = {.flags = flags}, in = written;
		struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
		struct reader r;
		struct sftp_attributes back;

		in.flags = flags;
		if (flags & SSH_FILEXFER_ATTR_SIZE)
			expect.size = written.size;
		if (flags & SSH_FILEXFER_ATTR_UIDGID)
			expect.uid = written.uid, expect.gid = written.gid;
		if (flags & SSH_FILEXFER_ATTR_PERMISSIONS)
			expect.permissions = written.permissions;
		if (flags & SSH_FILEXFER_ATTR_ACMODTIME)
			expect.atime = written.atime, expect.mtime = written.mtime;
		sftp_attributes_write(&w, &in);
		r = reader_over(writer_view(&w));
		back = sftp_attributes_read(&r);
		ck_assert_int_eq(reader_finish(&r), ERR_OK);
		ck_assert(slice_equal(
		    SLICE_OF(((uint32_t[]){back.flags, back.uid, back.gid, back.permissions,
		        back.atime, back.mtime, (uint32_t)back.size, (uint32_t)(back.size >> 32)})),
		    SLICE_OF(((uint32_t[]){expect.flags, expect.uid, expect.gid, expect.permissions,
		        expect.atime, expect.mtime, (uint32_t)expect.size,
		        (uint32_t)(expect.size >> 32)}))));
	}
}
END_TEST

START_TEST(every_status_has_a_text)
{
	for (int status = SSH_FX_OK; status <= SSH_FX_OP_UNSUPPORTED; status++)
		ck_assert_str_ne(sftp_status_text((enum sftp_status)status), "Unknown error");
	ck_assert_str_eq(sftp_status_text((enum sftp_status)9), "Unknown error");
}
END_TEST

SUITE("messages_sftp", LOOP_TEST(packet_next_checks_lengths, COUNT_OF(packets)),
    TEST(packet_missing_tells_the_rest), LOOP_TEST(parsers_check_their_fields, COUNT_OF(parses)),
    TEST(attributes_come_back_as_written), TEST(every_status_has_a_text))
