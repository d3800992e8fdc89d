#include "sshd/crypto/library.h"

#include "sshd/base/auto.h"

size_t hash_len(enum hash_kind kind)
{
	static const size_t lengths[] = {
	    [HASH_MD5] = 16,
	    [HASH_SHA1] = 20,
	    [HASH_SHA256] = 32,
	    [HASH_SHA384] = 48,
	    [HASH_SHA512] = 64,
	};

	return (unsigned)kind < COUNT_OF(lengths) ? lengths[kind] : 0;
}

static void context_release(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static void digest_wipe(struct digest *digest)
{
	explicit_bzero(digest, sizeof(*digest));
}

enum err hash_parts(
    enum hash_kind kind, const struct slice *parts, size_t count, struct digest *out)
{
	AUTO(context_release) EVP_MD_CTX *context = EVP_MD_CTX_new();
	AUTO(digest_wipe) struct digest digest = {.len = hash_len(kind)};
	const EVP_MD *hash = library_hash(kind);

	if (context == NULL || hash == NULL || EVP_DigestInit_ex2(context, hash, NULL) != 1)
		return library_failed();
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestUpdate(context, parts[i].ptr, parts[i].len) != 1)
			return library_failed();
	if (EVP_DigestFinal_ex(context, digest.bytes, NULL) != 1)
		return library_failed();
	*out = digest;
	return ERR_OK;
}
