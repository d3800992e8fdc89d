#include "sshd/auth/evidence/otp_record.h"
#include "tests/support/suite.h"

#define HEAD   "sekisho-otp 1\n"
#define BODY   "kind totp\nhash sha1\ndigits 6\nperiod 30\nsecret GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\nmark 0\nbudget 10 0\n"
#define SALT   "000102030405060708090a0b0c0d0e0f"
#define DIGEST "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"

static const struct {
	const char *why, *text;
	enum err expect;
} records[] = {
    {"nothing", "", ERR_MALFORMED},
    {"another version", "sekisho-otp 2\n" BODY, ERR_MALFORMED},
    {"no head", BODY, ERR_MALFORMED},
    {"no body", HEAD, ERR_MALFORMED},
    {"cut in the last line", HEAD "kind totp\nhash sha1\ndigits 6\nperiod 30\nsecret GEZDGNBV\nmark 0\nbudget 10 0",
	ERR_MALFORMED},
    {"cut behind a line", HEAD "kind totp\nhash sha1\ndigits 6\nperiod 30\nsecret GEZDGNBV\nmark 0\n", ERR_MALFORMED},
    {"an unknown line", HEAD BODY "other 1\n", ERR_MALFORMED},
    {"a line twice", HEAD BODY "mark 0\n", ERR_MALFORMED},
    {"an empty line", HEAD BODY "\n", ERR_MALFORMED},
    {"a word too many", HEAD BODY "recovery " SALT " " DIGEST " x\n", ERR_MALFORMED},
    {"a digest too short", HEAD BODY "recovery " SALT " " SALT "\n", ERR_MALFORMED},
    {"letters that are no hex", HEAD BODY "recovery " SALT " x" DIGEST "\n", ERR_MALFORMED},
    {"an unknown kind", HEAD "kind xotp\n", ERR_MALFORMED},
    {"an unknown hash", HEAD "hash md5\n", ERR_MALFORMED},
    {"a secret that is none", HEAD "secret 1\n", ERR_MALFORMED},
    {"too many tries", HEAD "budget 11 0\n", ERR_RANGE},
    {"too few digits", HEAD "kind totp\nhash sha1\ndigits 5\nperiod 30\nsecret GEZDGNBV\nmark 0\nbudget 10 0\n",
	ERR_RANGE},
    {"no period", HEAD "kind totp\nhash sha1\ndigits 6\nsecret GEZDGNBV\nmark 0\nbudget 10 0\n", ERR_RANGE},
    {"a counter needs none", HEAD "kind hotp\nhash sha1\ndigits 6\nsecret GEZDGNBV\nmark 0\nbudget 10 0\n", ERR_OK},
    {"smallest", HEAD BODY, ERR_OK},
    {"with a recovery code", HEAD BODY "recovery " SALT " " DIGEST "\n", ERR_OK},
};

START_TEST(records_are_parsed_strictly)
{
	struct otp_record record = {.budget = 4242};
	enum err got = otp_record_parse(slice_text(records[_i].text), &record);

	ck_assert_msg(got == records[_i].expect, "%s: got %s", records[_i].why, err_name(got));
	if (got != ERR_OK)
		ck_assert_uint_eq(record.budget, 4242);
}
END_TEST

START_TEST(a_record_comes_back_as_it_was_written)
{
	AUTO(buf_wipe) struct buf out = buf_empty(OTP_RECORD_LIMIT);
	struct otp_record record;

	ck_assert_int_eq(otp_record_parse(LITERAL(HEAD BODY "recovery " SALT " " DIGEST "\n"), &record), ERR_OK);
	ck_assert_int_eq(otp_record_encode(&record, &out), ERR_OK);
	ck_assert(slice_is(buf_view(&out), HEAD BODY "recovery " SALT " " DIGEST "\n"));
}
END_TEST

/* The secret of RFC 6238; at 1111111109 its code is 081804. */
static struct otp_record example(void)
{
	struct otp_record record;

	ck_assert_int_eq(otp_record_parse(LITERAL(HEAD BODY), &record), ERR_OK);
	return record;
}

#define NOW 1111111109u

static enum verdict try(struct otp_record *record, const char *code, uint64_t now_s, bool *is_recovery)
{
	enum verdict verdict = PERMIT;

	ck_assert_int_eq(otp_record_try(record, slice_text(code), now_s, &verdict, is_recovery), ERR_OK);
	return verdict;
}

START_TEST(a_code_is_taken_once_however_it_is_typed)
{
	struct otp_record record = example();
	bool is_recovery = true;

	ck_assert_int_eq(try(&record, "081 804", NOW, &is_recovery), PERMIT);
	ck_assert(!is_recovery);
	ck_assert_uint_eq(record.otp.mark, NOW / 30);
	ck_assert_int_eq(try(&record, "081804", NOW, &is_recovery), DENY);
}
END_TEST

START_TEST(tries_are_counted)
{
	struct otp_record record = example();
	bool is_recovery;

	for (unsigned i = 0; i < OTP_BUDGET_FULL; i++) {
		ck_assert(otp_record_has_budget(&record, NOW));
		ck_assert_int_eq(try(&record, "000000", NOW, &is_recovery), DENY);
	}
	ck_assert(!otp_record_has_budget(&record, NOW));
	/* Now even the right one is refused, until there is a try again. */
	ck_assert_int_eq(try(&record, "081804", NOW, &is_recovery), DENY);
	ck_assert_uint_eq(record.otp.mark, 0);
	ck_assert(!otp_record_has_budget(&record, NOW + OTP_BUDGET_EACH_S - 1));
	ck_assert_int_eq(try(&record, "081804", NOW + OTP_BUDGET_EACH_S, &is_recovery), PERMIT);
	ck_assert_uint_eq(record.budget, OTP_BUDGET_FULL);
}
END_TEST

START_TEST(tries_come_back_with_time_alone)
{
	struct otp_record record = example();
	bool is_recovery;

	for (unsigned i = 0; i < OTP_BUDGET_FULL; i++)
		ck_assert_int_eq(try(&record, "000000", NOW, &is_recovery), DENY);
	/* A clock that goes back gives none. */
	ck_assert(!otp_record_has_budget(&record, 0));
	ck_assert_int_eq(try(&record, "000000", NOW + 3 * OTP_BUDGET_EACH_S + 5, &is_recovery), DENY);
	ck_assert_uint_eq(record.budget, 2);
	ck_assert_uint_eq(record.budget_at_s, NOW + 3 * OTP_BUDGET_EACH_S);
}
END_TEST

START_TEST(a_recovery_code_is_used_up)
{
	struct otp_record record = example();
	bool is_recovery = false;

	ck_assert_int_eq(otp_record_add_recovery(&record, LITERAL("ABCD-EFGH-IJKL-MNOP"), LITERAL("0123456789abcdef")),
	    ERR_OK);
	ck_assert_int_eq(otp_record_add_recovery(&record, LITERAL("QRST-UVWX-YZ23-4567"), LITERAL("fedcba9876543210")),
	    ERR_OK);
	ck_assert_int_eq(try(&record, "ABCDEFGHIJKLMNO", NOW, &is_recovery), DENY);
	ck_assert_int_eq(try(&record, "abcd efgh ijkl mnop", NOW, &is_recovery), PERMIT);
	ck_assert(is_recovery);
	ck_assert_uint_eq(record.recovery_count, 1);
	ck_assert_int_eq(try(&record, "ABCDEFGHIJKLMNOP", NOW, &is_recovery), DENY);
	ck_assert_int_eq(try(&record, "QRSTUVWXYZ234567", NOW, &is_recovery), PERMIT);
	ck_assert_uint_eq(record.recovery_count, 0);
	for (unsigned i = 0; i < OTP_RECOVERY_LIMIT; i++)
		ck_assert_int_eq(otp_record_add_recovery(&record, LITERAL("x"), LITERAL("0123456789abcdef")), ERR_OK);
	ck_assert_int_eq(otp_record_add_recovery(&record, LITERAL("x"), LITERAL("0123456789abcdef")), ERR_LIMIT);
}
END_TEST

static const struct {
	const char *user, *file;
} names[] = {
    {"alice", "alice"},
    {"a.b@example.com", "a.b@example.com"},
    {".", "%2E"},
    {"..", "%2E."},
    {"a/b", "a%2Fb"},
    {"DOM\\alice", "DOM%5Calice"},
    {"\xc3\xa4nne", "%C3%A4nne"},
    {".lock.alice", "%2Elock.alice"},
    {"a%62", "a%2562"},
};

START_TEST(names_are_no_paths)
{
	char name[OTP_FILE_NAME_SIZE], lock[OTP_FILE_NAME_SIZE];

	ck_assert_int_eq(otp_file_name(names[_i].user, name), ERR_OK);
	ck_assert_str_eq(name, names[_i].file);
	ck_assert_int_eq(otp_lock_name(names[_i].user, lock), ERR_OK);
	ck_assert_str_eq(lock + 6, names[_i].file);
	ck_assert_str_ne(lock, name);
}
END_TEST

/* RFC 4648, section 10. */
static const struct {
	const char *bytes, *text;
} base32[] = {{"", ""}, {"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foob", "MZXW6YQ"}, {"fooba", "MZXW6YTB"},
    {"foobar", "MZXW6YTBOI"}};

START_TEST(base32_vectors)
{
	AUTO(buf_wipe) struct buf text = buf_empty(64);
	AUTO(buf_wipe) struct buf bytes = buf_empty(64);

	ck_assert_int_eq(base32_append(&text, slice_text(base32[_i].bytes)), ERR_OK);
	ck_assert(slice_is(buf_view(&text), base32[_i].text));
	ck_assert_int_eq(buf_append_text(&text, "=="), ERR_OK);
	ck_assert_int_eq(base32_parse(buf_view(&text), &bytes), ERR_OK);
	ck_assert(slice_is(buf_view(&bytes), base32[_i].bytes));
}
END_TEST

START_TEST(base32_takes_what_people_type)
{
	AUTO(buf_wipe) struct buf bytes = buf_empty(64);

	ck_assert_int_eq(base32_parse(LITERAL("mzxw 6YTB oi"), &bytes), ERR_OK);
	ck_assert(slice_is(buf_view(&bytes), "foobar"));
	ck_assert_int_eq(base32_parse(LITERAL("MZXW1"), &bytes), ERR_MALFORMED);
	ck_assert_int_eq(base32_parse(LITERAL("MZ=XW"), &bytes), ERR_MALFORMED);
}
END_TEST

SUITE("otp_record", LOOP_TEST(records_are_parsed_strictly, COUNT_OF(records)),
    TEST(a_record_comes_back_as_it_was_written), TEST(a_code_is_taken_once_however_it_is_typed), TEST(tries_are_counted),
    TEST(tries_come_back_with_time_alone), TEST(a_recovery_code_is_used_up), LOOP_TEST(names_are_no_paths, COUNT_OF(names)),
    LOOP_TEST(base32_vectors, COUNT_OF(base32)), TEST(base32_takes_what_people_type))
