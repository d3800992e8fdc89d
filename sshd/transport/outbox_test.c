#include <stdlib.h>

#include "sshd/transport/outbox.h"
#include "tests/support/suite.h"

START_TEST(buffers_move_only_when_they_must)
{
	struct stream_buffer buffer = stream_buffer_empty(65536);
	struct span room;

	ck_assert_uint_eq(stream_buffer_content(&buffer).len, 0);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 65537, &room), ERR_LIMIT);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 40000, &room), ERR_OK);
	memset(room.ptr, 1, 40000);
	stream_buffer_commit(&buffer, 40000);
	stream_buffer_consume(&buffer, 30000);
	ck_assert_uint_eq(buffer.start, 30000);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 20000, &room), ERR_OK);
	ck_assert_uint_eq(buffer.start, 30000);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 30000, &room), ERR_OK);
	ck_assert_uint_eq(buffer.start, 0);
	ck_assert_uint_eq(stream_buffer_len(&buffer), 10000);
	ck_assert_uint_eq(stream_buffer_content(&buffer).ptr[9999], 1);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 55537, &room), ERR_LIMIT);
	stream_buffer_consume(&buffer, 10000);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 65536, &room), ERR_OK);
	ck_assert_uint_eq(buffer.start, 0);
	ck_assert_uint_eq(buffer.touched, 40000);
	stream_buffer_wipe(&buffer);
	ck_assert_ptr_null(buffer.data);
	ck_assert_int_eq(stream_buffer_reserve(&buffer, 65536, &room), ERR_OK);
	stream_buffer_wipe(&buffer);
}
END_TEST

START_TEST(boundaries_part_writes)
{
	struct outbox out;
	bool is_boundary;

	outbox_init(&out);
	ck_assert_uint_eq(outbox_view(&out, &is_boundary).len, 0);
	ck_assert(!is_boundary);
	ck_assert_int_eq(outbox_raw(&out, LITERAL("one")), ERR_OK);
	outbox_mark_boundary(&out, 3);
	ck_assert(slice_is(outbox_view(&out, &is_boundary), "one"));
	ck_assert(!is_boundary); /* nothing behind it yet */
	ck_assert_int_eq(outbox_raw(&out, LITERAL("two")), ERR_OK);
	ck_assert(slice_is(outbox_view(&out, &is_boundary), "one"));
	ck_assert(is_boundary);
	outbox_consume(&out, 2); /* a short write */
	ck_assert(slice_is(outbox_view(&out, &is_boundary), "e"));
	ck_assert(is_boundary);
	outbox_consume(&out, 1);
	ck_assert(slice_is(outbox_view(&out, &is_boundary), "two"));
	ck_assert(!is_boundary);
	outbox_wipe(&out);
}
END_TEST

START_TEST(too_much_output_is_refused)
{
	uint8_t *payload = calloc(1, PACKET_LENGTH_LIMIT + 1);
	struct outbox out;
	struct span room;
	size_t count = 0;
	enum err err = ERR_OK;

	payload[0] = 94;
	outbox_init(&out);
	ck_assert_int_eq(outbox_begin(&out, false, PACKET_LENGTH_LIMIT + 1, &room), ERR_LIMIT);
	ck_assert_int_eq(outbox_begin(&out, true, PACKET_LENGTH_LIMIT + 1, &room), ERR_LIMIT);
	ck_assert_int_eq(
	    outbox_send(&out, slice_over(payload, PACKET_LENGTH_LIMIT + 1)), ERR_LIMIT);
	while (err == ERR_OK && count++ < 1000)
		err = outbox_send(&out, slice_over(payload, 10000));
	ck_assert_int_eq(err, ERR_LIMIT);
	ck_assert_uint_eq(count - 1, OUTBOX_LIMIT / 10024);
	free(payload);
	outbox_wipe(&out);
}
END_TEST

/* Held payloads leave in order; those that may not be held leave at once. */
START_TEST(held_payloads_keep_their_order)
{
	struct outbox out;
	struct span room;

	outbox_init(&out);
	for (uint8_t number = 90; number < 93; number++) {
		ck_assert_int_eq(outbox_begin(&out, true, 100, &room), ERR_OK);
		ck_assert_uint_ge(room.len, 100);
		room.ptr[0] = number;
		ck_assert_int_eq(outbox_end(&out, number - 80u), ERR_OK);
	}
	ck_assert_uint_eq(outbox_len(&out), 0);
	ck_assert_int_eq(outbox_begin(&out, true, 100, &room), ERR_OK);
	room.ptr[0] = 1;
	ck_assert_int_eq(outbox_end(&out, 1), ERR_OK);
	ck_assert_uint_eq(outbox_len(&out), 16);
	ck_assert_uint_eq(outbox_view(&out, NULL).ptr[PACKET_HEADER_LEN], 1);
	outbox_consume(&out, 16);
	ck_assert_int_eq(outbox_release_held(&out), ERR_OK);
	for (uint8_t number = 90; number < 93; number++) {
		struct slice bytes = outbox_view(&out, NULL);

		ck_assert_uint_eq(bytes.ptr[PACKET_HEADER_LEN], number);
		outbox_consume(&out, 4 + packet_get_u32(bytes.ptr));
	}
	ck_assert_uint_eq(outbox_len(&out), 0);
	outbox_wipe(&out);
}
END_TEST

SUITE("outbox", TEST(buffers_move_only_when_they_must), TEST(boundaries_part_writes),
    TEST(too_much_output_is_refused), TEST(held_payloads_keep_their_order))
