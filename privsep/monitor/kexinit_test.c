#include "privsep/monitor/kexinit.h"
#include "sshd/wire/reader.h"
#include "tests/support/suite.h"

static const struct kexinit_lists lists = {
    .kex = {(const uint8_t *)"kex1,kex2", 9},
    .host_key = {(const uint8_t *)"host1", 5},
    .ciphers = {(const uint8_t *)"cipher1", 7},
    .macs = {(const uint8_t *)"mac1", 4},
    .compression = {(const uint8_t *)"none", 4},
};

static const uint8_t cookie[COOKIE_LEN] = "0123456789abcde";

/* RFC 4253, section 7.1. */
static void expect_payload(bool is_first, const char *kex)
{
	uint8_t room[1024];
	struct writer w = writer_into((struct span){room, sizeof(room)});
	struct reader r;

	ck_assert_int_eq(kexinit_write(&lists, SLICE_OF(cookie), is_first, &w), ERR_OK);
	r = reader_over(writer_view(&w));
	ck_assert_uint_eq(read_byte(&r), 20);
	ck_assert(slice_equal(read_bytes(&r, COOKIE_LEN), SLICE_OF(cookie)));
	ck_assert(slice_is(read_string(&r, 255), kex));
	ck_assert(slice_is(read_string(&r, 255), "host1"));
	for (int i = 0; i < 2; i++)
		ck_assert(slice_is(read_string(&r, 255), "cipher1"));
	for (int i = 0; i < 2; i++)
		ck_assert(slice_is(read_string(&r, 255), "mac1"));
	for (int i = 0; i < 2; i++)
		ck_assert(slice_is(read_string(&r, 255), "none"));
	for (int i = 0; i < 2; i++)
		ck_assert(slice_is(read_string(&r, 255), ""));
	ck_assert(!read_boolean(&r));
	ck_assert_uint_eq(read_u32(&r), 0);
	ck_assert_int_eq(reader_finish(&r), ERR_OK);
}

START_TEST(the_markers_are_in_the_first_one_only)
{
	expect_payload(true, "kex1,kex2,ext-info-s,kex-strict-s-v00@openssh.com");
	expect_payload(false, "kex1,kex2");
}
END_TEST

START_TEST(a_cookie_has_sixteen_bytes_and_the_room_an_end)
{
	uint8_t room[1024];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	ck_assert_int_eq(kexinit_write(&lists, slice_over(cookie, 15), true, &w), ERR_RANGE);
	w = writer_into((struct span){room, 100});
	ck_assert_int_eq(kexinit_write(&lists, SLICE_OF(cookie), true, &w), ERR_LIMIT);
}
END_TEST

SUITE("kexinit", TEST(the_markers_are_in_the_first_one_only),
    TEST(a_cookie_has_sixteen_bytes_and_the_room_an_end))
