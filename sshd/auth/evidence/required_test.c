#include "sshd/auth/evidence/required.h"
#include "tests/support/suite.h"

static const struct factor key = {METHOD_PUBLICKEY, DEVICE_NONE};
static const struct factor password = {METHOD_PASSWORD, DEVICE_NONE};
static const struct factor kbd_pam = {METHOD_KEYBOARD_INTERACTIVE, DEVICE_PAM};
static const struct factor kbd_otp = {METHOD_KEYBOARD_INTERACTIVE, DEVICE_OTP};

#define ALL_METHODS (METHOD_BIT(METHOD_PUBLICKEY) | METHOD_BIT(METHOD_PASSWORD) | METHOD_BIT(METHOD_KEYBOARD_INTERACTIVE))
#define PAM_ONLY    (1u << DEVICE_PAM)
#define ALL_DEVICES (1u << DEVICE_PAM | 1u << DEVICE_OTP)

static const struct {
	const char *why;
	const char *text;
	enum err expect;
} lists[] = {
    {"empty", "", ERR_MALFORMED},
    {"unknown name", "publickey,fingerprint", ERR_MALFORMED},
    {"a name's beginning is not the name", "public", ERR_MALFORMED},
    {"a device of another method", "password:pam", ERR_MALFORMED},
    {"an unknown device", "keyboard-interactive:bsdauth", ERR_MALFORMED},
    {"a device's beginning is not the device", "keyboard-interactive:pa", ERR_MALFORMED},
    {"an empty device", "keyboard-interactive:", ERR_MALFORMED},
    {"an empty name", "publickey,,password", ERR_MALFORMED},
    {"one more than there is room for",
	"publickey,publickey,publickey,publickey,publickey,publickey,publickey,publickey,publickey", ERR_LIMIT},
    {"as many as there is room for",
	"publickey,publickey,publickey,publickey,publickey,publickey,publickey,publickey", ERR_OK},
    {"with a device", "publickey,keyboard-interactive:otp", ERR_OK},
};

START_TEST(lists_are_parsed_strictly)
{
	struct factor_list list = {.count = 42};
	enum err got = factor_list_parse(slice_text(lists[_i].text), &list);

	ck_assert_msg(got == lists[_i].expect, "%s: got %s", lists[_i].why, err_name(got));
	if (got != ERR_OK)
		ck_assert_uint_eq(list.count, 42);
}
END_TEST

static struct required make(const char *const *texts, size_t count, uint32_t enabled, bool adds_otp)
{
	struct slice slices[8];
	struct required required;

	for (size_t i = 0; i < count; i++)
		slices[i] = slice_text(texts[i]);
	ck_assert_int_eq(required_init(&required, slices, count, enabled, ALL_DEVICES, adds_otp), ERR_OK);
	return required;
}

#define MAKE(enabled, adds_otp, ...)                                                               \
	make((const char *const[]){__VA_ARGS__},                                                   \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), enabled, adds_otp)

static void expect_offer(const struct required *required, const char *expect)
{
	uint8_t room[256];
	struct writer w = writer_into((struct span){room, sizeof(room)});

	required_offer(required, &w);
	ck_assert_msg(slice_is(writer_view(&w), expect), "offered %.*s instead of %s", (int)w.len,
	    (const char *)room, expect);
}

START_TEST(each_enabled_method_suffices_without_lists)
{
	struct required required = MAKE(ALL_METHODS, false, "any");

	expect_offer(&required, "publickey,password,keyboard-interactive");
	ck_assert_int_eq(required_wants(&required, (struct factor){METHOD_NONE, DEVICE_NONE}), DENY);
	ck_assert_int_eq(required_wants(&required, (struct factor){METHOD_HOSTBASED, DEVICE_NONE}), DENY);
	ck_assert_int_eq(required_earn(&required, (struct factor){METHOD_HOSTBASED, DEVICE_NONE}), DENY);
	ck_assert_int_eq(required_earn(&required, password), PERMIT);
}
END_TEST

START_TEST(a_code_alone_never_suffices)
{
	struct required required = MAKE(ALL_METHODS, false, "any");
	struct slice alone = LITERAL("keyboard-interactive:otp");
	struct slice twice = LITERAL("keyboard-interactive:otp,keyboard-interactive:otp");

	ck_assert_int_eq(required_earn(&required, kbd_otp), DENY);
	ck_assert_int_eq(required_init(&required, &alone, 1, ALL_METHODS, ALL_DEVICES, false), ERR_CONFIG);
	ck_assert_int_eq(required_init(&required, &alone, 1, ALL_METHODS, ALL_DEVICES, true), ERR_CONFIG);
	ck_assert_int_eq(required_init(&required, &twice, 1, ALL_METHODS, ALL_DEVICES, false), ERR_CONFIG);
}
END_TEST

START_TEST(the_order_of_a_list_counts)
{
	struct required required = MAKE(ALL_METHODS, false, "publickey,password");

	expect_offer(&required, "publickey");
	ck_assert_int_eq(required_earn(&required, password), DENY);
	expect_offer(&required, "publickey");
	ck_assert_int_eq(required_earn(&required, key), DENY);
	expect_offer(&required, "password");
	ck_assert_int_eq(required_earn(&required, key), DENY);
	ck_assert_int_eq(required_earn(&required, password), PERMIT);
}
END_TEST

START_TEST(one_of_several_lists_must_be_completed)
{
	struct required required = MAKE(ALL_METHODS, false, "publickey,password", "publickey,keyboard-interactive:otp",
	    "password,keyboard-interactive");

	expect_offer(&required, "publickey,password");
	ck_assert_int_eq(required_earn(&required, key), DENY);
	/* Both lists that begin with the key have moved on, the third has not. */
	expect_offer(&required, "password,keyboard-interactive");
	ck_assert_int_eq(required_device(&required), DEVICE_OTP);
	ck_assert_int_eq(required_wants(&required, kbd_pam), DENY);
	ck_assert_int_eq(required_earn(&required, kbd_otp), PERMIT);
}
END_TEST

START_TEST(factors_of_different_lists_do_not_add_up)
{
	struct required required = MAKE(ALL_METHODS, false, "publickey,keyboard-interactive",
	    "password,keyboard-interactive:otp");

	ck_assert_int_eq(required_earn(&required, key), DENY);
	ck_assert_int_eq(required_earn(&required, kbd_otp), DENY);
	ck_assert_int_eq(required_earn(&required, password), DENY);
	ck_assert_int_eq(required_earn(&required, kbd_otp), PERMIT);
}
END_TEST

START_TEST(a_list_with_a_disabled_method_is_left_out)
{
	struct slice lists_given[] = {LITERAL("publickey,password"), LITERAL("password")};
	uint32_t only_key = METHOD_BIT(METHOD_PUBLICKEY);
	struct required required = MAKE(only_key, false, "publickey,password", "publickey");

	ck_assert_uint_eq(required.count, 1);
	ck_assert_int_eq(required_earn(&required, key), PERMIT);
	ck_assert_int_eq(required_init(&required, lists_given, 2, only_key, PAM_ONLY, false), ERR_CONFIG);
}
END_TEST

START_TEST(the_second_factor_is_added_to_every_list)
{
	struct required required = MAKE(ALL_METHODS, true, "publickey", "password");

	ck_assert_int_eq(required_earn(&required, key), DENY);
	ck_assert_int_eq(required_earn(&required, kbd_otp), PERMIT);
	{
		struct slice any = LITERAL("any");
		uint32_t no_keyboard = METHOD_BIT(METHOD_PUBLICKEY) | METHOD_BIT(METHOD_PASSWORD);

		ck_assert_int_eq(required_init(&required, &any, 1, no_keyboard, ALL_DEVICES, true), ERR_CONFIG);
		ck_assert_int_eq(required_init(&required, &any, 1, ALL_METHODS, PAM_ONLY, true), ERR_CONFIG);
	}
	required = MAKE(ALL_METHODS, true, "any");
	expect_offer(&required, "publickey,password,keyboard-interactive");
	ck_assert_int_eq(required_device(&required), DEVICE_PAM);
	ck_assert_int_eq(required_earn(&required, kbd_otp), DENY);
	ck_assert_int_eq(required_earn(&required, password), DENY);
	expect_offer(&required, "keyboard-interactive");
	ck_assert_int_eq(required_earn(&required, key), DENY);
	ck_assert_int_eq(required_earn(&required, kbd_otp), PERMIT);
}
END_TEST

SUITE("required", LOOP_TEST(lists_are_parsed_strictly, COUNT_OF(lists)),
    TEST(each_enabled_method_suffices_without_lists), TEST(a_code_alone_never_suffices),
    TEST(the_order_of_a_list_counts), TEST(one_of_several_lists_must_be_completed),
    TEST(factors_of_different_lists_do_not_add_up), TEST(a_list_with_a_disabled_method_is_left_out),
    TEST(the_second_factor_is_added_to_every_list))
