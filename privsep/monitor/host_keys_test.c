#include "privsep/monitor/host_keys.h"
#include "sshd/wire/writer.h"
#include "tests/support/suite.h"

static struct slice encode(struct span room)
{
	struct writer w = writer_into(room);

	write_text(&w, "rsa-sha2-512,rsa-sha2-256");
	write_text(&w, "rsa blob");
	write_text(&w, "ssh-ed25519");
	write_text(&w, "ed blob");
	return writer_view(&w);
}

START_TEST(truncated_lists_are_refused)
{
	uint8_t room[256];
	struct slice whole = encode((struct span){room, sizeof(room)});
	struct host_keys keys = {.count = 42};

	for (size_t len = 1; len < whole.len; len++) {
		/* Between two keys it ends well. */
		if (len == 4 + 25 + 4 + 8)
			continue;
		ck_assert_int_eq(host_keys_parse(slice_first(whole, len), &keys), ERR_TRUNCATED);
		ck_assert_uint_eq(keys.count, 42);
	}
	ck_assert_int_eq(host_keys_parse(whole, &keys), ERR_OK);
	ck_assert_uint_eq(keys.count, 2);
}
END_TEST

START_TEST(too_many_keys_are_refused)
{
	uint8_t room[1024] = {0};
	struct host_keys keys;

	ck_assert_int_eq(host_keys_parse(slice_over(room, 8 * HOST_KEYS_LIMIT), &keys), ERR_OK);
	ck_assert_int_eq(host_keys_parse(slice_over(room, 8 * (HOST_KEYS_LIMIT + 1)), &keys), ERR_LIMIT);
}
END_TEST

START_TEST(a_filtered_key_keeps_its_place)
{
	AUTO(buf_wipe) struct buf out = buf_empty(1024);
	uint8_t room[256];
	struct host_keys keys, filtered;

	ck_assert_int_eq(host_keys_parse(encode((struct span){room, sizeof(room)}), &keys), ERR_OK);
	ck_assert_int_eq(host_keys_filter(&keys, LITERAL("ssh-ed25519,rsa-sha2-256,ssh-rsa"), &out), ERR_OK);
	ck_assert_int_eq(host_keys_parse(buf_view(&out), &filtered), ERR_OK);
	ck_assert_uint_eq(filtered.count, 2);
	ck_assert(slice_is(filtered.rows[0].algorithms, "rsa-sha2-256"));
	ck_assert(slice_is(filtered.rows[0].blob, "rsa blob"));
	ck_assert(slice_is(filtered.rows[1].algorithms, "ssh-ed25519"));
	buf_truncate(&out, 0);
	ck_assert_int_eq(host_keys_filter(&keys, LITERAL("ssh-ed25519"), &out), ERR_OK);
	ck_assert_int_eq(host_keys_parse(buf_view(&out), &filtered), ERR_OK);
	ck_assert_uint_eq(filtered.rows[0].algorithms.len, 0);
}
END_TEST

START_TEST(the_offer_keeps_the_configured_order)
{
	AUTO(buf_wipe) struct buf out = buf_empty(1024);
	uint8_t room[256];
	struct host_keys keys;

	ck_assert_int_eq(host_keys_parse(encode((struct span){room, sizeof(room)}), &keys), ERR_OK);
	ck_assert_int_eq(host_keys_algorithms(&keys, LITERAL("ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-256"), &out),
	    ERR_OK);
	ck_assert(slice_is(buf_view(&out), "ssh-ed25519,rsa-sha2-256"));
}
END_TEST

START_TEST(keys_are_found_by_the_whole_blob)
{
	uint8_t room[256];
	struct host_keys keys;

	ck_assert_int_eq(host_keys_parse(encode((struct span){room, sizeof(room)}), &keys), ERR_OK);
	ck_assert_ptr_null(host_key_of_blob(&keys, LITERAL("rsa blo")));
	ck_assert_ptr_null(host_key_of_blob(&keys, LITERAL("")));
	ck_assert_ptr_eq(host_key_of_blob(&keys, LITERAL("ed blob")), &keys.rows[1]);
}
END_TEST

SUITE("host_keys", TEST(truncated_lists_are_refused), TEST(too_many_keys_are_refused),
    TEST(a_filtered_key_keeps_its_place), TEST(the_offer_keeps_the_configured_order),
    TEST(keys_are_found_by_the_whole_blob))
