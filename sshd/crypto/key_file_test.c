/* Private key files made by ssh-keygen and openssl; fingerprints are those of `ssh-keygen -l`. */
#include "sshd/crypto/key_file.h"
#include "tests/support/seed.h"
#include "tests/support/suite.h"

/* Those that are seeds too, and those that would only make the replay slower. */
#define FUZZ      "key_file_fuzz"
#define TEST_ONLY "key_file_test"

static const struct {
	const char *folder, *name;
	enum err expect;
	const char *fingerprint;
} files[] = {
    {TEST_ONLY, "refused-two-keys", ERR_MALFORMED, NULL},
    {TEST_ONLY, "refused-check-differs", ERR_MALFORMED, NULL},
    {TEST_ONLY, "refused-padding", ERR_MALFORMED, NULL},
    {TEST_ONLY, "refused-seed-differs", ERR_KEY, NULL},
    {TEST_ONLY, "refused-outer-public-differs", ERR_KEY, NULL},
    {TEST_ONLY, "refused-ecdsa-halves", ERR_KEY, NULL},
    {TEST_ONLY, "refused-rsa-halves", ERR_KEY, NULL},
    {FUZZ, "refused-sk", ERR_KEY, NULL},
    {TEST_ONLY, "refused-rsa1024", ERR_KEY, NULL},
    {TEST_ONLY, "refused-secp256k1", ERR_KEY, NULL},
    {TEST_ONLY, "refused-ed448", ERR_KEY, NULL},
    {FUZZ, "encrypted-openssh", ERR_ENCRYPTED, NULL},
    {TEST_ONLY, "encrypted-pkcs1", ERR_ENCRYPTED, NULL},
    {TEST_ONLY, "encrypted-pkcs8", ERR_ENCRYPTED, NULL},
    {FUZZ, "ed25519", ERR_OK, "SHA256:rR6O3IBNfvbOlR7llXwXnFPaTk9Ivo/exZvQ7EyQDVg"},
    {FUZZ, "ecdsa256", ERR_OK, "SHA256:etN1H08vy+vFiqzpKm686PAVvgcKutbK0OBn/RNj5D0"},
    {TEST_ONLY, "ecdsa384", ERR_OK, "SHA256:KHjANnhcNpnLKtJwrWK7yfmfVoW4tj+rlTtA4JqkPzg"},
    {TEST_ONLY, "ecdsa521", ERR_OK, "SHA256:N4N9NN46pwgDcVXV0M/e4+PU8Lx8lYKRyHkUB3qJgTE"},
    {FUZZ, "rsa2048", ERR_OK, "SHA256:ZGos0I+koIb2JTWEw1sA6F2nXcnF5kA1WqyiBPLzE1Q"},
    {TEST_ONLY, "rsa2048-pkcs1", ERR_OK, "SHA256:/6B+FADFfqN5XzAOhwWb2rI6Crm3W0pBbB2mI11aq2k"},
    {TEST_ONLY, "rsa2048-pkcs8", ERR_OK, "SHA256:ixbEPhau+kHOOUi7fRM/oeKpilem7OKwxp4zq1MyoEw"},
    {FUZZ, "ecdsa384-sec1", ERR_OK, "SHA256:NoUwJUZ7ctAAX6kSml+gMCkTUR2T3SpCnhLCsYZ6Zig"},
    {TEST_ONLY, "ecdsa521-pkcs8", ERR_OK, "SHA256:s3YGJ0HnfWwSXlLaNAAEsKLxkwFSR0PnY4kOfONFdKY"},
    {TEST_ONLY, "ecdsa256-ecparam", ERR_OK, "SHA256:r2hxV2H289zh2JSBUgRuLa7yYiSvMbkSY9mlJ/4RsbY"},
    {TEST_ONLY, "ecdsa256-compressed", ERR_OK,
        "SHA256:r2hxV2H289zh2JSBUgRuLa7yYiSvMbkSY9mlJ/4RsbY"},
    {TEST_ONLY, "ecdsa256-explicit", ERR_OK, "SHA256:aXSVs84XEbRWY4GPAAXFXuhGPJ5tb/oZLcqxmtxmEYo"},
};

static void check_fingerprint(const struct private_key *key, const char *expect)
{
	AUTO(buf_wipe) struct buf text = buf_empty(256);
	const char *got;

	ck_assert_int_eq(key_fingerprint(private_key_blob(key), HASH_SHA256, &text), ERR_OK);
	ck_assert_int_eq(buf_c_string(&text, &got), ERR_OK);
	ck_assert_str_eq(got, expect);
}

START_TEST(key_files_are_read)
{
	struct private_key *const untouched = (struct private_key *)&files;
	struct private_key *key = untouched;
	enum err got = private_key_parse(seed(files[_i].folder, files[_i].name), &key);

	ck_assert_msg(got == files[_i].expect, "%s: got %s", files[_i].name, err_name(got));
	if (got != ERR_OK) {
		ck_assert_ptr_eq(key, untouched);
		return;
	}
	check_fingerprint(key, files[_i].fingerprint);
	private_key_free(key);
}
END_TEST

static const struct {
	const char *why, *text;
	enum err expect;
} texts[] = {
    {"empty", "", ERR_MALFORMED},
    {"no marker", "ssh-ed25519 AAAA", ERR_MALFORMED},
    {"marker with more behind it", "-----BEGIN OPENSSH PRIVATE KEY----- \n", ERR_MALFORMED},
    {"marker not at the start of its line", " -----BEGIN OPENSSH PRIVATE KEY-----\n",
        ERR_MALFORMED},
    {"a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", ERR_KEY},
    {"no end", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", ERR_MALFORMED},
    {"the end of another", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ERR_MALFORMED},
    {"no base64", "-----BEGIN OPENSSH PRIVATE KEY-----\n!!!!\n-----END OPENSSH PRIVATE KEY-----\n",
        ERR_MALFORMED},
    {"nothing inside", "-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n",
        ERR_TRUNCATED},
    {"nothing inside", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", ERR_MALFORMED},
};

START_TEST(other_texts_are_refused)
{
	struct private_key *key = NULL;
	enum err got = private_key_parse(slice_text(texts[_i].text), &key);

	ck_assert_msg(got == texts[_i].expect, "%s: got %s", texts[_i].why, err_name(got));
	ck_assert_ptr_null(key);
}
END_TEST

START_TEST(a_file_past_its_limit_is_refused)
{
	AUTO(buf_wipe) struct buf text = buf_empty(2 * KEY_FILE_LIMIT);
	struct private_key *key = NULL;

	ck_assert_int_eq(buf_append(&text, seed(FUZZ, "ed25519")), ERR_OK);
	while (buf_len(&text) <= KEY_FILE_LIMIT)
		ck_assert_int_eq(buf_append_text(&text, "\n"), ERR_OK);
	ck_assert_int_eq(private_key_parse(buf_view(&text), &key), ERR_TOO_LONG);
}
END_TEST

START_TEST(windows_line_ends_do_no_harm)
{
	AUTO(buf_wipe) struct buf text = buf_empty(KEY_FILE_LIMIT);
	AUTO(private_key_release) struct private_key *key = NULL;
	struct slice file = seed(FUZZ, "ed25519");

	for (size_t i = 0; i < file.len; i++) {
		if (file.ptr[i] == '\n')
			ck_assert_int_eq(buf_append_text(&text, "\r"), ERR_OK);
		ck_assert_int_eq(buf_append(&text, slice_over(file.ptr + i, 1)), ERR_OK);
	}
	ck_assert_int_eq(private_key_parse(buf_view(&text), &key), ERR_OK);
}
END_TEST

static const struct {
	const char *why;
	enum key_kind kind;
	unsigned bits;
	enum err expect;
	unsigned got_bits;
} kinds[] = {
    {"security keys are made elsewhere", KEY_SK_ED25519, 0, ERR_KEY, 0},
    {"nothing", KEY_NONE, 0, ERR_KEY, 0},
    {"no such curve", KEY_ECDSA, 255, ERR_KEY, 0},
    {"Ed25519 has one size", KEY_ED25519, 512, ERR_KEY, 0},
    {"RSA too small", KEY_RSA, 2047, ERR_KEY, 0},
    {"RSA too large", KEY_RSA, 8193, ERR_KEY, 0},
    {"Ed25519", KEY_ED25519, 0, ERR_OK, 256},
    {"ECDSA", KEY_ECDSA, 0, ERR_OK, 256},
    {"ECDSA", KEY_ECDSA, 384, ERR_OK, 384},
    {"ECDSA", KEY_ECDSA, 521, ERR_OK, 521},
    {"RSA", KEY_RSA, 2048, ERR_OK, 2048},
};

START_TEST(generated_keys_can_be_read_again)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(KEY_FILE_LIMIT);
	AUTO(private_key_release) struct private_key *key = NULL;
	struct key_blob blob;
	enum err got =
	    private_key_generate(kinds[_i].kind, kinds[_i].bits, LITERAL("a comment"), &text);

	ck_assert_msg(got == kinds[_i].expect, "%s: got %s", kinds[_i].why, err_name(got));
	if (got != ERR_OK) {
		ck_assert_uint_eq(buf_len(&text), 0);
		return;
	}
	ck_assert_int_eq(private_key_parse(buf_view(&text), &key), ERR_OK);
	ck_assert_int_eq(key_blob_parse(private_key_blob(key), &blob), ERR_OK);
	ck_assert_uint_eq(key_blob_bits(&blob), kinds[_i].got_bits);
}
END_TEST

/*
 * The same again on locked memory: nothing else may change. One key is made before, so that
 * OpenSSL's random state lies where leak checkers can follow its pointers.
 */
START_TEST(protected_keys_sign)
{
	AUTO(private_key_release) struct private_key *key = NULL;
	AUTO(buf_wipe) struct buf signature = buf_empty(SIGNATURE_BLOB_LIMIT);
	AUTO(buf_wipe) struct buf text = buf_empty_secret(KEY_FILE_LIMIT);

	ck_assert_int_eq(private_key_generate(KEY_ECDSA, 0, LITERAL(""), &text), ERR_OK);
	ck_assert_int_eq(private_key_protect(), ERR_OK);
	ck_assert_int_eq(private_key_protect(), ERR_OK);
	ck_assert_int_eq(private_key_parse(seed(FUZZ, "rsa2048"), &key), ERR_OK);
	ck_assert_int_eq(private_key_sign(key, signature_algorithm_named(LITERAL("rsa-sha2-256")),
	                     LITERAL("data"), &signature),
	    ERR_OK);
}
END_TEST

static const struct {
	const char *why, *line;
	enum err expect;
} lines[] = {
    {"empty", "", ERR_MALFORMED},
    {"no key", "ssh-ed25519", ERR_MALFORMED},
    {"no base64", "ssh-ed25519 AAAA!", ERR_MALFORMED},
    {"cut short", "ssh-ed25519 AAAA", ERR_MALFORMED},
    {"another type inside", "ssh-rsa AAAAC3NzaC1lZDI1NTE5", ERR_MALFORMED},
    {"type and blob", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", ERR_OK},
    {"blanks, comment and line end", " ssh-ed25519\t AAAAC3NzaC1lZDI1NTE5 who @ where\r\n", ERR_OK},
};

START_TEST(public_lines_name_the_type_twice)
{
	AUTO(buf_wipe) struct buf blob = buf_empty(KEY_BLOB_LIMIT);
	enum err got = public_key_line_parse(slice_text(lines[_i].line), &blob);

	ck_assert_msg(got == lines[_i].expect, "%s: got %s", lines[_i].why, err_name(got));
	ck_assert_uint_eq(buf_len(&blob), got == ERR_OK ? 15 : 0);
}
END_TEST

SUITE("key_file", LOOP_TEST(other_texts_are_refused, COUNT_OF(texts)),
    TEST(a_file_past_its_limit_is_refused), LOOP_TEST(key_files_are_read, COUNT_OF(files)),
    TEST(windows_line_ends_do_no_harm),
    LOOP_TEST(generated_keys_can_be_read_again, COUNT_OF(kinds)), TEST(protected_keys_sign),
    LOOP_TEST(public_lines_name_the_type_twice, COUNT_OF(lines)))
