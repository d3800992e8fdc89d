/* PROTOCOL.key: the container that ssh-keygen writes, read field by field. */
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/key_file.h"
#include "sshd/crypto/private_key.h"
#include "sshd/wire/mpint.h"

#define NAME_LIMIT    64u
#define COMMENT_LIMIT 4096u
#define NUMBER_LIMIT  1024u /* bytes: RSA of 8192 bits */
#define ED25519_LEN   32u
#define BLOCK_LIMIT   255u

static void pkey_context_release(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static void number_release(BIGNUM **number)
{
	BN_clear_free(*number);
}

static void number_context_release(BN_CTX **context)
{
	BN_CTX_free(*context);
}

static void builder_release(OSSL_PARAM_BLD **builder)
{
	OSSL_PARAM_BLD_free(*builder);
}

static void params_release(OSSL_PARAM **params)
{
	OSSL_PARAM_free(*params);
}

static BIGNUM *number_from(struct slice magnitude)
{
	BIGNUM *number = BN_secure_new();

	if (number != NULL && BN_bin2bn(magnitude.ptr, (int)magnitude.len, number) == NULL) {
		BN_clear_free(number);
		return NULL;
	}
	return number;
}

/* What the library will not make a key of is the key's fault. */
static enum err key_from(OSSL_PARAM_BLD *builder, const char *type, EVP_PKEY **out)
{
	AUTO(pkey_context_release)
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	AUTO(params_release) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);

	if (context == NULL || params == NULL || EVP_PKEY_fromdata_init(context) != 1)
		return library_failed();
	if (EVP_PKEY_fromdata(context, out, EVP_PKEY_KEYPAIR, params) != 1) {
		library_forget();
		return ERR_KEY;
	}
	return ERR_OK;
}

/* ENC(A), then k || ENC(A): the seed and once more the public half (PROTOCOL.key, section 3). */
static enum err read_ed25519(struct reader *r, EVP_PKEY **out)
{
	struct slice public = read_string(r, ED25519_LEN);
	struct slice both = read_string(r, 2 * ED25519_LEN);

	if (r->err != ERR_OK)
		return r->err;
	if (both.len != 2 * ED25519_LEN || !slice_equal(public, slice_after(both, ED25519_LEN)))
		return ERR_KEY;
	*out = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, both.ptr, ED25519_LEN);
	return *out != NULL ? ERR_OK : library_failed();
}

static enum err read_ecdsa(struct reader *r, EVP_PKEY **out)
{
	AUTO(builder_release) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	AUTO(number_release) BIGNUM *private = NULL;
	struct slice curve = read_string(r, NAME_LIMIT);
	struct slice point = read_string(r, NUMBER_LIMIT);
	struct slice magnitude = read_mpint(r, NUMBER_LIMIT);
	const char *group = ecdsa_group_name(curve);

	if (r->err != ERR_OK)
		return r->err;
	if (group == NULL || magnitude.len == 0)
		return ERR_KEY;
	private = number_from(magnitude);
	if (builder == NULL || private == NULL ||
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(
	        builder, OSSL_PKEY_PARAM_PUB_KEY, point.ptr, point.len) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, private) != 1)
		return library_failed();
	return key_from(builder, "EC", out);
}

enum rsa_number { RSA_N, RSA_E, RSA_D, RSA_IQMP, RSA_P, RSA_Q, RSA_DMP1, RSA_DMQ1, RSA_COUNT };

/* So many stand in the file, in this order; the rest follows from them. */
#define RSA_READ RSA_DMP1

static const char *const rsa_names[RSA_COUNT] = {
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,
    [RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,
    [RSA_IQMP] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
    [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
    [RSA_DMP1] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DMQ1] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
};

struct rsa_numbers {
	BIGNUM *of[RSA_COUNT];
};

static void rsa_numbers_release(struct rsa_numbers *numbers)
{
	for (size_t i = 0; i < RSA_COUNT; i++)
		BN_clear_free(numbers->of[i]);
}

/* d mod (factor - 1) */
static BIGNUM *exponent_for(const BIGNUM *d, const BIGNUM *factor, BN_CTX *context)
{
	AUTO(number_release) BIGNUM *less_one = BN_secure_new();
	AUTO(number_release) BIGNUM *exponent = BN_secure_new();

	if (less_one == NULL || exponent == NULL || BN_copy(less_one, factor) == NULL ||
	    BN_sub_word(less_one, 1) != 1)
		return NULL;
	BN_set_flags(less_one, BN_FLG_CONSTTIME);
	return BN_mod(exponent, d, less_one, context) == 1 ? TAKE(exponent) : NULL;
}

static enum err complete_rsa(struct rsa_numbers *numbers)
{
	AUTO(number_context_release) BN_CTX *context = BN_CTX_secure_new();
	BIGNUM **of = numbers->of;

	if (context == NULL)
		return library_failed();
	if (BN_is_zero(of[RSA_P]) || BN_is_one(of[RSA_P]) || BN_is_zero(of[RSA_Q]) ||
	    BN_is_one(of[RSA_Q]))
		return ERR_KEY;
	of[RSA_DMP1] = exponent_for(of[RSA_D], of[RSA_P], context);
	of[RSA_DMQ1] = exponent_for(of[RSA_D], of[RSA_Q], context);
	return of[RSA_DMP1] != NULL && of[RSA_DMQ1] != NULL ? ERR_OK : library_failed();
}

static enum err read_rsa(struct reader *r, EVP_PKEY **out)
{
	AUTO(builder_release) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	AUTO(rsa_numbers_release) struct rsa_numbers numbers = {0};

	if (builder == NULL)
		return library_failed();
	for (size_t i = 0; i < RSA_READ; i++) {
		numbers.of[i] = number_from(read_mpint(r, NUMBER_LIMIT));
		if (numbers.of[i] == NULL)
			return library_failed();
	}
	if (r->err != ERR_OK)
		return r->err == ERR_TOO_LONG ? ERR_KEY : r->err;
	TRY(complete_rsa(&numbers));
	for (size_t i = 0; i < RSA_COUNT; i++)
		if (OSSL_PARAM_BLD_push_BN(builder, rsa_names[i], numbers.of[i]) != 1)
			return library_failed();
	return key_from(builder, "RSA", out);
}

static const struct {
	const char *type;
	enum err (*read)(struct reader *r, EVP_PKEY **out);
} types[] = {
    {"ssh-ed25519", read_ed25519},
    {"ecdsa-sha2-nistp256", read_ecdsa},
    {"ecdsa-sha2-nistp384", read_ecdsa},
    {"ecdsa-sha2-nistp521", read_ecdsa},
    {"ssh-rsa", read_rsa},
};

static enum err read_key(struct reader *r, EVP_PKEY **out)
{
	struct slice type = read_string(r, KEY_TYPE_LIMIT);

	TRY(r->err);
	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (slice_is(type, types[i].type))
			return types[i].read(r, out);
	return ERR_KEY;
}

/* Behind the comment come the bytes 1, 2, 3... up to a whole block. */
static enum err check_padding(struct reader *r)
{
	struct slice padding = read_rest(r);

	TRY(r->err);
	if (padding.len > BLOCK_LIMIT)
		return ERR_MALFORMED;
	for (size_t i = 0; i < padding.len; i++)
		if (padding.ptr[i] != i + 1)
			return ERR_MALFORMED;
	return ERR_OK;
}

static enum err parse_private(struct slice section, EVP_PKEY **out)
{
	AUTO(pkey_release) EVP_PKEY *pkey = NULL;
	struct reader r = reader_over(section);
	uint32_t check = read_u32(&r);
	uint32_t check_again = read_u32(&r);

	TRY(r.err);
	if (check != check_again)
		return ERR_MALFORMED;
	TRY(read_key(&r, &pkey));
	read_string(&r, COMMENT_LIMIT);
	TRY(check_padding(&r));
	*out = TAKE(pkey);
	return ERR_OK;
}

enum err openssh_key_parse(struct slice bytes, struct private_key **out)
{
	static const char magic[] = "openssh-key-v1"; /* its zero byte is part of it */
	AUTO(private_key_release) struct private_key *key = NULL;
	struct reader r = reader_over(bytes);
	struct slice start, cipher, public, section;
	EVP_PKEY *pkey = NULL;
	uint32_t count;

	start = read_bytes(&r, sizeof(magic));
	cipher = read_string(&r, NAME_LIMIT);
	read_string(&r, NAME_LIMIT);     /* name of the key derivation */
	read_string(&r, KEY_FILE_LIMIT); /* its options */
	count = read_u32(&r);
	public = read_string(&r, KEY_BLOB_LIMIT);
	TRY(r.err);
	if (!slice_equal(start, SLICE_OF(magic)) || count != 1)
		return ERR_MALFORMED;
	if (!slice_is(cipher, "none"))
		return ERR_ENCRYPTED;
	section = read_string(&r, KEY_FILE_LIMIT);
	TRY(reader_finish(&r));
	TRY(parse_private(section, &pkey));
	TRY(private_key_new(pkey, &key));
	if (!slice_equal(public, private_key_blob(key)))
		return ERR_KEY;
	*out = TAKE(key);
	return ERR_OK;
}
