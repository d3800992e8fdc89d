#include "sshd/auth/evidence/otp.h"
#include "tests/support/suite.h"

static struct otp otp_with(enum otp_kind kind, enum hash_kind hash, unsigned digits, const char *secret)
{
	struct otp otp = {.kind = kind, .hash = hash, .digits = digits, .period_s = 30};

	otp.secret_len = strlen(secret);
	memcpy(otp.secret, secret, otp.secret_len);
	return otp;
}

/* RFC 4226, appendix D. */
static const char *const hotp_vectors[] = {"755224", "287082", "359152", "969429", "338314", "254676", "287922",
    "162583", "399871", "520489"};

START_TEST(counter_vectors)
{
	struct otp otp = otp_with(OTP_COUNTER, HASH_SHA1, 6, "12345678901234567890");
	char code[OTP_DIGITS_MOST + 1];

	ck_assert_int_eq(otp_code(&otp, (uint64_t)_i, code), ERR_OK);
	ck_assert_str_eq(code, hotp_vectors[_i]);
}
END_TEST

/* RFC 6238, appendix B. */
static const struct {
	uint64_t time_s;
	const char *sha1, *sha256, *sha512;
} totp_vectors[] = {
    {59, "94287082", "46119246", "90693936"},
    {1111111109, "07081804", "68084774", "25091201"},
    {1111111111, "14050471", "67062674", "99943326"},
    {1234567890, "89005924", "91819424", "93441116"},
    {2000000000, "69279037", "90698825", "38618901"},
    {20000000000, "65353130", "77737706", "47863826"},
};

static void expect_code(enum hash_kind hash, const char *secret, uint64_t time_s, const char *expect)
{
	struct otp otp = otp_with(OTP_TIME, hash, 8, secret);
	char code[OTP_DIGITS_MOST + 1];
	enum verdict verdict = DENY;
	uint64_t mark = 0;

	ck_assert_int_eq(otp_code(&otp, time_s / 30, code), ERR_OK);
	ck_assert_str_eq(code, expect);
	ck_assert_int_eq(otp_check(&otp, slice_text(expect), time_s, &verdict, &mark), ERR_OK);
	ck_assert_int_eq(verdict, PERMIT);
	ck_assert_uint_eq(mark, time_s / 30);
}

START_TEST(time_vectors)
{
	expect_code(HASH_SHA1, "12345678901234567890", totp_vectors[_i].time_s, totp_vectors[_i].sha1);
	expect_code(HASH_SHA256, "12345678901234567890123456789012", totp_vectors[_i].time_s,
	    totp_vectors[_i].sha256);
	expect_code(HASH_SHA512, "1234567890123456789012345678901234567890123456789012345678901234",
	    totp_vectors[_i].time_s, totp_vectors[_i].sha512);
}
END_TEST

static enum verdict check(const struct otp *otp, const char *code, uint64_t now_s, uint64_t *mark)
{
	enum verdict verdict = PERMIT;

	ck_assert_int_eq(otp_check(otp, slice_text(code), now_s, &verdict, mark), ERR_OK);
	return verdict;
}

static const char *const bad_codes[] = {"", "94287082x", "9428708", "042870820", "00000000", "94287 082"};

START_TEST(other_codes_do_not_count)
{
	struct otp otp = otp_with(OTP_TIME, HASH_SHA1, 8, "12345678901234567890");
	uint64_t mark = 4242;

	ck_assert_int_eq(check(&otp, bad_codes[_i], 59, &mark), DENY);
	ck_assert_uint_eq(mark, 4242);
}
END_TEST

/* Clocks differ: one step before and behind, no more. */
START_TEST(the_window_is_one_step_on_each_side)
{
	struct otp otp = otp_with(OTP_TIME, HASH_SHA1, 8, "12345678901234567890");
	uint64_t mark = 0;

	/* The code of step 37037036 (…1109). */
	ck_assert_int_eq(check(&otp, "07081804", 1111111109 - 60, &mark), DENY);
	ck_assert_int_eq(check(&otp, "07081804", 1111111109 - 30, &mark), PERMIT);
	ck_assert_int_eq(check(&otp, "07081804", 1111111109 + 30, &mark), PERMIT);
	ck_assert_int_eq(check(&otp, "07081804", 1111111109 + 60, &mark), DENY);
}
END_TEST

START_TEST(a_code_counts_once)
{
	struct otp otp = otp_with(OTP_TIME, HASH_SHA1, 8, "12345678901234567890");

	ck_assert_int_eq(check(&otp, "14050471", 1111111111, &otp.mark), PERMIT);
	ck_assert_int_eq(check(&otp, "14050471", 1111111111, &otp.mark), DENY);
	/* Nor does an older one, though it is within the window. */
	ck_assert_int_eq(check(&otp, "07081804", 1111111111, &otp.mark), DENY);
}
END_TEST

START_TEST(counters_may_be_ahead_but_never_behind)
{
	struct otp otp = otp_with(OTP_COUNTER, HASH_SHA1, 6, "12345678901234567890");
	char code[OTP_DIGITS_MOST + 1];

	ck_assert_int_eq(check(&otp, "969429", 0, &otp.mark), PERMIT);
	ck_assert_uint_eq(otp.mark, 4);
	ck_assert_int_eq(check(&otp, "969429", 0, &otp.mark), DENY);
	ck_assert_int_eq(check(&otp, "755224", 0, &otp.mark), DENY);
	ck_assert_int_eq(check(&otp, "520489", 0, &otp.mark), PERMIT);
	ck_assert_uint_eq(otp.mark, 10);
	otp.mark = 0;
	/* The eleventh is too far ahead, the tenth is not. */
	ck_assert_int_eq(otp_code(&otp, OTP_AHEAD_LIMIT, code), ERR_OK);
	ck_assert_int_eq(check(&otp, code, 0, &otp.mark), DENY);
	ck_assert_int_eq(otp_code(&otp, OTP_AHEAD_LIMIT - 1, code), ERR_OK);
	ck_assert_int_eq(check(&otp, code, 0, &otp.mark), PERMIT);
}
END_TEST

static const struct {
	const char *why;
	struct otp otp;
} unusable[] = {
    {"no secret", {OTP_TIME, HASH_SHA1, 6, 30, {0}, 0, 0}},
    {"too long a secret", {OTP_TIME, HASH_SHA1, 6, 30, {0}, OTP_SECRET_LIMIT + 1, 0}},
    {"no hash", {OTP_TIME, HASH_NONE, 6, 30, {1}, 20, 0}},
    {"a hash of another purpose", {OTP_TIME, HASH_MD5, 6, 30, {1}, 20, 0}},
    {"too few digits", {OTP_TIME, HASH_SHA1, 5, 30, {1}, 20, 0}},
    {"too many digits", {OTP_TIME, HASH_SHA1, 9, 30, {1}, 20, 0}},
    {"no period", {OTP_TIME, HASH_SHA1, 6, 0, {1}, 20, 0}},
};

START_TEST(unusable_parameters_are_refused)
{
	enum verdict verdict = DENY;
	uint64_t mark = 42;
	char code[OTP_DIGITS_MOST + 1] = "";

	ck_assert_msg(otp_check(&unusable[_i].otp, LITERAL("123456"), 1000, &verdict, &mark) == ERR_RANGE, "%s",
	    unusable[_i].why);
	ck_assert_int_eq(otp_code(&unusable[_i].otp, 1, code), ERR_RANGE);
	ck_assert_int_eq(verdict, DENY);
	ck_assert_uint_eq(mark, 42);
}
END_TEST

SUITE("otp", LOOP_TEST(counter_vectors, COUNT_OF(hotp_vectors)), LOOP_TEST(time_vectors, COUNT_OF(totp_vectors)),
    LOOP_TEST(other_codes_do_not_count, COUNT_OF(bad_codes)), TEST(the_window_is_one_step_on_each_side),
    TEST(a_code_counts_once), TEST(counters_may_be_ahead_but_never_behind),
    LOOP_TEST(unusable_parameters_are_refused, COUNT_OF(unusable)))
