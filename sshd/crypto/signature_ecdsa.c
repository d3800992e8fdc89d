/* RFC 5656, section 3.1: the signature blob holds two mpints where OpenSSL has DER. */
#include "sshd/crypto/signature_ops.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/params.h>

#include "sshd/base/auto.h"
#include "sshd/wire/mpint.h"

#define NUMBER_LIMIT       66u /* bytes of r and s: 521 bits */
#define DER_LIMIT          160
#define ECDSA_STRING_LIMIT (2 * (NUMBER_LIMIT + 5))

static const struct {
	const char *curve, *group;
} groups[] = {
    {"nistp256", "prime256v1"},
    {"nistp384", "secp384r1"},
    {"nistp521", "secp521r1"},
};

const char *ecdsa_group_name(struct slice curve)
{
	for (size_t i = 0; i < COUNT_OF(groups); i++)
		if (slice_is(curve, groups[i].curve))
			return groups[i].group;
	return NULL;
}

static void pkey_context_release(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static void ecdsa_sig_release(ECDSA_SIG **sig)
{
	ECDSA_SIG_free(*sig);
}

/* ERR_KEY: the point is not on its curve. */
static enum err public_key(const struct key_blob *key, EVP_PKEY **out)
{
	AUTO(pkey_context_release)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(
	        OSSL_PKEY_PARAM_GROUP_NAME, (char *)ecdsa_group_name(key->curve), 0),
	    OSSL_PARAM_construct_octet_string(
	        OSSL_PKEY_PARAM_PUB_KEY, (void *)key->point.ptr, key->point.len),
	    OSSL_PARAM_construct_end(),
	};

	if (context == NULL || EVP_PKEY_fromdata_init(context) != 1)
		return library_failed();
	if (EVP_PKEY_fromdata(context, out, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		library_forget();
		return ERR_KEY;
	}
	return ERR_OK;
}

/* i2d_ECDSA_SIG from two magnitudes; the numbers belong to the ECDSA_SIG once it has them. */
static enum err der_from(
    struct slice r, struct slice s, uint8_t der[static DER_LIMIT], size_t *der_len)
{
	AUTO(ecdsa_sig_release) ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r_number = BN_bin2bn(r.ptr, (int)r.len, NULL);
	BIGNUM *s_number = BN_bin2bn(s.ptr, (int)s.len, NULL);
	int len;

	if (sig == NULL || ECDSA_SIG_set0(sig, r_number, s_number) != 1) {
		BN_free(r_number);
		BN_free(s_number);
		return library_failed();
	}
	len = i2d_ECDSA_SIG(sig, NULL);
	if (len <= 0 || len > DER_LIMIT || i2d_ECDSA_SIG(sig, &der) != len)
		return library_failed();
	*der_len = (size_t)len;
	return ERR_OK;
}

enum err ecdsa_verify(
    const struct key_blob *key, enum hash_kind hash, struct slice signature, struct slice data)
{
	AUTO(pkey_release) EVP_PKEY *pkey = NULL;
	struct reader numbers = reader_over(signature);
	struct slice r, s;
	uint8_t der[DER_LIMIT];
	size_t der_len;

	r = read_mpint(&numbers, NUMBER_LIMIT);
	s = read_mpint(&numbers, NUMBER_LIMIT);
	if (reader_finish(&numbers) != ERR_OK)
		return ERR_SIGNATURE;
	TRY(public_key(key, &pkey));
	TRY(der_from(r, s, der, &der_len));
	return pkey_verify(pkey, hash, slice_over(der, der_len), data);
}

static enum err verify(const struct signature_algorithm *algorithm, const struct key_blob *key,
    struct reader *r, struct slice data, struct signature_facts *facts)
{
	struct slice signature = read_string(r, ECDSA_STRING_LIMIT);

	(void)facts;
	if (reader_finish(r) != ERR_OK)
		return ERR_SIGNATURE;
	return ecdsa_verify(key, algorithm->hash, signature, data);
}

static enum err write_number(struct writer *w, const BIGNUM *number)
{
	uint8_t bytes[NUMBER_LIMIT];

	if (BN_bn2binpad(number, bytes, sizeof(bytes)) != sizeof(bytes))
		return library_failed();
	write_mpint(w, SLICE_OF(bytes));
	return ERR_OK;
}

static enum err append_numbers(struct buf *out, const ECDSA_SIG *sig)
{
	struct span room;
	struct writer w;
	size_t length;

	TRY(buf_reserve(out, 4 + ECDSA_STRING_LIMIT, &room));
	w = writer_into(room);
	length = write_string_begin(&w);
	TRY(write_number(&w, ECDSA_SIG_get0_r(sig)));
	TRY(write_number(&w, ECDSA_SIG_get0_s(sig)));
	write_string_end(&w, length);
	TRY(writer_finish(&w, NULL));
	buf_commit(out, w.len);
	return ERR_OK;
}

static enum err sign(EVP_PKEY *pkey, const struct signature_algorithm *algorithm, struct slice data,
    struct buf *signature)
{
	AUTO(ecdsa_sig_release) ECDSA_SIG *sig = NULL;
	uint8_t der[DER_LIMIT];
	const uint8_t *at = der;
	size_t len = sizeof(der);

	TRY(pkey_sign(pkey, algorithm->hash, data, der, &len));
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	if (sig == NULL)
		return library_failed();
	return append_numbers(signature, sig);
}

const struct signature_ops signature_ecdsa = {KEY_ECDSA, verify, sign};
