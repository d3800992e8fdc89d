#include "sshd/wire/messages_userauth.h"

#include "tests/support/suite.h"

static uint8_t room[4096];

static struct writer fresh(void)
{
	return writer_into((struct span){room, sizeof(room)});
}

/* Nothing but the whole is taken: every shorter one is cut off, one more byte is left over. */
#define CHECK_LENGTHS(wire, parse)                                                                 \
	do {                                                                                       \
		for (size_t len_ = 0; len_ < (wire).len; len_++) {                                 \
			struct slice payload = slice_first(wire, len_);                            \
			ck_assert_int_eq(parse, ERR_TRUNCATED);                                    \
		}                                                                                  \
		room[(wire).len] = 0;                                                              \
		struct slice payload = slice_over(room, (wire).len + 1);                           \
		ck_assert_int_eq(parse, ERR_TRAILING);                                             \
	} while (0)

START_TEST(another_number_is_unexpected)
{
	struct userauth_request request = {.user = LITERAL("kept")};
	struct userauth_failure failure;
	struct userauth_pk_ok pk_ok;
	struct userauth_info_request info;
	struct userauth_info_response response;
	struct slice text;
	struct slice wire = slice_over(room, 1);

	room[0] = 49;
	ck_assert_int_eq(userauth_request_parse(wire, &request), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_failure_parse(wire, &failure), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_success_parse(wire), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_banner_parse(wire, &text), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_pk_ok_parse(wire, &pk_ok), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_changereq_parse(wire, &text), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_info_request_parse(wire, &info), ERR_UNEXPECTED);
	ck_assert_int_eq(userauth_info_response_parse(wire, &response), ERR_UNEXPECTED);
	ck_assert(slice_is(request.user, "kept"));
}
END_TEST

START_TEST(request_comes_back)
{
	const struct userauth_request request = {
	    LITERAL("alice"), LITERAL("ssh-connection"), LITERAL("none"), BYTES(1, 2)};
	struct userauth_request got = {0};
	struct writer w = fresh();

	userauth_request_encode(&w, &request);
	ck_assert_int_eq(userauth_request_parse(writer_view(&w), &got), ERR_OK);
	ck_assert(slice_equal(got.user, request.user));
	ck_assert(slice_equal(got.service, request.service));
	ck_assert(slice_equal(got.method, request.method));
	ck_assert(slice_equal(got.fields, request.fields));
}
END_TEST

/* RFC 4252 section 7 and the hostbound form, byte for byte. */
static const struct {
	const char *why;
	bool is_hostbound;
	struct slice wire;
	struct userauth_publickey fields;
} publickeys[] = {
    {"query", false, BYTES(0, 0, 0, 0, 1, 'A', 0, 0, 0, 1, 'B'),
        {.algorithm = LITERAL("A"), .blob = LITERAL("B")}},
    {"signed", false, BYTES(1, 0, 0, 0, 1, 'A', 0, 0, 0, 1, 'B', 0, 0, 0, 1, 'S'),
        {.has_signature = true,
            .algorithm = LITERAL("A"),
            .blob = LITERAL("B"),
            .signature = LITERAL("S")}},
    {"hostbound query", true, BYTES(0, 0, 0, 0, 1, 'A', 0, 0, 0, 1, 'B', 0, 0, 0, 1, 'H'),
        {.algorithm = LITERAL("A"), .blob = LITERAL("B"), .host_key = LITERAL("H")}},
    {"hostbound signed", true,
        BYTES(1, 0, 0, 0, 1, 'A', 0, 0, 0, 1, 'B', 0, 0, 0, 1, 'H', 0, 0, 0, 1, 'S'),
        {.has_signature = true,
            .algorithm = LITERAL("A"),
            .blob = LITERAL("B"),
            .host_key = LITERAL("H"),
            .signature = LITERAL("S")}},
};

START_TEST(publickey_in_its_four_forms)
{
	struct userauth_publickey got;
	struct writer w = fresh();

	userauth_publickey_encode(&w, publickeys[_i].is_hostbound, &publickeys[_i].fields);
	ck_assert_msg(slice_equal(writer_view(&w), publickeys[_i].wire), "%s", publickeys[_i].why);
	ck_assert_int_eq(
	    userauth_publickey_parse(writer_view(&w), publickeys[_i].is_hostbound, &got), ERR_OK);
	ck_assert_int_eq(got.has_signature, publickeys[_i].fields.has_signature);
	ck_assert(slice_equal(got.algorithm, publickeys[_i].fields.algorithm));
	ck_assert(slice_equal(got.blob, publickeys[_i].fields.blob));
	ck_assert(slice_equal(got.host_key, publickeys[_i].fields.host_key));
	ck_assert(slice_equal(got.signature, publickeys[_i].fields.signature));
	CHECK_LENGTHS(publickeys[_i].wire,
	    userauth_publickey_parse(payload, publickeys[_i].is_hostbound, &got));
}
END_TEST

START_TEST(password_in_both_forms)
{
	const struct userauth_password plain = {.current = LITERAL("secret")};
	const struct userauth_password change = {true, LITERAL("old"), LITERAL("new")};
	struct userauth_password got;
	struct writer w = fresh();

	userauth_password_encode(&w, &plain);
	CHECK_LENGTHS(writer_view(&w), userauth_password_parse(payload, &got));
	ck_assert_int_eq(userauth_password_parse(writer_view(&w), &got), ERR_OK);
	ck_assert(!got.is_change && slice_is(got.current, "secret") && got.replacement.len == 0);
	w = fresh();
	userauth_password_encode(&w, &change);
	CHECK_LENGTHS(writer_view(&w), userauth_password_parse(payload, &got));
	ck_assert_int_eq(userauth_password_parse(writer_view(&w), &got), ERR_OK);
	ck_assert(
	    got.is_change && slice_is(got.current, "old") && slice_is(got.replacement, "new"));
}
END_TEST

START_TEST(a_password_has_a_limit)
{
	static const uint8_t text[USERAUTH_PASSWORD_LIMIT + 1];
	struct userauth_password password = {.current = slice_over(text, sizeof(text) - 1)};
	struct userauth_password got = {0};
	struct writer w = fresh();

	userauth_password_encode(&w, &password);
	ck_assert_int_eq(userauth_password_parse(writer_view(&w), &got), ERR_OK);
	w = fresh();
	password.current.len++;
	got.current = LITERAL("kept");
	userauth_password_encode(&w, &password);
	ck_assert_int_eq(userauth_password_parse(writer_view(&w), &got), ERR_TOO_LONG);
	ck_assert(slice_is(got.current, "kept"));
}
END_TEST

START_TEST(keyboard_comes_back)
{
	const struct userauth_keyboard keyboard = {LITERAL("en"), LITERAL("pam,otp")};
	struct userauth_keyboard got;
	struct writer w = fresh();

	userauth_keyboard_encode(&w, &keyboard);
	CHECK_LENGTHS(writer_view(&w), userauth_keyboard_parse(payload, &got));
	ck_assert_int_eq(userauth_keyboard_parse(writer_view(&w), &got), ERR_OK);
	ck_assert(slice_is(got.language, "en") && slice_is(got.submethods, "pam,otp"));
}
END_TEST

START_TEST(replies_come_back)
{
	struct userauth_failure failure = {LITERAL("publickey,password"), true};
	struct userauth_pk_ok pk_ok = {LITERAL("ssh-ed25519"), LITERAL("blob")};
	struct slice text;
	struct writer w = fresh();

	userauth_failure_encode(&w, &failure);
	CHECK_LENGTHS(writer_view(&w), userauth_failure_parse(payload, &failure));
	ck_assert_int_eq(userauth_failure_parse(writer_view(&w), &failure), ERR_OK);
	ck_assert(failure.is_partial && slice_is(failure.methods, "publickey,password"));
	w = fresh();
	userauth_success_encode(&w);
	CHECK_LENGTHS(writer_view(&w), userauth_success_parse(payload));
	ck_assert_int_eq(userauth_success_parse(writer_view(&w)), ERR_OK);
	w = fresh();
	userauth_banner_encode(&w, LITERAL("hello"));
	CHECK_LENGTHS(writer_view(&w), userauth_banner_parse(payload, &text));
	ck_assert_int_eq(userauth_banner_parse(writer_view(&w), &text), ERR_OK);
	ck_assert(slice_is(text, "hello"));
	w = fresh();
	userauth_pk_ok_encode(&w, &pk_ok);
	CHECK_LENGTHS(writer_view(&w), userauth_pk_ok_parse(payload, &pk_ok));
	ck_assert_int_eq(userauth_pk_ok_parse(writer_view(&w), &pk_ok), ERR_OK);
	ck_assert(slice_is(pk_ok.algorithm, "ssh-ed25519") && slice_is(pk_ok.blob, "blob"));
	w = fresh();
	userauth_changereq_encode(&w, LITERAL("new one"));
	CHECK_LENGTHS(writer_view(&w), userauth_changereq_parse(payload, &text));
	ck_assert_int_eq(userauth_changereq_parse(writer_view(&w), &text), ERR_OK);
	ck_assert(slice_is(text, "new one"));
}
END_TEST

START_TEST(info_request_has_one_prompt_or_none)
{
	struct userauth_info_request request = {
	    LITERAL("n"), LITERAL("i"), true, LITERAL("Code: "), true};
	struct userauth_info_request got;
	struct writer w = fresh();

	userauth_info_request_encode(&w, &request);
	CHECK_LENGTHS(writer_view(&w), userauth_info_request_parse(payload, &got));
	ck_assert_int_eq(userauth_info_request_parse(writer_view(&w), &got), ERR_OK);
	ck_assert(got.has_prompt && got.echo && slice_is(got.prompt, "Code: "));
	ck_assert(slice_is(got.name, "n") && slice_is(got.instruction, "i"));
	w = fresh();
	request.has_prompt = false;
	userauth_info_request_encode(&w, &request);
	ck_assert_int_eq(userauth_info_request_parse(writer_view(&w), &got), ERR_OK);
	ck_assert(!got.has_prompt && got.prompt.len == 0);
	room[w.len - 1] = 2;
	ck_assert_int_eq(userauth_info_request_parse(writer_view(&w), &got), ERR_RANGE);
}
END_TEST

static const struct {
	const char *why;
	struct slice wire;
	enum err expect;
} responses[] = {
    {"no count", BYTES(61, 0, 0, 0), ERR_TRUNCATED},
    {"count of 2^32-1", BYTES(61, 0xff, 0xff, 0xff, 0xff), ERR_RANGE},
    {"one past the limit", BYTES(61, 0, 0, 0, 17), ERR_RANGE},
    {"count without strings", BYTES(61, 0, 0, 0, 16), ERR_TRUNCATED},
    {"one string too few", BYTES(61, 0, 0, 0, 2, 0, 0, 0, 1, 'a'), ERR_TRUNCATED},
    {"one string too many", BYTES(61, 0, 0, 0, 0, 0, 0, 0, 1, 'a'), ERR_TRAILING},
    {"string past its limit", BYTES(61, 0, 0, 0, 1, 0, 0, 4, 1), ERR_TOO_LONG},
    {"none", BYTES(61, 0, 0, 0, 0), ERR_OK},
    {"two", BYTES(61, 0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 0), ERR_OK},
};

START_TEST(info_response_counts)
{
	struct userauth_info_response got = {.count = 4242};
	enum err err = userauth_info_response_parse(responses[_i].wire, &got);
	struct writer w = fresh();

	ck_assert_msg(err == responses[_i].expect, "%s: got %s", responses[_i].why, err_name(err));
	if (err != ERR_OK) {
		ck_assert_uint_eq(got.count, 4242);
		return;
	}
	userauth_info_response_encode(&w, &got);
	ck_assert(slice_equal(writer_view(&w), responses[_i].wire));
}
END_TEST

SUITE("messages_userauth", TEST(another_number_is_unexpected), TEST(request_comes_back),
    LOOP_TEST(publickey_in_its_four_forms, COUNT_OF(publickeys)), TEST(password_in_both_forms),
    TEST(a_password_has_a_limit), TEST(keyboard_comes_back), TEST(replies_come_back),
    TEST(info_request_has_one_prompt_or_none), LOOP_TEST(info_response_counts, COUNT_OF(responses)))
