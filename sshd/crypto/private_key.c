#include "sshd/crypto/private_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/key_file.h"
#include "sshd/wire/mpint.h"

#define RSA_BITS_LEAST   2048
#define RSA_BITS_MOST    8192
#define ED25519_LEN      32
#define COORDINATE_LIMIT 66

/* Powers of two; a key of RSA 8192 takes some 8 KiB while it signs. */
#define PROTECTED_BYTES (256u * 1024)
#define PROTECTED_LEAST 32

static const struct {
	const char *group, *type, *curve;
	int coordinate_len;
} curves[] = {
    {"prime256v1", "ecdsa-sha2-nistp256", "nistp256", 32},
    {"secp384r1", "ecdsa-sha2-nistp384", "nistp384", 48},
    {"secp521r1", "ecdsa-sha2-nistp521", "nistp521", 66},
};

static void number_release(BIGNUM **number)
{
	BN_free(*number);
}

static enum err blob_ed25519(EVP_PKEY *pkey, struct writer *w)
{
	uint8_t public[ED25519_LEN];
	size_t len = sizeof(public);

	if (EVP_PKEY_get_raw_public_key(pkey, public, &len) != 1)
		return library_failed();
	write_text(w, "ssh-ed25519");
	write_string(w, slice_over(public, len));
	return ERR_OK;
}

/* Coordinates rather than the point, which OpenSSL gives in the form its file had. */
static enum err blob_ecdsa(EVP_PKEY *pkey, struct writer *w)
{
	AUTO(number_release) BIGNUM *x = NULL;
	AUTO(number_release) BIGNUM *y = NULL;
	uint8_t point[1 + 2 * COORDINATE_LIMIT] = {4};
	char group[32] = "";
	size_t row = 0, group_len;
	int len;

	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), &group_len) != 1)
		library_forget(); /* a curve without a name is none of ours */
	while (row < COUNT_OF(curves) && strcmp(group, curves[row].group) != 0)
		row++;
	if (row == COUNT_OF(curves))
		return ERR_KEY;
	len = curves[row].coordinate_len;
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) != 1 ||
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) != 1 ||
	    BN_bn2binpad(x, point + 1, len) != len || BN_bn2binpad(y, point + 1 + len, len) != len)
		return library_failed();
	write_text(w, curves[row].type);
	write_text(w, curves[row].curve);
	write_string(w, slice_over(point, 1 + 2 * (size_t)len));
	return ERR_OK;
}

static enum err write_number(EVP_PKEY *pkey, const char *name, struct writer *w)
{
	AUTO(number_release) BIGNUM *number = NULL;
	uint8_t bytes[RSA_BITS_MOST / 8];

	if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1 ||
	    BN_bn2binpad(number, bytes, sizeof(bytes)) != sizeof(bytes))
		return library_failed();
	write_mpint(w, SLICE_OF(bytes));
	return ERR_OK;
}

static enum err blob_rsa(EVP_PKEY *pkey, struct writer *w)
{
	int bits = EVP_PKEY_get_bits(pkey);

	if (bits < RSA_BITS_LEAST || bits > RSA_BITS_MOST)
		return ERR_KEY;
	write_text(w, "ssh-rsa");
	TRY(write_number(pkey, OSSL_PKEY_PARAM_RSA_E, w));
	return write_number(pkey, OSSL_PKEY_PARAM_RSA_N, w);
}

static const struct kind_row {
	const char *library_name;
	enum key_kind kind;
	enum err (*blob)(EVP_PKEY *pkey, struct writer *w);
	size_t room; /* for the blob */
	const struct signature_ops *ops;
} kinds[] = {
    {"ED25519", KEY_ED25519, blob_ed25519, 64, &signature_ed25519},
    {"EC", KEY_ECDSA, blob_ecdsa, 256, &signature_ecdsa},
    {"RSA", KEY_RSA, blob_rsa, 2 * RSA_BITS_MOST / 8 + 64, &signature_rsa},
};

static const struct kind_row *kind_of(EVP_PKEY *pkey)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (EVP_PKEY_is_a(pkey, kinds[i].library_name))
			return &kinds[i];
	return NULL;
}

enum err pkey_blob(EVP_PKEY *pkey, struct buf *blob)
{
	const struct kind_row *row = kind_of(pkey);
	struct span room;
	struct writer w;

	if (row == NULL)
		return ERR_KEY;
	TRY(buf_reserve(blob, row->room, &room));
	w = writer_into(room);
	TRY(row->blob(pkey, &w));
	TRY(writer_finish(&w, NULL));
	buf_commit(blob, w.len);
	return ERR_OK;
}

/* The first plain algorithm that the key can sign with. */
static const struct signature_algorithm *algorithm_for(const struct key_blob *key)
{
	const struct signature_algorithm *row = signature_algorithms;

	while (row->name != NULL && (row->is_certificate || !slice_is(key->type, row->key_type)))
		row++;
	return row->name != NULL ? row : NULL;
}

/* A file can name halves of two keys; what it signs would then tell about the private one. */
static enum err prove(const struct private_key *key)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(SIGNATURE_BLOB_LIMIT);
	struct slice data = LITERAL("both halves of a host key belong together");
	const struct signature_algorithm *algorithm;
	struct key_blob parsed;
	enum err err;

	TRY(key_blob_parse(buf_view(&key->blob), &parsed));
	algorithm = algorithm_for(&parsed);
	if (algorithm == NULL)
		return ERR_KEY;
	TRY(private_key_sign(key, algorithm, data, &signature));
	err = signature_verify(algorithm, buf_view(&key->blob), buf_view(&signature), data, NULL);
	return err == ERR_SIGNATURE ? ERR_KEY : err;
}

enum err private_key_new(EVP_PKEY *pkey, struct private_key **out)
{
	AUTO(pkey_release) EVP_PKEY *taken = pkey;
	AUTO(private_key_release) struct private_key *key = NULL;
	const struct kind_row *row = kind_of(pkey);

	if (row == NULL)
		return ERR_KEY;
	key = calloc(1, sizeof(*key));
	if (key == NULL)
		return ERR_NO_MEMORY;
	key->pkey = TAKE(taken);
	key->kind = row->kind;
	key->blob = buf_empty(KEY_BLOB_LIMIT);
	TRY(pkey_blob(key->pkey, &key->blob));
	TRY(prove(key));
	*out = TAKE(key);
	return ERR_OK;
}

enum err private_key_protect(void)
{
	library_start();
	if (CRYPTO_secure_malloc_initialized())
		return ERR_OK;
	return CRYPTO_secure_malloc_init(PROTECTED_BYTES, PROTECTED_LEAST) != 0 ? ERR_OK
	                                                                        : library_failed();
}

void private_key_free(struct private_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	buf_wipe(&key->blob);
	free(key);
}

void private_key_release(struct private_key **key)
{
	private_key_free(*key);
	*key = NULL;
}

struct slice private_key_blob(const struct private_key *key)
{
	return buf_view(&key->blob);
}

static enum err append_name(struct buf *out, const char *name)
{
	struct span room;
	struct writer w;

	TRY(buf_reserve(out, 4 + strlen(name), &room));
	w = writer_into(room);
	write_text(&w, name);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

enum err private_key_sign(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct slice data, struct buf *signature)
{
	size_t start = buf_len(signature);
	struct key_blob parsed;
	enum err err;

	TRY(key_blob_parse(buf_view(&key->blob), &parsed));
	if (algorithm->ops->sign == NULL || !slice_is(parsed.type, algorithm->plain_key_type))
		return ERR_KEY;
	TRY(append_name(signature, algorithm->signature_name));
	err = algorithm->ops->sign(key->pkey, algorithm, data, signature);
	if (err != ERR_OK)
		buf_truncate(signature, start);
	return err;
}
