/* RFC 8332: RSASSA-PKCS1-v1_5 with SHA-2. */
#include "sshd/crypto/signature_ops.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "sshd/base/auto.h"
#include "sshd/wire/writer.h"

#define RSA_LIMIT 2048u /* bytes of the longest modulus that key_blob_parse lets pass */

static void pkey_context_release(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static void number_release(BIGNUM **number)
{
	BN_free(*number);
}

static void builder_release(OSSL_PARAM_BLD **builder)
{
	OSSL_PARAM_BLD_free(*builder);
}

static void params_release(OSSL_PARAM **params)
{
	OSSL_PARAM_free(*params);
}

static enum err public_params(const struct key_blob *key, OSSL_PARAM **out)
{
	AUTO(builder_release) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	AUTO(number_release) BIGNUM *n = BN_bin2bn(key->n.ptr, (int)key->n.len, NULL);
	AUTO(number_release) BIGNUM *e = BN_bin2bn(key->e.ptr, (int)key->e.len, NULL);

	if (builder == NULL || n == NULL || e == NULL ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		return library_failed();
	*out = OSSL_PARAM_BLD_to_param(builder);
	return *out != NULL ? ERR_OK : library_failed();
}

static enum err public_key(const struct key_blob *key, EVP_PKEY **out)
{
	AUTO(pkey_context_release)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	AUTO(params_release) OSSL_PARAM *params = NULL;

	TRY(public_params(key, &params));
	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, out, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return library_failed();
	return ERR_OK;
}

/*
 * Section 3 has the signature as long as the modulus; some clients drop leading zero bytes, and
 * those are put back.
 */
static enum err verify(const struct signature_algorithm *algorithm, const struct key_blob *key,
    struct reader *r, struct slice data, struct signature_facts *facts)
{
	AUTO(pkey_release) EVP_PKEY *pkey = NULL;
	struct slice signature = read_string(r, RSA_LIMIT);
	uint8_t whole[RSA_LIMIT] = {0};

	(void)facts;
	if (reader_finish(r) != ERR_OK || signature.len == 0 || signature.len > key->n.len)
		return ERR_SIGNATURE;
	memcpy(whole + key->n.len - signature.len, signature.ptr, signature.len);
	TRY(public_key(key, &pkey));
	return pkey_verify(pkey, algorithm->hash, slice_over(whole, key->n.len), data);
}

static enum err sign(EVP_PKEY *pkey, const struct signature_algorithm *algorithm, struct slice data,
    struct buf *signature)
{
	uint8_t bytes[RSA_LIMIT];
	size_t len = sizeof(bytes);
	struct span room;
	struct writer w;

	TRY(pkey_sign(pkey, algorithm->hash, data, bytes, &len));
	TRY(buf_reserve(signature, 4 + len, &room));
	w = writer_into(room);
	write_string(&w, slice_over(bytes, len));
	TRY(writer_finish(&w, NULL));
	buf_commit(signature, w.len);
	return ERR_OK;
}

const struct signature_ops signature_rsa = {KEY_RSA, verify, sign};
