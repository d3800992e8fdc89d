/* RFC 4344: AES in counter mode, a stream; the MAC is not its business. */
#include "sshd/crypto/cipher_ops.h"

#include "sshd/base/auto.h"
#include "sshd/crypto/library.h"

struct aes_ctr {
	struct cipher cipher;
	EVP_CIPHER_CTX *context;
};

static const EVP_CIPHER *implementation(size_t key_len)
{
	switch (key_len) {
	case 16:
		return library_cipher(LIBRARY_AES128_CTR);
	case 24:
		return library_cipher(LIBRARY_AES192_CTR);
	default:
		return library_cipher(LIBRARY_AES256_CTR);
	}
}

static enum err start(struct cipher *cipher, struct slice key, struct slice iv)
{
	struct aes_ctr *ctr = CONTAINER_OF(cipher, struct aes_ctr, cipher);
	const EVP_CIPHER *aes = implementation(key.len);

	ctr->context = EVP_CIPHER_CTX_new();
	if (ctr->context == NULL || aes == NULL ||
	    EVP_CipherInit_ex2(ctr->context, aes, key.ptr, iv.ptr, 1, NULL) != 1)
		return library_failed();
	return ERR_OK;
}

static void stop(struct cipher *cipher)
{
	EVP_CIPHER_CTX_free(CONTAINER_OF(cipher, struct aes_ctr, cipher)->context);
}

static enum err apply(struct cipher *cipher, struct span bytes)
{
	struct aes_ctr *ctr = CONTAINER_OF(cipher, struct aes_ctr, cipher);
	int len;

	if (EVP_CipherUpdate(ctr->context, bytes.ptr, &len, bytes.ptr, (int)bytes.len) != 1)
		return library_failed();
	return ERR_OK;
}

const struct cipher_ops cipher_aes_ctr = {
    .state_size = sizeof(struct aes_ctr),
    .start = start,
    .stop = stop,
    .apply = apply,
};
