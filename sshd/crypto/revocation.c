#include "sshd/crypto/revocation.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/key_file.h"
#include "sshd/wire/mpint.h"

#define MAGIC          UINT64_C(0x5353484b524c0a00) /* "SSHKRL\n" and a zero byte */
#define FORMAT_VERSION 1u
#define NAME_LIMIT     1024u

enum section_type {
	SECTION_CERTIFICATES = 1,
	SECTION_EXPLICIT_KEY = 2,
	SECTION_FINGERPRINT_SHA1 = 3,
	SECTION_SIGNATURE = 4,
	SECTION_FINGERPRINT_SHA256 = 5,
	SECTION_EXTENSION = 255,
};

enum certificate_section_type {
	SECTION_CERT_SERIAL_LIST = 0x20,
	SECTION_CERT_SERIAL_RANGE = 0x21,
	SECTION_CERT_SERIAL_BITMAP = 0x22,
	SECTION_CERT_KEY_ID = 0x23,
	SECTION_CERT_EXTENSION = 0x39,
};

/* The keys that must not be named: the one offered and, for a certificate, its authority. */
#define KEYS_LIMIT 2

struct question {
	struct slice keys[KEYS_LIMIT];
	struct digest sha1[KEYS_LIMIT], sha256[KEYS_LIMIT];
	size_t key_count;
	const struct certificate *certificate;
	bool is_revoked; /* once true it stays so, and the rest is read for errors only */
};

static enum err question_ask(
    struct slice key, const struct certificate *certificate, struct question *question)
{
	question->certificate = certificate;
	question->keys[question->key_count++] = key;
	if (certificate != NULL)
		question->keys[question->key_count++] = certificate->authority;
	for (size_t i = 0; i < question->key_count; i++) {
		TRY(hash_parts(HASH_SHA1, &question->keys[i], 1, &question->sha1[i]));
		TRY(hash_parts(HASH_SHA256, &question->keys[i], 1, &question->sha256[i]));
	}
	return ERR_OK;
}

/* ---------------------------------------------------------------- keys and fingerprints */

static enum err read_explicit_keys(struct reader *r, struct question *question)
{
	while (r->left.len > 0) {
		struct slice blob = read_string(r, KEY_BLOB_LIMIT);

		TRY(r->err);
		for (size_t i = 0; i < question->key_count; i++)
			if (slice_equal(blob, question->keys[i]))
				question->is_revoked = true;
	}
	return ERR_OK;
}

static enum err read_fingerprints(
    struct reader *r, struct question *question, const struct digest *digests, size_t len)
{
	while (r->left.len > 0) {
		struct slice fingerprint = read_string(r, HASH_LIMIT);

		TRY(r->err);
		if (fingerprint.len != len)
			return ERR_MALFORMED;
		for (size_t i = 0; i < question->key_count; i++)
			if (slice_equal(fingerprint, digest_view(&digests[i])))
				question->is_revoked = true;
	}
	return ERR_OK;
}

static enum err read_sha1(struct reader *r, struct question *question)
{
	return read_fingerprints(r, question, question->sha1, 20);
}

static enum err read_sha256(struct reader *r, struct question *question)
{
	return read_fingerprints(r, question, question->sha256, 32);
}

/* --------------------------------------------------------------------------- extensions */

/* None are known; a critical one may revoke what we would let pass. */
static enum err read_extension(struct reader *r, struct question *question)
{
	bool is_critical;

	(void)question;
	read_string(r, NAME_LIMIT);
	is_critical = read_boolean(r);
	read_string(r, REVOCATION_LIST_LIMIT);
	TRY(r->err);
	return is_critical ? ERR_UNSUPPORTED : ERR_OK;
}

/* ------------------------------------------------------------------------- certificates */

/* Serial 0 is no number but the lack of one, so it is never revoked by number. */
static void revoke_serials(struct question *question, uint64_t first, uint64_t last)
{
	uint64_t serial = question->certificate != NULL ? question->certificate->serial : 0;

	if (serial != 0 && serial >= first && serial <= last)
		question->is_revoked = true;
}

static enum err read_serial_list(struct reader *r, struct question *question)
{
	while (r->left.len > 0) {
		uint64_t serial = read_u64(r);

		TRY(r->err);
		revoke_serials(question, serial, serial);
	}
	return ERR_OK;
}

static enum err read_serial_range(struct reader *r, struct question *question)
{
	uint64_t first = read_u64(r);
	uint64_t last = read_u64(r);

	TRY(r->err);
	if (first > last)
		return ERR_MALFORMED;
	revoke_serials(question, first, last);
	return ERR_OK;
}

/* Bit N of the number stands for serial offset + N. */
static enum err read_serial_bitmap(struct reader *r, struct question *question)
{
	uint64_t offset = read_u64(r);
	struct slice bitmap = read_mpint(r, REVOCATION_LIST_LIMIT);
	uint64_t serial = question->certificate != NULL ? question->certificate->serial : 0;
	uint64_t bit = serial - offset;

	TRY(r->err);
	if (bitmap.len > 0 && bitmap.len * 8 - 1 > UINT64_MAX - offset)
		return ERR_MALFORMED;
	if (serial < offset || bit / 8 >= bitmap.len)
		return ERR_OK;
	if (bitmap.ptr[bitmap.len - 1 - bit / 8] >> bit % 8 & 1)
		revoke_serials(question, serial, serial);
	return ERR_OK;
}

static enum err read_key_ids(struct reader *r, struct question *question)
{
	while (r->left.len > 0) {
		struct slice key_id = read_string(r, KEY_BLOB_LIMIT);

		TRY(r->err);
		if (question->certificate != NULL &&
		    slice_equal(key_id, question->certificate->key_id))
			question->is_revoked = true;
	}
	return ERR_OK;
}

/* ----------------------------------------------------------------------------- sections */

/* Reads one section's data, all of it. */
struct section_row {
	uint8_t type;
	enum err (*read)(struct reader *r, struct question *question);
};

static enum err read_section(
    struct reader *r, const struct section_row *rows, struct question *question)
{
	uint8_t type = read_byte(r);
	struct reader data = reader_over(read_string(r, REVOCATION_LIST_LIMIT));

	TRY(r->err);
	while (rows->read != NULL && rows->type != type)
		rows++;
	/* What an unknown section revokes we would let pass. */
	if (rows->read == NULL)
		return ERR_UNSUPPORTED;
	TRY(rows->read(&data, question));
	return reader_finish(&data);
}

static const struct section_row certificate_sections[] = {
    {SECTION_CERT_SERIAL_LIST, read_serial_list},
    {SECTION_CERT_SERIAL_RANGE, read_serial_range},
    {SECTION_CERT_SERIAL_BITMAP, read_serial_bitmap},
    {SECTION_CERT_KEY_ID, read_key_ids},
    {SECTION_CERT_EXTENSION, read_extension},
    {0, NULL},
};

/* An empty key stands for every authority. What is of another authority is read and not applied. */
static enum err read_certificates(struct reader *r, struct question *question)
{
	struct question of_another = {0};
	struct slice authority = read_string(r, KEY_BLOB_LIMIT);
	bool is_meant =
	    question->certificate != NULL &&
	    (authority.len == 0 || slice_equal(authority, question->certificate->authority));

	read_string(r, KEY_BLOB_LIMIT); /* reserved */
	TRY(r->err);
	while (r->left.len > 0)
		TRY(read_section(r, certificate_sections, is_meant ? question : &of_another));
	return ERR_OK;
}

static const struct section_row sections[] = {
    {SECTION_CERTIFICATES, read_certificates},
    {SECTION_EXPLICIT_KEY, read_explicit_keys},
    {SECTION_FINGERPRINT_SHA1, read_sha1},
    {SECTION_FINGERPRINT_SHA256, read_sha256},
    {SECTION_EXTENSION, read_extension},
    {0, NULL},
};

/*
 * Signatures end the list. Whose they would have to be nobody configures; the list is trusted
 * for the ownership of its file, so they are only passed over.
 */
static enum err read_signatures(struct reader *r)
{
	while (r->left.len > 0) {
		if (read_byte(r) != SECTION_SIGNATURE)
			return ERR_MALFORMED;
		read_string(r, KEY_BLOB_LIMIT);
		read_string(r, KEY_BLOB_LIMIT);
		TRY(r->err);
	}
	return ERR_OK;
}

static enum err read_krl(struct slice list, struct question *question)
{
	struct reader r = reader_over(list);
	uint32_t version;

	read_u64(&r); /* the magic number, seen already */
	version = read_u32(&r);
	read_u64(&r);                    /* version of the list */
	read_u64(&r);                    /* when it was made */
	read_u64(&r);                    /* flags, none defined */
	read_string(&r, KEY_BLOB_LIMIT); /* reserved */
	read_string(&r, KEY_BLOB_LIMIT); /* comment */
	TRY(r.err);
	if (version != FORMAT_VERSION)
		return ERR_UNSUPPORTED;
	while (r.left.len > 0 && r.left.ptr[0] != SECTION_SIGNATURE)
		TRY(read_section(&r, sections, question));
	TRY(read_signatures(&r));
	return reader_finish(&r);
}

static enum err read_text(struct slice list, struct question *question)
{
	for (size_t i = 0; i < question->key_count; i++) {
		bool is_listed = false;

		TRY(public_key_list_search(list, question->keys[i], &is_listed));
		if (is_listed)
			question->is_revoked = true;
	}
	return ERR_OK;
}

static bool is_krl(struct slice list)
{
	struct reader r = reader_over(list);

	return read_u64(&r) == MAGIC;
}

static enum err read_list(struct slice list, struct question *question)
{
	if (list.len > REVOCATION_LIST_LIMIT)
		return ERR_TOO_LONG;
	return is_krl(list) ? read_krl(list, question) : read_text(list, question);
}

enum err revocation_check(struct slice list, struct slice key,
    const struct certificate *certificate, enum revocation *answer)
{
	struct question question = {0};

	TRY(question_ask(key, certificate, &question));
	TRY(read_list(list, &question));
	*answer = question.is_revoked ? REVOKED : NOT_REVOKED;
	return ERR_OK;
}

/* A key that no list names still has the whole list read. */
enum err revocation_list_check(struct slice list)
{
	struct question question = {.key_count = 1};

	return read_list(list, &question);
}
