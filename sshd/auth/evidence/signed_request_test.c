#include "sshd/auth/evidence/signed_request.h"
#include "sshd/wire/reader.h"
#include "tests/support/suite.h"

static const struct signed_request complete = {
    .session_id = {(const uint8_t *)"0123456789abcdef0123", 20},
    .user = {(const uint8_t *)"alice", 5},
    .algorithm = {(const uint8_t *)"ssh-ed25519", 11},
    .key_blob = {(const uint8_t *)"the blob", 8},
    .host_key = {(const uint8_t *)"the host key", 12},
};

/* RFC 4252, section 7, byte for byte. */
START_TEST(the_layout_is_that_of_the_rfc)
{
	static const uint8_t expect[] =
	    "\0\0\0\x14" "0123456789abcdef0123"
	    "\x32"
	    "\0\0\0\x05" "alice"
	    "\0\0\0\x0e" "ssh-connection"
	    "\0\0\0\x09" "publickey"
	    "\x01"
	    "\0\0\0\x0b" "ssh-ed25519"
	    "\0\0\0\x08" "the blob";
	uint8_t room[512];
	struct slice data;

	ck_assert_int_eq(signed_request_build(&complete, (struct span){room, sizeof(room)}, &data), ERR_OK);
	ck_assert(slice_equal(data, slice_over(expect, sizeof(expect) - 1)));
}
END_TEST

START_TEST(the_host_bound_form_ends_with_the_host_key)
{
	struct signed_request request = complete;
	uint8_t plain_room[512], room[512];
	struct slice plain, data;

	request.is_hostbound = true;
	ck_assert_int_eq(signed_request_build(&complete, (struct span){plain_room, sizeof(plain_room)}, &plain),
	    ERR_OK);
	ck_assert_int_eq(signed_request_build(&request, (struct span){room, sizeof(room)}, &data), ERR_OK);
	/* A longer method name, and the string of the host key. */
	ck_assert_uint_eq(data.len, plain.len + strlen("publickey-hostbound-v00@openssh.com") -
		strlen("publickey") + 4 + 12);
	ck_assert(slice_is(slice_after(data, data.len - 12), "the host key"));
}
END_TEST

START_TEST(a_missing_fact_signs_nothing)
{
	struct slice none = {0}, data = LITERAL("untouched");
	uint8_t room[512];

	for (int i = 0; i < 4; i++) {
		struct signed_request request = complete;

		request.is_hostbound = true;
		*(struct slice *[]){&request.session_id, &request.user, &request.key_blob, &request.host_key}[i] =
		    none;
		ck_assert_int_eq(signed_request_build(&request, (struct span){room, sizeof(room)}, &data),
		    ERR_RANGE);
		ck_assert(slice_is(data, "untouched"));
	}
}
END_TEST

START_TEST(too_small_a_room_is_an_error)
{
	uint8_t room[512];
	struct slice data;
	size_t needed;

	ck_assert_int_eq(signed_request_build(&complete, (struct span){room, sizeof(room)}, &data), ERR_OK);
	needed = data.len;
	for (size_t size = 0; size < needed; size++)
		ck_assert_int_eq(signed_request_build(&complete, (struct span){room, size}, &data), ERR_LIMIT);
}
END_TEST

SUITE("signed_request", TEST(the_layout_is_that_of_the_rfc), TEST(the_host_bound_form_ends_with_the_host_key),
    TEST(a_missing_fact_signs_nothing), TEST(too_small_a_room_is_an_error))
