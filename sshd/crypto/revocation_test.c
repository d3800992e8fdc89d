/* Lists by `ssh-keygen -k` with the answers of `ssh-keygen -Q`, and by hand what is refused. */
#include "sshd/crypto/key_file.h"
#include "sshd/crypto/revocation.h"
#include "tests/support/seed.h"
#include "tests/support/suite.h"

#define FOLDER "revocation_fuzz"

/* A plain key, or a certificate and the key in it. */
struct subject {
	struct slice key;
	struct certificate certificate;
	bool is_certificate;
};

static const struct {
	char letter; /* as in the tables below */
	const char *folder, *name;
} subjects[] = {
    {'e', "key_blob_fuzz", "ed25519"}, {'E', "certificate_fuzz", "ed25519"}, /* serial 7 */
    {'P', "certificate_fuzz", "ecdsa256"},                                   /* serial 7 */
    {'r', "key_blob_fuzz", "rsa2048"}, {'p', "key_blob_fuzz", "ecdsa256"},
    {'B', "certificate_fuzz", "by-ecdsa"}, /* the Ed25519 key by another authority, serial 10 */
    {'F', "certificate_fuzz", "forever"},  /* the Ed25519 key without a serial */
};

static struct subject subject_read(size_t i)
{
	struct subject subject = {.key = seed(subjects[i].folder, subjects[i].name)};
	AUTO(buf_wipe) struct buf plain = buf_empty(KEY_BLOB_LIMIT);
	uint8_t *kept;

	if (certificate_parse(subject.key, &subject.certificate) != ERR_OK)
		return subject;
	subject.is_certificate = true;
	ck_assert_int_eq(certificate_plain_key(&subject.certificate, &plain), ERR_OK);
	kept = keep(buf_len(&plain));
	memcpy(kept, buf_view(&plain).ptr, buf_len(&plain));
	subject.key = slice_over(kept, buf_len(&plain));
	return subject;
}

static enum err check(const char *list, const struct subject *subject, enum revocation *answer)
{
	return revocation_check(seed(FOLDER, list), subject->key,
	    subject->is_certificate ? &subject->certificate : NULL, answer);
}

static const struct {
	const char *name;
	const char *revoked; /* the letters of the subjects that it revokes */
} lists[] = {
    {"empty", ""},
    {"serial-list", "EP"},
    {"serial-range", "EP"},
    {"serial-bitmap", "EP"},
    {"serial-bitmap-without", ""},
    {"serial-other-authority", ""},
    {"serial-zero", ""},
    {"bitmap-mpint-sign", "EP"},
    {"bitmap-high", ""},
    {"key-id", "E"},
    {"key-id-any-authority", "E"},
    {"key", "eErBF"},
    {"sha1", "eErBF"},
    {"sha256", "eEBF"},
    {"hash", "Pp"},
    {"certificate", "EP"},
    {"authority", "EPF"},
    {"authority-sha256", "EPF"},
    {"extension", "eEBF"},
    {"signed", "eEBF"},
    {"text", "eEBF"},
    {"text-authority", "EPF"},
    {"text-certificate", "eEBF"},
};

START_TEST(lists_revoke_what_ssh_keygen_says)
{
	for (size_t i = 0; i < COUNT_OF(subjects); i++) {
		struct subject subject = subject_read(i);
		bool expect = strchr(lists[_i].revoked, subjects[i].letter) != NULL;
		enum revocation answer = expect ? NOT_REVOKED : REVOKED;

		ck_assert_int_eq(check(lists[_i].name, &subject, &answer), ERR_OK);
		ck_assert_msg(
		    (answer == REVOKED) == expect, "%s: %c", lists[_i].name, subjects[i].letter);
		ck_assert(answer == REVOKED || answer == NOT_REVOKED);
	}
	ck_assert_int_eq(revocation_list_check(seed(FOLDER, lists[_i].name)), ERR_OK);
}
END_TEST

static const struct {
	const char *name;
	enum err expect;
} refused[] = {
    {"refused-version", ERR_UNSUPPORTED},
    {"refused-critical-extension", ERR_UNSUPPORTED},
    {"refused-critical-certificate-extension", ERR_UNSUPPORTED},
    {"refused-unknown-section", ERR_UNSUPPORTED},
    {"refused-unknown-certificate-section", ERR_UNSUPPORTED},
    {"refused-sha1-length", ERR_MALFORMED},
    {"refused-sha256-length", ERR_MALFORMED},
    {"refused-range-backwards", ERR_MALFORMED},
    {"refused-range-trailing", ERR_TRAILING},
    {"refused-bitmap-overflow", ERR_MALFORMED},
    {"refused-bitmap-negative", ERR_MALFORMED},
    {"refused-after-signature", ERR_MALFORMED},
    {"refused-serial-cut", ERR_TRUNCATED},
    {"refused-revoked-then-broken", ERR_TRUNCATED},
    {"refused-text-broken", ERR_MALFORMED},
};

/* A list that cannot be read whole says nothing about anybody, and who relies on it must refuse. */
START_TEST(lists_that_cannot_be_relied_on_are_errors)
{
	for (size_t i = 0; i < COUNT_OF(subjects); i++) {
		struct subject subject = subject_read(i);
		enum revocation answer = REVOKED;
		enum err got = check(refused[_i].name, &subject, &answer);

		ck_assert_msg(
		    got == refused[_i].expect, "%s: got %s", refused[_i].name, err_name(got));
		ck_assert(answer == REVOKED);
	}
	ck_assert_int_eq(revocation_list_check(seed(FOLDER, refused[_i].name)), refused[_i].expect);
}
END_TEST

START_TEST(every_truncation_is_an_error_or_ends_between_sections)
{
	struct slice list = seed(FOLDER, lists[_i].name);
	struct subject subject = subject_read(1);

	if (!slice_starts(list, "SSHKRL\n"))
		return;
	for (size_t len = 44; len < list.len; len++) {
		enum revocation answer = REVOKED;
		enum err got = revocation_check(
		    slice_first(list, len), subject.key, &subject.certificate, &answer);

		ck_assert(got == ERR_OK || answer == REVOKED);
		ck_assert(got == revocation_list_check(slice_first(list, len)));
		if (len > 53 && strcmp(lists[_i].name, "extension") != 0 &&
		    strcmp(lists[_i].name, "signed") != 0)
			ck_assert_int_ne(got, ERR_OK);
	}
}
END_TEST

static const struct {
	const char *why, *text;
	enum err expect;
	bool is_listed;
} texts[] = {
    {"empty", "", ERR_OK, false},
    {"comments and blanks", "# ssh-ed25519 AAAA\n\n   \n\t# x\n", ERR_OK, false},
    {"another key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\n", ERR_OK, false},
    {"a broken line", "ssh-ed25519\n", ERR_MALFORMED, false},
    {"there", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 c", ERR_OK, true},
    {"there before a broken line", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\nx\n", ERR_OK, true},
    {"there behind a broken line", "x\r\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5\r\n", ERR_OK, true},
};

START_TEST(key_lists_are_searched_to_their_end)
{
	struct slice blob =
	    BYTES(0, 0, 0, 11, 's', 's', 'h', '-', 'e', 'd', '2', '5', '5', '1', '9');
	bool is_listed = !texts[_i].is_listed;
	enum err got = public_key_list_search(slice_text(texts[_i].text), blob, &is_listed);

	ck_assert_msg(got == texts[_i].expect, "%s: got %s", texts[_i].why, err_name(got));
	ck_assert_int_eq(is_listed, got == ERR_OK ? texts[_i].is_listed : !texts[_i].is_listed);
}
END_TEST

SUITE("revocation", LOOP_TEST(lists_that_cannot_be_relied_on_are_errors, COUNT_OF(refused)),
    LOOP_TEST(every_truncation_is_an_error_or_ends_between_sections, COUNT_OF(lists)),
    LOOP_TEST(lists_revoke_what_ssh_keygen_says, COUNT_OF(lists)),
    LOOP_TEST(key_lists_are_searched_to_their_end, COUNT_OF(texts)))
