#include "sshd/crypto/key_blob.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/wire/mpint.h"

#define CURVE_NAME_LIMIT  16u
#define POINT_LIMIT       133u /* nistp521, uncompressed */
#define APPLICATION_LIMIT 1024u
#define RSA_BITS_LEAST    1024u
#define RSA_BITS_MOST     16384u
#define ED25519_LEN       32u

struct type_row {
	const char *type;
	enum key_kind kind;
	const char *curve; /* ECDSA kinds */
	size_t point_len;
	unsigned bits; /* 0: of the modulus */
	const char *shown;
};

static const struct type_row types[] = {
    {"ssh-ed25519", KEY_ED25519, NULL, ED25519_LEN, 256, "ED25519"},
    {"ecdsa-sha2-nistp256", KEY_ECDSA, "nistp256", 65, 256, "ECDSA"},
    {"ecdsa-sha2-nistp384", KEY_ECDSA, "nistp384", 97, 384, "ECDSA"},
    {"ecdsa-sha2-nistp521", KEY_ECDSA, "nistp521", 133, 521, "ECDSA"},
    {"ssh-rsa", KEY_RSA, NULL, 0, 0, "RSA"},
    {"sk-ssh-ed25519@openssh.com", KEY_SK_ED25519, NULL, ED25519_LEN, 256, "ED25519-SK"},
    {"sk-ecdsa-sha2-nistp256@openssh.com", KEY_SK_ECDSA, "nistp256", 65, 256, "ECDSA-SK"},
};

static const struct type_row *type_named(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (slice_is(name, types[i].type))
			return &types[i];
	return NULL;
}

static size_t bit_count(struct slice magnitude)
{
	size_t bits = magnitude.len * 8;

	if (magnitude.len == 0)
		return 0;
	for (unsigned top = magnitude.ptr[0]; !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

static bool is_odd(struct slice magnitude)
{
	return magnitude.len > 0 && (magnitude.ptr[magnitude.len - 1] & 1);
}

/* Big numbers are refused here, before anything computes with them. */
static enum err check_rsa(const struct key_blob *key)
{
	size_t bits = bit_count(key->n);

	if (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST || !is_odd(key->n))
		return ERR_KEY;
	if (bit_count(key->e) > 32 || !is_odd(key->e) || bit_count(key->e) < 2)
		return ERR_KEY;
	return ERR_OK;
}

/* RFC 5656, section 3.1: points may be compressed, but nobody does it and we need not either. */
static enum err check_point(const struct type_row *row, const struct key_blob *key)
{
	if (key->point.len != row->point_len)
		return ERR_KEY;
	if (row->curve != NULL && (!slice_is(key->curve, row->curve) || key->point.ptr[0] != 4))
		return ERR_KEY;
	return ERR_OK;
}

static void read_fields(struct reader *r, const struct type_row *row, struct key_blob *key)
{
	if (row->kind == KEY_RSA) {
		key->e = read_mpint(r, KEY_BLOB_LIMIT);
		key->n = read_mpint(r, KEY_BLOB_LIMIT);
		return;
	}
	if (row->curve != NULL)
		key->curve = read_string(r, CURVE_NAME_LIMIT);
	key->point = read_string(r, POINT_LIMIT);
	if (row->kind == KEY_SK_ED25519 || row->kind == KEY_SK_ECDSA)
		key->application = read_string(r, APPLICATION_LIMIT);
}

enum err key_fields_read(struct reader *r, struct slice type, struct key_blob *out)
{
	const struct type_row *row = type_named(type);
	struct key_blob key = {.type = type};

	if (row == NULL)
		return ERR_UNSUPPORTED;
	key.kind = row->kind;
	read_fields(r, row, &key);
	TRY(r->err);
	TRY(row->kind == KEY_RSA ? check_rsa(&key) : check_point(row, &key));
	*out = key;
	return ERR_OK;
}

enum err key_blob_parse(struct slice blob, struct key_blob *out)
{
	struct reader r = reader_over(blob);
	struct key_blob key;
	struct slice type;

	if (blob.len > KEY_BLOB_LIMIT)
		return ERR_TOO_LONG;
	type = read_string(&r, KEY_TYPE_LIMIT);
	TRY(r.err);
	TRY(key_fields_read(&r, type, &key));
	TRY(reader_finish(&r));
	key.blob = blob;
	*out = key;
	return ERR_OK;
}

unsigned key_blob_bits(const struct key_blob *key)
{
	const struct type_row *row = type_named(key->type);

	if (row == NULL)
		return 0;
	return row->bits != 0 ? row->bits : (unsigned)bit_count(key->n);
}

const char *key_blob_type_name(const struct key_blob *key)
{
	const struct type_row *row = type_named(key->type);

	return row != NULL ? row->shown : "UNKNOWN";
}

static enum err append_colon_hex(struct slice bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.len; i++)
		TRY(buf_append_format(out, i == 0 ? "%02x" : ":%02x", bytes.ptr[i]));
	return ERR_OK;
}

enum err key_fingerprint(struct slice blob, enum hash_kind kind, struct buf *out)
{
	struct digest digest;

	if (kind != HASH_SHA256 && kind != HASH_MD5)
		return ERR_UNSUPPORTED;
	TRY(hash_parts(kind, &blob, 1, &digest));
	if (kind == HASH_MD5) {
		TRY(buf_append_text(out, "MD5:"));
		return append_colon_hex(digest_view(&digest), out);
	}
	TRY(buf_append_text(out, "SHA256:"));
	return text_append_base64(out, digest_view(&digest), false);
}
