#include "sshd/crypto/signature_ops.h"

#include "sshd/base/auto.h"

void pkey_release(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
	*pkey = NULL;
}

static void context_release(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static const char *hash_name(enum hash_kind kind)
{
	const EVP_MD *hash = kind != HASH_NONE ? library_hash(kind) : NULL;

	return hash != NULL ? EVP_MD_get0_name(hash) : NULL;
}

enum err pkey_verify(EVP_PKEY *pkey, enum hash_kind hash, struct slice signature, struct slice data)
{
	AUTO(context_release) EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context == NULL ||
	    EVP_DigestVerifyInit_ex(context, NULL, hash_name(hash), NULL, NULL, pkey, NULL) != 1)
		return library_failed();
	if (EVP_DigestVerify(context, signature.ptr, signature.len, data.ptr, data.len) != 1) {
		library_forget();
		return ERR_SIGNATURE;
	}
	return ERR_OK;
}

enum err pkey_sign(
    EVP_PKEY *pkey, enum hash_kind hash, struct slice data, uint8_t *signature, size_t *len)
{
	AUTO(context_release) EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context == NULL ||
	    EVP_DigestSignInit_ex(context, NULL, hash_name(hash), NULL, NULL, pkey, NULL) != 1 ||
	    EVP_DigestSign(context, signature, len, data.ptr, data.len) != 1)
		return library_failed();
	return ERR_OK;
}

/* The key has to be of the algorithm's own type: one curve's name does not admit another's. */
static enum err key_for(
    const struct signature_algorithm *algorithm, struct slice blob, struct key_blob *key)
{
	enum err err = key_blob_parse(blob, key);

	if (err != ERR_OK || !slice_is(key->type, algorithm->plain_key_type))
		return ERR_KEY;
	return ERR_OK;
}

static enum err verify(const struct signature_algorithm *algorithm, const char *other_name,
    struct slice key_blob, struct slice signature, struct slice data, struct signature_facts *facts)
{
	struct reader r = reader_over(signature);
	struct signature_facts seen = {0};
	struct key_blob key;
	struct slice name;

	library_start();
	TRY(key_for(algorithm, key_blob, &key));
	if (signature.len > SIGNATURE_BLOB_LIMIT)
		return ERR_SIGNATURE;
	name = read_string(&r, KEY_TYPE_LIMIT);
	if (r.err != ERR_OK ||
	    (!slice_is(name, algorithm->signature_name) && !slice_is(name, other_name)))
		return ERR_SIGNATURE;
	TRY(algorithm->ops->verify(algorithm, &key, &r, data, &seen));
	if (facts != NULL)
		*facts = seen;
	return ERR_OK;
}

enum err signature_verify(const struct signature_algorithm *algorithm, struct slice key_blob,
    struct slice signature, struct slice data, struct signature_facts *facts)
{
	return verify(algorithm, algorithm->signature_name, key_blob, signature, data, facts);
}

enum err signature_verify_named_after_key(const struct signature_algorithm *algorithm,
    struct slice key_blob, struct slice signature, struct slice data, struct signature_facts *facts)
{
	const char *other_name = algorithm->signature_name;

	if (algorithm->ops->kind == KEY_RSA)
		other_name = algorithm->plain_key_type;
	return verify(algorithm, other_name, key_blob, signature, data, facts);
}
