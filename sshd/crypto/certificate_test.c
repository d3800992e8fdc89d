/* Certificates made by ssh-keygen, valid from 2020 to 2030 unless named otherwise. */
#include "sshd/crypto/certificate.h"
#include "sshd/crypto/signature.h"
#include "tests/support/seed.h"
#include "tests/support/suite.h"

#define FOLDER "certificate_fuzz"

#define YEAR_2020 UINT64_C(1577836800)
#define YEAR_2026 UINT64_C(1767225600)
#define YEAR_2030 UINT64_C(1893456000)

static const struct slice ca_algorithms =
    LITERAL("ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256");

static struct certificate certificate_read(const char *name)
{
	struct certificate certificate;

	ck_assert_int_eq(certificate_parse(seed(FOLDER, name), &certificate), ERR_OK);
	return certificate;
}

static const struct {
	const char *name;
	enum key_kind kind;
	const char *key; /* the plain blob among key_blob_fuzz */
} types[] = {
    {"ed25519", KEY_ED25519, "ed25519"},
    {"ecdsa256", KEY_ECDSA, "ecdsa256"},
    {"ecdsa384", KEY_ECDSA, "ecdsa384"},
    {"ecdsa521", KEY_ECDSA, "ecdsa521"},
    {"rsa2048", KEY_RSA, "rsa2048"},
    {"sk-ed25519", KEY_SK_ED25519, "sk-ed25519"},
    {"sk-ecdsa", KEY_SK_ECDSA, "sk-ecdsa"},
};

START_TEST(every_type_is_parsed)
{
	struct certificate certificate = certificate_read(types[_i].name);
	AUTO(buf_wipe) struct buf plain = buf_empty(KEY_BLOB_LIMIT);
	char key_id[64];

	snprintf(key_id, sizeof(key_id), "id of %s", types[_i].name);
	ck_assert_int_eq(certificate.key.kind, types[_i].kind);
	ck_assert_int_eq(certificate.kind, CERTIFICATE_OF_USER);
	ck_assert_uint_eq(certificate.serial, 7);
	ck_assert(slice_is(certificate.key_id, key_id));
	ck_assert_uint_eq(certificate.valid_after_s, YEAR_2020);
	ck_assert_uint_eq(certificate.valid_before_s, YEAR_2030);
	ck_assert_int_eq(certificate_plain_key(&certificate, &plain), ERR_OK);
	ck_assert(slice_equal(buf_view(&plain), seed("key_blob_fuzz", types[_i].key)));
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	struct slice blob = seed(FOLDER, types[_i].name);
	struct certificate certificate = {.serial = 4242};
	uint8_t *longer = calloc(1, blob.len + 1);

	for (size_t len = 0; len < blob.len; len++)
		ck_assert_int_eq(
		    certificate_parse(slice_first(blob, len), &certificate), ERR_TRUNCATED);
	memcpy(longer, blob.ptr, blob.len);
	ck_assert_int_eq(
	    certificate_parse(slice_over(longer, blob.len + 1), &certificate), ERR_TRAILING);
	ck_assert_uint_eq(certificate.serial, 4242);
	free(longer);
}
END_TEST

/* Whatever bit is flipped, it is no certificate any more, or not one that verifies. */
START_TEST(every_flipped_bit_is_refused)
{
	struct slice blob = seed(FOLDER, types[_i].name);
	uint8_t *copy = malloc(blob.len);
	struct slice changed = slice_over(copy, blob.len);

	memcpy(copy, blob.ptr, blob.len);
	for (size_t bit = 0; bit < 8 * blob.len; bit++) {
		enum certificate_answer answer = CERTIFICATE_UNCHECKED;
		struct certificate certificate;

		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (certificate_parse(changed, &certificate) == ERR_OK)
			ck_assert_int_eq(certificate_verify(&certificate, CERTIFICATE_OF_USER,
			                     YEAR_2026, ca_algorithms, &answer),
			    ERR_OK);
		ck_assert_msg(answer != CERTIFICATE_VALID, "bit %zu", bit);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(copy);
}
END_TEST

static const struct {
	const char *why, *name, *algorithms; /* NULL: ca_algorithms */
	enum certificate_kind kind;
	uint64_t now_s;
	enum certificate_answer expect;
} checks[] = {
    {"a host is no user", "host", NULL, CERTIFICATE_OF_USER, YEAR_2026, CERTIFICATE_WRONG_KIND},
    {"a user is no host", "ed25519", NULL, CERTIFICATE_OF_HOST, YEAR_2026, CERTIFICATE_WRONG_KIND},
    {"a second early", "ed25519", NULL, CERTIFICATE_OF_USER, YEAR_2020 - 1,
        CERTIFICATE_NOT_YET_VALID},
    {"its first second", "ed25519", NULL, CERTIFICATE_OF_USER, YEAR_2020, CERTIFICATE_VALID},
    {"its last second", "ed25519", NULL, CERTIFICATE_OF_USER, YEAR_2030 - 1, CERTIFICATE_VALID},
    {"a second late", "ed25519", NULL, CERTIFICATE_OF_USER, YEAR_2030, CERTIFICATE_EXPIRED},
    {"for ever", "forever", NULL, CERTIFICATE_OF_USER, UINT64_MAX - 1, CERTIFICATE_VALID},
    {"since ever", "forever", NULL, CERTIFICATE_OF_USER, 0, CERTIFICATE_VALID},
    {"SHA-1", "by-rsa-sha1", NULL, CERTIFICATE_OF_USER, YEAR_2026, CERTIFICATE_WRONG_ALGORITHM},
    {"SHA-1, even where it is listed", "by-rsa-sha1", "ssh-rsa", CERTIFICATE_OF_USER, YEAR_2026,
        CERTIFICATE_WRONG_ALGORITHM},
    {"no algorithm is allowed", "ed25519", "", CERTIFICATE_OF_USER, YEAR_2026,
        CERTIFICATE_WRONG_ALGORITHM},
    {"only the other RSA algorithm", "by-rsa512", "rsa-sha2-256", CERTIFICATE_OF_USER, YEAR_2026,
        CERTIFICATE_WRONG_ALGORITHM},
    {"RSA with SHA-512", "by-rsa512", "rsa-sha2-512", CERTIFICATE_OF_USER, YEAR_2026,
        CERTIFICATE_VALID},
    {"RSA with SHA-256", "by-rsa256", NULL, CERTIFICATE_OF_USER, YEAR_2026, CERTIFICATE_VALID},
    {"ECDSA", "by-ecdsa", NULL, CERTIFICATE_OF_USER, YEAR_2026, CERTIFICATE_VALID},
    {"of a host", "host", NULL, CERTIFICATE_OF_HOST, YEAR_2026, CERTIFICATE_VALID},
    {"RSA key", "rsa2048", NULL, CERTIFICATE_OF_USER, YEAR_2026, CERTIFICATE_VALID},
    {"security key", "sk-ecdsa", NULL, CERTIFICATE_OF_USER, YEAR_2026, CERTIFICATE_VALID},
};

START_TEST(kind_time_and_signature_are_checked)
{
	struct certificate certificate = certificate_read(checks[_i].name);
	struct slice algorithms =
	    checks[_i].algorithms ? slice_text(checks[_i].algorithms) : ca_algorithms;
	enum certificate_answer answer = CERTIFICATE_UNCHECKED;

	ck_assert_int_eq(certificate_verify(
	                     &certificate, checks[_i].kind, checks[_i].now_s, algorithms, &answer),
	    ERR_OK);
	ck_assert_msg(
	    answer == checks[_i].expect, "%s: %s", checks[_i].why, certificate_answer_text(answer));
}
END_TEST

START_TEST(names_match_whole_and_nobody_is_nobody)
{
	struct certificate certificate = certificate_read("ed25519");
	struct certificate nobody = certificate_read("no-principals");
	struct slice names = certificate.principals, name;

	ck_assert(certificate_names(&certificate, LITERAL("alice")));
	ck_assert(certificate_names(&certificate, LITERAL("bob")));
	ck_assert(!certificate_names(&certificate, LITERAL("alic")));
	ck_assert(!certificate_names(&certificate, LITERAL("alicee")));
	ck_assert(!certificate_names(&certificate, LITERAL("Alice")));
	ck_assert(!certificate_names(&certificate, LITERAL("alice,bob")));
	ck_assert(!certificate_names(&certificate, LITERAL("*")));
	ck_assert(!certificate_names(&certificate, LITERAL("")));
	ck_assert(!certificate_names(&nobody, LITERAL("alice")));
	ck_assert(!certificate_names(&nobody, LITERAL("")));
	ck_assert(certificate_principal_next(&names, &name) && slice_is(name, "alice"));
	ck_assert(certificate_principal_next(&names, &name) && slice_is(name, "bob"));
	ck_assert(!certificate_principal_next(&names, &name));
}
END_TEST

/* CVE-2026-35414: a name with a comma in it is not a list of names. */
START_TEST(a_comma_in_a_name_matches_nobody)
{
	struct certificate certificate = {
	    .principals = BYTES(0, 0, 0, 6, 'a', ',', 'r', 'o', 'o', 't', 0, 0, 0, 0)};

	ck_assert(!certificate_names(&certificate, LITERAL("a,root")));
	ck_assert(!certificate_names(&certificate, LITERAL("a")));
	ck_assert(!certificate_names(&certificate, LITERAL("root")));
	ck_assert(!certificate_names(&certificate, LITERAL("")));
}
END_TEST

START_TEST(options_are_read)
{
	struct certificate certificate = certificate_read("options");
	struct certificate usual = certificate_read("ed25519");
	struct certificate_options options;

	ck_assert_int_eq(certificate_options_parse(&certificate, &options), ERR_OK);
	ck_assert(options.has_command && slice_is(options.command, "/bin/true -x"));
	ck_assert(options.has_source_address && slice_is(options.source_address, "10.0.0.0/8,::1"));
	ck_assert(options.verify_required && options.no_touch_required && options.permit_pty);
	ck_assert(!options.permit_x11_forwarding && !options.permit_agent_forwarding &&
	          !options.permit_port_forwarding && !options.permit_user_rc);
	ck_assert_int_eq(certificate_options_parse(&usual, &options), ERR_OK);
	ck_assert(!options.has_command && !options.has_source_address && !options.verify_required);
	ck_assert(options.permit_pty && options.permit_x11_forwarding &&
	          options.permit_agent_forwarding && options.permit_port_forwarding &&
	          options.permit_user_rc && !options.no_touch_required);
}
END_TEST

#define NAME_PTY     0, 0, 0, 10, 'p', 'e', 'r', 'm', 'i', 't', '-', 'p', 't', 'y'
#define NAME_COMMAND 0, 0, 0, 13, 'f', 'o', 'r', 'c', 'e', '-', 'c', 'o', 'm', 'm', 'a', 'n', 'd'
#define NAME_UNKNOWN 0, 0, 0, 1, 'x'
#define EMPTY        0, 0, 0, 0
#define COMMAND_LS   0, 0, 0, 6, 0, 0, 0, 2, 'l', 's'

static const struct {
	const char *why;
	struct slice critical, extensions;
	enum err expect;
} options[] = {
    {"unknown critical option", BYTES(NAME_UNKNOWN, EMPTY), {0}, ERR_UNSUPPORTED},
    {"an extension is not critical", BYTES(NAME_PTY, EMPTY), {0}, ERR_UNSUPPORTED},
    {"a critical option as extension restricts nothing", {0}, BYTES(NAME_COMMAND, COMMAND_LS),
        ERR_OK},
    {"unknown extension", {0}, BYTES(NAME_UNKNOWN, EMPTY), ERR_OK},
    {"twice", BYTES(NAME_COMMAND, COMMAND_LS, NAME_COMMAND, COMMAND_LS), {0}, ERR_MALFORMED},
    {"extension twice", {0}, BYTES(NAME_PTY, EMPTY, NAME_PTY, EMPTY), ERR_MALFORMED},
    {"command not in a string of its own", BYTES(NAME_COMMAND, 0, 0, 0, 2, 'l', 's'), {0},
        ERR_TRUNCATED},
    {"more than a command", BYTES(NAME_COMMAND, 0, 0, 0, 7, 0, 0, 0, 2, 'l', 's', 0), {0},
        ERR_TRAILING},
    {"permission with data", {0}, BYTES(NAME_PTY, 0, 0, 0, 1, 0), ERR_TRAILING},
    {"no data", BYTES(NAME_COMMAND), {0}, ERR_TRUNCATED},
    {"one command", BYTES(NAME_COMMAND, COMMAND_LS), BYTES(NAME_PTY, EMPTY), ERR_OK},
    {"nothing", {0}, {0}, ERR_OK},
};

START_TEST(malformed_options_are_refused)
{
	struct certificate certificate = {
	    .critical_options = options[_i].critical,
	    .extensions = options[_i].extensions,
	};
	struct certificate_options got = {.command = LITERAL("untouched")};
	enum err err = certificate_options_parse(&certificate, &got);

	ck_assert_msg(err == options[_i].expect, "%s: got %s", options[_i].why, err_name(err));
	if (err != ERR_OK)
		ck_assert(slice_is(got.command, "untouched"));
}
END_TEST

START_TEST(options_from_ssh_keygen_are_known_or_not)
{
	struct certificate critical = certificate_read("unknown-critical");
	struct certificate extension = certificate_read("unknown-extension");
	struct certificate_options got;

	ck_assert_int_eq(certificate_options_parse(&critical, &got), ERR_UNSUPPORTED);
	ck_assert_int_eq(certificate_options_parse(&extension, &got), ERR_OK);
}
END_TEST

START_TEST(certificates_make_no_chains)
{
	struct certificate certificate;

	ck_assert_int_eq(certificate_parse(seed(FOLDER, "refused-chain"), &certificate), ERR_KEY);
}
END_TEST

START_TEST(plain_keys_are_no_certificates)
{
	struct certificate certificate;
	struct key_blob key;

	ck_assert_int_eq(
	    certificate_parse(seed("key_blob_fuzz", "ed25519"), &certificate), ERR_UNSUPPORTED);
	ck_assert_int_eq(key_blob_parse(seed(FOLDER, "ed25519"), &key), ERR_UNSUPPORTED);
}
END_TEST

/* A list of principals past its limit costs no more than its count. */
START_TEST(principals_have_a_limit)
{
	struct certificate certificate = certificate_read("no-principals");
	struct slice blob = certificate.blob;
	size_t at = (size_t)(certificate.principals.ptr - blob.ptr) - 4;
	const size_t count = CERTIFICATE_PRINCIPALS_LIMIT + 1, added = 4 * count;
	uint8_t *longer = calloc(1, blob.len + added);

	memcpy(longer, blob.ptr, at);
	longer[at + 2] = (uint8_t)(added >> 8);
	longer[at + 3] = (uint8_t)added;
	memcpy(longer + at + 4 + added, blob.ptr + at + 4, blob.len - at - 4);
	ck_assert_int_eq(
	    certificate_parse(slice_over(longer, blob.len + added), &certificate), ERR_LIMIT);
	free(longer);
}
END_TEST

SUITE("certificate", TEST(certificates_make_no_chains),
    TEST(plain_keys_are_no_certificates), TEST(principals_have_a_limit),
    LOOP_TEST(every_truncation_is_refused, COUNT_OF(types)),
    LOOP_TEST(every_flipped_bit_is_refused, COUNT_OF(types)),
    LOOP_TEST(kind_time_and_signature_are_checked, COUNT_OF(checks)),
    TEST(names_match_whole_and_nobody_is_nobody), TEST(a_comma_in_a_name_matches_nobody),
    LOOP_TEST(malformed_options_are_refused, COUNT_OF(options)),
    TEST(options_from_ssh_keygen_are_known_or_not), TEST(options_are_read),
    LOOP_TEST(every_type_is_parsed, COUNT_OF(types)))
