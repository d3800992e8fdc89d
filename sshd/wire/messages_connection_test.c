#include "sshd/wire/messages_connection.h"

#include "tests/support/suite.h"

static uint8_t room[1024];

static struct writer fresh(void)
{
	return writer_into((struct span){room, sizeof(room)});
}

/*
 * One message: the exact bytes (RFC 4254), what comes of too few or too many, and whether
 * parse and encode agree. `open_ended`: the message ends in fields of any length.
 */
enum message {
	GLOBAL_REQUEST,
	REQUEST_SUCCESS,
	REQUEST_FAILURE,
	OPEN,
	CONFIRMATION,
	FAILURE,
	ADJUST,
	DATA,
	EXTENDED_DATA,
	NOTICE,
	REQUEST,
};

static enum err parse_and_encode(enum message message, struct slice payload, struct writer *w)
{
	struct global_request global_request;
	struct channel_open open;
	struct channel_open_confirmation confirmation;
	struct channel_open_failure failure;
	struct channel_window_adjust adjust;
	struct channel_data data;
	struct channel_extended_data extended;
	struct channel_request request;
	struct slice rest;
	uint32_t channel;

	switch (message) {
	case GLOBAL_REQUEST:
		TRY(global_request_parse(payload, &global_request));
		global_request_encode(w, &global_request);
		break;
	case REQUEST_SUCCESS:
		TRY(request_success_parse(payload, &rest));
		request_success_encode(w, rest);
		break;
	case REQUEST_FAILURE:
		TRY(request_failure_parse(payload));
		request_failure_encode(w);
		break;
	case OPEN:
		TRY(channel_open_parse(payload, &open));
		channel_open_encode(w, &open);
		break;
	case CONFIRMATION:
		TRY(channel_open_confirmation_parse(payload, &confirmation));
		channel_open_confirmation_encode(w, &confirmation);
		break;
	case FAILURE:
		TRY(channel_open_failure_parse(payload, &failure));
		channel_open_failure_encode(w, &failure);
		break;
	case ADJUST:
		TRY(channel_window_adjust_parse(payload, &adjust));
		channel_window_adjust_encode(w, &adjust);
		break;
	case DATA:
		TRY(channel_data_parse(payload, &data));
		channel_data_encode(w, &data);
		break;
	case EXTENDED_DATA:
		TRY(channel_extended_data_parse(payload, &extended));
		channel_extended_data_encode(w, &extended);
		break;
	case NOTICE:
		TRY(channel_notice_parse(payload, 97, &channel));
		channel_notice_encode(w, 97, channel);
		break;
	case REQUEST:
		TRY(channel_request_parse(payload, &request));
		channel_request_encode(w, &request);
		break;
	}
	return ERR_OK;
}

static const struct {
	enum message message;
	struct slice wire;
	size_t least; /* bytes below which it is cut off; else its end is open */
} messages[] = {
    {GLOBAL_REQUEST, BYTES(80, 0, 0, 0, 1, 'n', 1, 'x', 'y'), 7},
    {REQUEST_SUCCESS, BYTES(81, 0, 0, 0, 22), 1},
    {REQUEST_FAILURE, BYTES(82), 1},
    {OPEN, BYTES(90, 0, 0, 0, 1, 't', 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 'x'), 18},
    {CONFIRMATION, BYTES(91, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 'x'), 17},
    {FAILURE, BYTES(92, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 'n', 0, 0, 0, 0), 18},
    {ADJUST, BYTES(93, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff), 9},
    {DATA, BYTES(94, 0, 0, 0, 1, 0, 0, 0, 2, 'h', 'i'), 11},
    {EXTENDED_DATA, BYTES(95, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 'h', 'i'), 15},
    {NOTICE, BYTES(97, 0xff, 0xff, 0xff, 0xff), 5},
    {REQUEST, BYTES(98, 0, 0, 0, 1, 0, 0, 0, 1, 't', 0, 'x'), 11},
};

START_TEST(cut_short_is_truncated)
{
	struct writer w = fresh();

	for (size_t len = 0; len < messages[_i].least; len++)
		ck_assert_int_eq(
		    parse_and_encode(messages[_i].message, slice_first(messages[_i].wire, len), &w),
		    ERR_TRUNCATED);
	ck_assert_uint_eq(w.len, 0);
}
END_TEST

START_TEST(one_byte_more_is_left_over)
{
	uint8_t longer[64] = {0};
	size_t len = messages[_i].wire.len;
	enum err expected = messages[_i].least < len || messages[_i].message == REQUEST_SUCCESS
	                        ? ERR_OK
	                        : ERR_TRAILING;
	struct writer w = fresh();

	memcpy(longer, messages[_i].wire.ptr, len);
	ck_assert_int_eq(
	    parse_and_encode(messages[_i].message, slice_over(longer, len + 1), &w), expected);
}
END_TEST

START_TEST(another_number_is_unexpected)
{
	uint8_t other[64];
	struct writer w = fresh();

	memcpy(other, messages[_i].wire.ptr, messages[_i].wire.len);
	other[0]++;
	ck_assert_int_eq(
	    parse_and_encode(messages[_i].message, slice_over(other, messages[_i].wire.len), &w),
	    ERR_UNEXPECTED);
}
END_TEST

START_TEST(what_is_parsed_is_encoded_as_it_was)
{
	struct writer w = fresh();

	ck_assert_int_eq(parse_and_encode(messages[_i].message, messages[_i].wire, &w), ERR_OK);
	ck_assert(slice_equal(writer_view(&w), messages[_i].wire));
}
END_TEST

START_TEST(fields_stand_where_the_rfc_has_them)
{
	struct channel_open open;
	struct channel_open_confirmation confirmation;
	struct channel_request request;

	ck_assert_int_eq(channel_open_parse(messages[3].wire, &open), ERR_OK);
	ck_assert(slice_is(open.type, "t") && slice_is(open.fields, "x"));
	ck_assert_uint_eq(open.sender_channel, 1);
	ck_assert_uint_eq(open.initial_window_size, 2);
	ck_assert_uint_eq(open.maximum_packet_size, 3);
	ck_assert_int_eq(channel_open_confirmation_parse(messages[4].wire, &confirmation), ERR_OK);
	ck_assert_uint_eq(confirmation.recipient_channel, 1);
	ck_assert_uint_eq(confirmation.sender_channel, 2);
	ck_assert_int_eq(channel_request_parse(messages[10].wire, &request), ERR_OK);
	ck_assert_uint_eq(request.recipient_channel, 1);
	ck_assert(!request.want_reply && slice_is(request.type, "t"));
}
END_TEST

START_TEST(names_and_texts_have_limits)
{
	static uint8_t wire[8192] = {80, 0, 0, 1, 1};
	struct global_request request = {.name = LITERAL("kept")};
	struct channel_open_failure failure = {.reason = 42};

	ck_assert_int_eq(global_request_parse(SLICE_OF(wire), &request), ERR_TOO_LONG);
	ck_assert(slice_is(request.name, "kept"));
	memcpy(wire, (uint8_t[]){92, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1}, 13);
	ck_assert_int_eq(channel_open_failure_parse(SLICE_OF(wire), &failure), ERR_TOO_LONG);
	ck_assert_uint_eq(failure.reason, 42);
}
END_TEST

SUITE("messages_connection", LOOP_TEST(cut_short_is_truncated, COUNT_OF(messages)),
    LOOP_TEST(one_byte_more_is_left_over, COUNT_OF(messages)),
    LOOP_TEST(another_number_is_unexpected, COUNT_OF(messages)),
    LOOP_TEST(what_is_parsed_is_encoded_as_it_was, COUNT_OF(messages)),
    TEST(fields_stand_where_the_rfc_has_them), TEST(names_and_texts_have_limits))
