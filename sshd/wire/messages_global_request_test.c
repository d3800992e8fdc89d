#include "sshd/wire/messages_global_request.h"

#include "tests/support/suite.h"

START_TEST(tcpip_forward)
{
	const struct slice wire = BYTES(0, 0, 0, 1, 'a', 0, 1, 0, 0);
	const uint8_t longer[10] = {0, 0, 0, 1, 'a', 0, 1, 0, 0, 0};
	struct global_tcpip forward = {.port = 4242};
	uint8_t room[16];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	for (size_t len = 0; len < wire.len; len++)
		ck_assert_int_eq(
		    global_tcpip_parse(slice_first(wire, len), &forward), ERR_TRUNCATED);
	ck_assert_int_eq(global_tcpip_parse(SLICE_OF(longer), &forward), ERR_TRAILING);
	ck_assert_uint_eq(forward.port, 4242);
	ck_assert_int_eq(global_tcpip_parse(wire, &forward), ERR_OK);
	ck_assert(slice_is(forward.address, "a"));
	ck_assert_uint_eq(forward.port, 65536);
	global_tcpip_encode(&w, &forward);
	ck_assert(slice_equal(writer_view(&w), wire));
}
END_TEST

START_TEST(tcpip_forward_port)
{
	uint8_t room[4];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	uint32_t port = 1;

	ck_assert_int_eq(global_tcpip_port_parse(BYTES(0, 0, 1), &port), ERR_TRUNCATED);
	ck_assert_int_eq(global_tcpip_port_parse(BYTES(0, 0, 0, 1, 0), &port), ERR_TRAILING);
	ck_assert_uint_eq(port, 1);
	global_tcpip_port_encode(&w, 40000);
	ck_assert_int_eq(global_tcpip_port_parse(writer_view(&w), &port), ERR_OK);
	ck_assert_uint_eq(port, 40000);
}
END_TEST

START_TEST(streamlocal_forward)
{
	const struct slice wire = BYTES(0, 0, 0, 2, '/', 's');
	struct slice path = LITERAL("kept");
	uint8_t room[16];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	for (size_t len = 0; len < wire.len; len++)
		ck_assert_int_eq(
		    global_streamlocal_parse(slice_first(wire, len), &path), ERR_TRUNCATED);
	ck_assert_int_eq(global_streamlocal_parse(BYTES(0, 0, 0, 0, 0), &path), ERR_TRAILING);
	ck_assert(slice_is(path, "kept"));
	ck_assert_int_eq(global_streamlocal_parse(wire, &path), ERR_OK);
	ck_assert(slice_is(path, "/s"));
	global_streamlocal_encode(&w, path);
	ck_assert(slice_equal(writer_view(&w), wire));
	ck_assert_int_eq(global_nothing_parse(BYTES(0)), ERR_TRAILING);
	ck_assert_int_eq(global_nothing_parse(BYTES()), ERR_OK);
}
END_TEST

static const struct {
	const char *why;
	struct slice fields;
	enum err expect;
	uint32_t count;
} strings[] = {
    {"a length cut short", BYTES(0, 0, 0), ERR_TRUNCATED, 0},
    {"a string cut short", BYTES(0, 0, 0, 1, 'a', 0, 0, 0, 2, 'b'), ERR_TRUNCATED, 0},
    {"a length past everything", BYTES(0xff, 0xff, 0xff, 0xff), ERR_TOO_LONG, 0},
    {"three of at most two", BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), ERR_RANGE, 0},
    {"none", BYTES(), ERR_OK, 0},
    {"two", BYTES(0, 0, 0, 1, 'a', 0, 0, 0, 2, 'b', 'c'), ERR_OK, 2},
};

START_TEST(strings_are_counted)
{
	struct global_strings got = {.count = 4242};
	enum err err = global_strings_parse(strings[_i].fields, 2, &got);
	struct slice string;

	ck_assert_msg(err == strings[_i].expect, "%s: got %s", strings[_i].why, err_name(err));
	ck_assert_uint_eq(got.count, err == ERR_OK ? strings[_i].count : 4242);
	if (err != ERR_OK || got.count == 0)
		return;
	ck_assert(global_strings_next(&got, &string) && slice_is(string, "a"));
	ck_assert(global_strings_next(&got, &string) && slice_is(string, "bc"));
	ck_assert(!global_strings_next(&got, &string));
	ck_assert_uint_eq(got.count, 0);
}
END_TEST

SUITE("messages_global_request", TEST(tcpip_forward), TEST(tcpip_forward_port),
    TEST(streamlocal_forward), LOOP_TEST(strings_are_counted, COUNT_OF(strings)))
