#include "sshd/crypto/keccak.h"

#include <openssl/evp.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"

static const char *const names[] = {
    [SHA3_256] = "SHA3-256",
    [SHA3_512] = "SHA3-512",
    [SHAKE128] = "SHAKE-128",
    [SHAKE256] = "SHAKE-256",
};

/* Fetched once and never changed afterwards. */
static EVP_MD *functions[COUNT_OF(names)];

static const EVP_MD *function(enum keccak_kind kind)
{
	library_start();
	if (functions[kind] == NULL)
		functions[kind] = EVP_MD_fetch(NULL, names[kind], NULL);
	return functions[kind];
}

enum err keccak_prepare(void)
{
	for (unsigned kind = 0; kind < COUNT_OF(names); kind++)
		if (function(kind) == NULL)
			return library_failed();
	return ERR_OK;
}

struct keccak keccak_new(void)
{
	struct keccak keccak = {.context = EVP_MD_CTX_new()};

	keccak.err = keccak.context == NULL ? ERR_NO_MEMORY : ERR_OK;
	return keccak;
}

void keccak_wipe(struct keccak *keccak)
{
	EVP_MD_CTX_free(keccak->context);
	keccak->context = NULL;
}

static bool hash(EVP_MD_CTX *context, enum keccak_kind kind, const struct slice *parts,
    size_t count, struct span out)
{
	if (function(kind) == NULL || EVP_DigestInit_ex2(context, function(kind), NULL) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestUpdate(context, parts[i].ptr, parts[i].len) != 1)
			return false;
	if (kind == SHAKE128 || kind == SHAKE256)
		return EVP_DigestFinalXOF(context, out.ptr, out.len) == 1;
	return EVP_DigestFinal_ex(context, out.ptr, NULL) == 1;
}

void keccak_hash(struct keccak *keccak, enum keccak_kind kind, const struct slice *parts,
    size_t count, struct span out)
{
	if (keccak->err == ERR_OK && hash(keccak->context, kind, parts, count, out))
		return;
	if (keccak->err == ERR_OK)
		keccak->err = library_failed();
	memset(out.ptr, 0, out.len);
}
