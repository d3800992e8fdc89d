#include "sshd/wire/messages_kex.h"
#include "tests/support/suite.h"

#define COOKIE 'c', 'o', 'o', 'k', 'i', 'e', 'c', 'o', 'o', 'k', 'i', 'e', 'c', 'o', 'o', 'k'
#define EMPTY  0, 0, 0, 0
#define EMPTY9 EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY
#define LIST_A 0, 0, 0, 1, 'a'

static const struct {
	const char *why;
	struct slice payload;
	enum err expect;
} kexinits[] = {
    {"nothing", {0}, ERR_TRUNCATED},
    {"another number", BYTES(21, COOKIE, LIST_A, EMPTY9, 0, 0, 0, 0, 0), ERR_UNEXPECTED},
    {"cookie too short", BYTES(20, 'c', 'o', 'o'), ERR_TRUNCATED},
    {"no lists", BYTES(20, COOKIE), ERR_TRUNCATED},
    {"a list missing", BYTES(20, COOKIE, EMPTY9, 0, 0, 0), ERR_TRUNCATED},
    {"reserved missing", BYTES(20, COOKIE, LIST_A, EMPTY9, 0), ERR_TRUNCATED},
    {"one byte too many", BYTES(20, COOKIE, LIST_A, EMPTY9, 0, 0, 0, 0, 0, 0), ERR_TRAILING},
    {"list past the limit", BYTES(20, COOKIE, 0, 0, 0x40, 1), ERR_TOO_LONG},
    {"list past everything", BYTES(20, COOKIE, 0xff, 0xff, 0xff, 0xff), ERR_TOO_LONG},
    {"a zero byte in a name", BYTES(20, COOKIE, 0, 0, 0, 1, 0, EMPTY9, 0, 0, 0, 0, 0),
        ERR_MALFORMED},
    {"a malformed last list", BYTES(20, COOKIE, EMPTY9, 0, 0, 0, 2, 'a', ' ', 0, 0, 0, 0, 0),
        ERR_MALFORMED},
    {"a comma at the end (libssh)", BYTES(20, COOKIE, 0, 0, 0, 2, 'a', ',', EMPTY9, 0, 0, 0, 0, 0),
        ERR_OK},
    {"smallest", BYTES(20, COOKIE, EMPTY, EMPTY9, 0, 0, 0, 0, 0), ERR_OK},
    {"reserved may be anything", BYTES(20, COOKIE, LIST_A, EMPTY9, 1, 1, 2, 3, 4), ERR_OK},
};

START_TEST(kexinit_refuses_malformed)
{
	struct kexinit kexinit = {.first_kex_packet_follows = true, .cookie = LITERAL("untouched")};
	enum err got = kexinit_parse(kexinits[_i].payload, &kexinit);

	ck_assert_msg(got == kexinits[_i].expect, "%s: got %s", kexinits[_i].why, err_name(got));
	ck_assert_int_eq(slice_is(kexinit.cookie, "untouched"), got != ERR_OK);
}
END_TEST

START_TEST(kexinit_comes_back)
{
	uint8_t bytes[512];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct kexinit in = {
	    .cookie = LITERAL("sixteen bytes ok"), .first_kex_packet_follows = true};
	struct kexinit out;

	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		in.lists[i] = slice_first(LITERAL("a,b,c,d,e,f"), 1 + 2 * (i % 5));
	kexinit_encode(&w, &in);
	ck_assert_int_eq(kexinit_parse(writer_view(&w), &out), ERR_OK);
	ck_assert(slice_equal(in.cookie, out.cookie));
	ck_assert(out.first_kex_packet_follows);
	for (size_t i = 0; i < KEXINIT_LISTS; i++)
		ck_assert(slice_equal(in.lists[i], out.lists[i]));
}
END_TEST

static const struct {
	const char *why;
	struct slice payload;
	enum err expect;
} ext_infos[] = {
    {"nothing", {0}, ERR_TRUNCATED},
    {"no count", BYTES(7, 0, 0, 0), ERR_TRUNCATED},
    {"fewer than it says", BYTES(7, 0, 0, 0, 2, LIST_A, LIST_A), ERR_TRUNCATED},
    {"more than it says", BYTES(7, 0, 0, 0, 0, LIST_A, LIST_A), ERR_TRAILING},
    {"a name without value", BYTES(7, 0, 0, 0, 1, LIST_A), ERR_TRUNCATED},
    {"count past the limit", BYTES(7, 0, 0, 1, 1, LIST_A, LIST_A), ERR_LIMIT},
    {"count of 2^32 - 1", BYTES(7, 0xff, 0xff, 0xff, 0xff), ERR_LIMIT},
    {"name too long", BYTES(7, 0, 0, 0, 1, 0, 0, 1, 1), ERR_TOO_LONG},
    {"none", BYTES(7, 0, 0, 0, 0), ERR_OK},
    {"one", BYTES(7, 0, 0, 0, 1, LIST_A, LIST_A), ERR_OK},
    {"empty name and value", BYTES(7, 0, 0, 0, 1, EMPTY, EMPTY), ERR_OK},
};

START_TEST(ext_info_refuses_malformed)
{
	struct ext_info info = {.count = 4242};
	enum err got = ext_info_parse(ext_infos[_i].payload, &info);

	ck_assert_msg(got == ext_infos[_i].expect, "%s: got %s", ext_infos[_i].why, err_name(got));
	if (got != ERR_OK)
		ck_assert_uint_eq(info.count, 4242);
}
END_TEST

START_TEST(ext_info_is_searched_by_whole_name)
{
	uint8_t bytes[256];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct ext_info info;
	struct slice value = LITERAL("untouched");

	ext_info_encode_begin(&w, 3);
	ext_info_encode_pair(&w, "server-sig-algs-not", LITERAL("no"));
	ext_info_encode_pair(&w, "server-sig-algs", LITERAL("first"));
	ext_info_encode_pair(&w, "server-sig-algs", LITERAL("second"));
	ck_assert_int_eq(ext_info_parse(writer_view(&w), &info), ERR_OK);
	ck_assert(!ext_info_find(&info, "server-sig", &value));
	ck_assert(slice_is(value, "untouched"));
	ck_assert(ext_info_find(&info, "server-sig-algs", &value));
	ck_assert(slice_is(value, "first"));
}
END_TEST

/* The shape of one number and one string. */
static enum err (*const one_string_parsers[])(struct slice, struct slice *) = {
    ignore_parse, service_request_parse, service_accept_parse, ping_parse, pong_parse};
static void (*const one_string_encoders[])(struct writer *, struct slice) = {
    ignore_encode, service_request_encode, service_accept_encode, ping_encode, pong_encode};
static const uint8_t one_string_numbers[] = {2, 5, 6, 192, 193};

START_TEST(one_string_messages)
{
	uint8_t bytes[64], number = one_string_numbers[_i];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct slice out = LITERAL("untouched");

	ck_assert_int_eq(one_string_parsers[_i]((struct slice){0}, &out), ERR_TRUNCATED);
	ck_assert_int_eq(one_string_parsers[_i](BYTES(199, EMPTY), &out), ERR_UNEXPECTED);
	ck_assert_int_eq(one_string_parsers[_i](BYTES(number), &out), ERR_TRUNCATED);
	ck_assert_int_eq(
	    one_string_parsers[_i](BYTES(number, 0, 0, 0, 2, 'a'), &out), ERR_TRUNCATED);
	ck_assert_int_eq(one_string_parsers[_i](BYTES(number, EMPTY, 0), &out), ERR_TRAILING);
	ck_assert_int_eq(one_string_parsers[_i](BYTES(number, 0xff, 0, 0, 0), &out), ERR_TOO_LONG);
	ck_assert(slice_is(out, "untouched"));
	one_string_encoders[_i](&w, LITERAL("hello"));
	ck_assert_uint_eq(bytes[0], number);
	ck_assert_int_eq(one_string_parsers[_i](writer_view(&w), &out), ERR_OK);
	ck_assert(slice_is(out, "hello"));
}
END_TEST

START_TEST(disconnect_debug_unimplemented_newkeys)
{
	uint8_t bytes[128];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	struct disconnect disconnect = {.reason = 4242};
	struct debug_message debug;
	uint32_t number = 4242;

	ck_assert_int_eq(disconnect_parse(BYTES(1, 0, 0, 0, 2), &disconnect), ERR_TRUNCATED);
	ck_assert_int_eq(
	    disconnect_parse(BYTES(1, 0, 0, 0, 2, 0, 0, 0x10, 1), &disconnect), ERR_TOO_LONG);
	ck_assert_uint_eq(disconnect.reason, 4242);
	disconnect_encode(&w, 11, LITERAL("bye"));
	ck_assert_int_eq(disconnect_parse(writer_view(&w), &disconnect), ERR_OK);
	ck_assert_uint_eq(disconnect.reason, 11);
	ck_assert(slice_is(disconnect.text, "bye"));

	w = writer_into((struct span){bytes, sizeof(bytes)});
	debug_message_encode(&w, true, LITERAL("look"));
	ck_assert_int_eq(debug_message_parse(writer_view(&w), &debug), ERR_OK);
	ck_assert(debug.always_display && slice_is(debug.text, "look"));
	ck_assert_int_eq(debug_message_parse(BYTES(4, 1, EMPTY), &debug), ERR_TRUNCATED);

	ck_assert_int_eq(unimplemented_parse(BYTES(3, 0, 0, 1), &number), ERR_TRUNCATED);
	ck_assert_int_eq(unimplemented_parse(BYTES(3, 0, 0, 1, 0, 0), &number), ERR_TRAILING);
	ck_assert_uint_eq(number, 4242);
	ck_assert_int_eq(unimplemented_parse(BYTES(3, 0, 0, 1, 0), &number), ERR_OK);
	ck_assert_uint_eq(number, 256);

	ck_assert_int_eq(newkeys_parse(BYTES(21, 0)), ERR_TRAILING);
	ck_assert_int_eq(newkeys_parse(BYTES(20)), ERR_UNEXPECTED);
	ck_assert_int_eq(newkeys_parse(BYTES(21)), ERR_OK);
}
END_TEST

static const struct {
	const char *why;
	bool is_mpint;
	struct slice payload;
	enum err expect;
} kex_inits[] = {
    {"another number", false, BYTES(31, LIST_A), ERR_UNEXPECTED},
    {"nothing behind the number", false, BYTES(30), ERR_TRUNCATED},
    {"one byte too many", false, BYTES(30, LIST_A, 0), ERR_TRAILING},
    {"longer than any method's", false, BYTES(30, 0, 0, 0x10, 1), ERR_TOO_LONG},
    {"a negative mpint", true, BYTES(30, 0, 0, 0, 1, 0x80), ERR_MALFORMED},
    {"an mpint with needless zeros", true, BYTES(30, 0, 0, 0, 2, 0, 1), ERR_MALFORMED},
    {"an mpint of more than 8192 bits", true, BYTES(30, 0, 0, 4, 2), ERR_TOO_LONG},
    {"a string", false, BYTES(30, LIST_A), ERR_OK},
    {"an mpint", true, BYTES(30, 0, 0, 0, 2, 0, 0x80), ERR_OK},
};

START_TEST(kex_init_refuses_malformed)
{
	struct slice Q_C = LITERAL("untouched");
	enum err got = kex_init_parse(kex_inits[_i].payload, 30, kex_inits[_i].is_mpint, &Q_C);

	ck_assert_msg(got == kex_inits[_i].expect, "%s: got %s", kex_inits[_i].why, err_name(got));
	ck_assert_int_eq(slice_is(Q_C, "untouched"), got != ERR_OK);
}
END_TEST

START_TEST(kex_messages_come_back)
{
	uint8_t bytes[256];
	struct writer w = writer_into((struct span){bytes, sizeof(bytes)});
	const struct kex_reply reply = {LITERAL("K_S"), BYTES(0x80, 1), LITERAL("signature")};
	const struct gex_group group = {BYTES(0xff, 2), BYTES(2)};
	struct kex_reply reply_out;
	struct gex_group group_out;

	for (unsigned is_mpint = 0; is_mpint < 2; is_mpint++) {
		w = writer_into((struct span){bytes, sizeof(bytes)});
		kex_reply_encode(&w, 33, is_mpint, &reply);
		ck_assert_uint_le(w.len, kex_reply_room(&reply));
		ck_assert_int_eq(
		    kex_reply_parse(writer_view(&w), 33, is_mpint, &reply_out), ERR_OK);
		ck_assert(slice_equal(reply.K_S, reply_out.K_S));
		ck_assert(slice_equal(reply.Q_S, reply_out.Q_S));
		ck_assert(slice_equal(reply.signature, reply_out.signature));
		ck_assert_int_eq(
		    kex_reply_parse(writer_view(&w), 31, is_mpint, &reply_out), ERR_UNEXPECTED);
	}
	w = writer_into((struct span){bytes, sizeof(bytes)});
	gex_group_encode(&w, &group);
	ck_assert_int_eq(gex_group_parse(writer_view(&w), &group_out), ERR_OK);
	ck_assert(slice_equal(group.p, group_out.p));
	ck_assert(slice_equal(group.g, group_out.g));
	ck_assert_int_eq(gex_group_parse(BYTES(31, 0, 0, 0, 1, 5), &group_out), ERR_TRUNCATED);
}
END_TEST

START_TEST(gex_requests_have_two_forms)
{
	struct gex_request request = {.n = 4242};

	ck_assert_int_eq(gex_request_parse(BYTES(32, 0, 0, 8, 0), &request), ERR_UNEXPECTED);
	ck_assert_int_eq(gex_request_parse(BYTES(34, 0, 0, 8, 0), &request), ERR_TRUNCATED);
	ck_assert_int_eq(gex_request_parse(BYTES(30, 0, 0, 8, 0, 0), &request), ERR_TRAILING);
	ck_assert_uint_eq(request.n, 4242);
	ck_assert_int_eq(gex_request_parse(BYTES(30, 0, 0, 8, 0), &request), ERR_OK);
	ck_assert(request.is_old && request.n == 2048 && request.min == 0 && request.max == 0);
	ck_assert_int_eq(
	    gex_request_parse(BYTES(34, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 0x20, 0), &request), ERR_OK);
	ck_assert(
	    !request.is_old && request.min == 1024 && request.n == 2048 && request.max == 8192);
}
END_TEST

SUITE("messages_transport", LOOP_TEST(kexinit_refuses_malformed, COUNT_OF(kexinits)),
    LOOP_TEST(ext_info_refuses_malformed, COUNT_OF(ext_infos)),
    LOOP_TEST(kex_init_refuses_malformed, COUNT_OF(kex_inits)), TEST(kexinit_comes_back),
    TEST(ext_info_is_searched_by_whole_name),
    LOOP_TEST(one_string_messages, COUNT_OF(one_string_numbers)),
    TEST(disconnect_debug_unimplemented_newkeys), TEST(kex_messages_come_back),
    TEST(gex_requests_have_two_forms))
