#include "sshd/crypto/certificate.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/signature.h"
#include "sshd/wire/name_list.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define NONCE_LIMIT  1024u
#define KEY_ID_LIMIT 4096u
#define FIELD_LIMIT  KEY_BLOB_LIMIT

/* The certificate rows name each type of certificate beside the type of key in it. */
static const struct signature_algorithm *row_of(struct slice type)
{
	const struct signature_algorithm *row = signature_algorithms;

	while (row->name != NULL && (!row->is_certificate || !slice_is(type, row->key_type)))
		row++;
	return row->name != NULL ? row : NULL;
}

bool certificate_principal_next(struct slice *principals, struct slice *name)
{
	struct reader r = reader_over(*principals);
	struct slice next;

	if (principals->len == 0)
		return false;
	next = read_string(&r, FIELD_LIMIT);
	if (r.err != ERR_OK)
		return false;
	*name = next;
	*principals = r.left;
	return true;
}

static enum err check_principals(struct slice principals)
{
	struct slice name;

	for (unsigned count = 0; certificate_principal_next(&principals, &name); count++)
		if (count >= CERTIFICATE_PRINCIPALS_LIMIT)
			return ERR_LIMIT;
	return principals.len == 0 ? ERR_OK : ERR_MALFORMED;
}

/* An authority is a plain key: certificates do not make chains. */
static enum err check_authority(struct slice authority)
{
	struct key_blob key;

	return key_blob_parse(authority, &key) == ERR_OK ? ERR_OK : ERR_KEY;
}

static enum err read_key(struct reader *r, struct certificate *certificate)
{
	const struct signature_algorithm *row;
	struct slice before;

	certificate->type = read_string(r, KEY_TYPE_LIMIT);
	TRY(r->err);
	row = row_of(certificate->type);
	if (row == NULL)
		return ERR_UNSUPPORTED;
	read_string(r, NONCE_LIMIT);
	before = r->left;
	TRY(key_fields_read(r, slice_text(row->plain_key_type), &certificate->key));
	certificate->key_fields = slice_first(before, before.len - r->left.len);
	return ERR_OK;
}

static uint32_t read_claims(struct reader *r, struct certificate *certificate)
{
	uint32_t kind;

	certificate->serial = read_u64(r);
	kind = read_u32(r);
	certificate->key_id = read_string(r, KEY_ID_LIMIT);
	certificate->principals = read_string(r, FIELD_LIMIT);
	certificate->valid_after_s = read_u64(r);
	certificate->valid_before_s = read_u64(r);
	certificate->critical_options = read_string(r, FIELD_LIMIT);
	certificate->extensions = read_string(r, FIELD_LIMIT);
	read_string(r, FIELD_LIMIT); /* reserved */
	return kind;
}

enum err certificate_parse(struct slice blob, struct certificate *out)
{
	struct reader r = reader_over(blob);
	struct certificate certificate = {.blob = blob};
	uint32_t kind;

	if (blob.len > KEY_BLOB_LIMIT)
		return ERR_TOO_LONG;
	TRY(read_key(&r, &certificate));
	kind = read_claims(&r, &certificate);
	certificate.authority = read_string(&r, KEY_BLOB_LIMIT);
	certificate.signed_part = slice_first(blob, blob.len - r.left.len);
	certificate.signature = read_string(&r, SIGNATURE_BLOB_LIMIT);
	TRY(reader_finish(&r));
	if (kind != CERTIFICATE_OF_USER && kind != CERTIFICATE_OF_HOST)
		return ERR_MALFORMED;
	certificate.kind = (enum certificate_kind)kind;
	TRY(check_principals(certificate.principals));
	TRY(check_authority(certificate.authority));
	*out = certificate;
	return ERR_OK;
}

enum err certificate_plain_key(const struct certificate *certificate, struct buf *out)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, 4 + certificate->key.type.len + certificate->key_fields.len, &room));
	w = writer_into(room);
	write_string(&w, certificate->key.type);
	write_bytes(&w, certificate->key_fields);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

bool certificate_names(const struct certificate *certificate, struct slice principal)
{
	struct slice principals = certificate->principals, name;

	if (principal.len == 0 || memchr(principal.ptr, ',', principal.len) != NULL)
		return false;
	while (certificate_principal_next(&principals, &name))
		if (slice_equal(name, principal))
			return true;
	return false;
}

const char *certificate_answer_text(enum certificate_answer answer)
{
	static const char *const texts[] = {
	    [CERTIFICATE_UNCHECKED] = "certificate was not checked",
	    [CERTIFICATE_WRONG_KIND] = "certificate is not of the kind needed",
	    [CERTIFICATE_NOT_YET_VALID] = "certificate is not yet valid",
	    [CERTIFICATE_EXPIRED] = "certificate has expired",
	    [CERTIFICATE_WRONG_ALGORITHM] = "certificate is signed with an algorithm not allowed",
	    [CERTIFICATE_WRONG_SIGNATURE] = "certificate has a signature that is not valid",
	};

	if (answer == CERTIFICATE_VALID)
		return "certificate is valid";
	return texts[(unsigned)answer < COUNT_OF(texts) ? answer : CERTIFICATE_UNCHECKED];
}

/* The signature names its own algorithm, which has to be allowed and to fit the authority's key. */
static enum err check_signature(
    const struct certificate *certificate, struct slice algorithms, enum certificate_answer *answer)
{
	struct reader r = reader_over(certificate->signature);
	struct slice name = read_string(&r, KEY_TYPE_LIMIT);
	const struct signature_algorithm *row = signature_algorithm_named(name);
	enum err err;

	*answer = CERTIFICATE_WRONG_ALGORITHM;
	if (row == NULL || row->is_certificate || !name_list_contains(algorithms, name))
		return ERR_OK;
	*answer = CERTIFICATE_WRONG_SIGNATURE;
	err = signature_verify(
	    row, certificate->authority, certificate->signature, certificate->signed_part, NULL);
	if (err == ERR_SIGNATURE || err == ERR_KEY)
		return ERR_OK;
	TRY(err);
	*answer = CERTIFICATE_VALID;
	return ERR_OK;
}

enum err certificate_verify(const struct certificate *certificate, enum certificate_kind kind,
    uint64_t now_s, struct slice algorithms, enum certificate_answer *answer)
{
	enum certificate_answer signature = CERTIFICATE_UNCHECKED;

	if (certificate->kind != kind) {
		*answer = CERTIFICATE_WRONG_KIND;
	} else if (now_s < certificate->valid_after_s) {
		*answer = CERTIFICATE_NOT_YET_VALID;
	} else if (now_s >= certificate->valid_before_s) {
		*answer = CERTIFICATE_EXPIRED;
	} else {
		TRY(check_signature(certificate, algorithms, &signature));
		*answer = signature;
	}
	return ERR_OK;
}
