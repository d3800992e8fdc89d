#include "sshd/crypto/library.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

static const char *const cipher_names[LIBRARY_CIPHER_COUNT] = {
    [LIBRARY_AES128_GCM] = "AES-128-GCM",
    [LIBRARY_AES256_GCM] = "AES-256-GCM",
    [LIBRARY_AES128_CTR] = "AES-128-CTR",
    [LIBRARY_AES192_CTR] = "AES-192-CTR",
    [LIBRARY_AES256_CTR] = "AES-256-CTR",
    [LIBRARY_AES128_ECB] = "AES-128-ECB",
    [LIBRARY_CHACHA20] = "ChaCha20",
};

static const char *const hash_names[] = {
    [HASH_MD5] = "MD5",
    [HASH_SHA1] = "SHA1",
    [HASH_SHA256] = "SHA2-256",
    [HASH_SHA384] = "SHA2-384",
    [HASH_SHA512] = "SHA2-512",
};

/* The one state of this room: what was fetched. Never freed, as every fork shares it. */
static struct {
	bool is_started, is_fips;
	EVP_CIPHER *ciphers[LIBRARY_CIPHER_COUNT];
	EVP_MD *hashes[COUNT_OF(hash_names)];
	EVP_MAC *poly1305, *hmac;
} library;

static bool kernel_says_fips(void)
{
	AUTO(fd_release) int fd = open("/proc/sys/crypto/fips_enabled", O_RDONLY | O_CLOEXEC);
	char answer = '0';

	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == '1';
}

void library_start(void)
{
	uint64_t config;

	if (library.is_started)
		return;
	library.is_fips = kernel_says_fips();
	config = library.is_fips ? OPENSSL_INIT_LOAD_CONFIG : OPENSSL_INIT_NO_LOAD_CONFIG;
	library.is_started = OPENSSL_init_crypto(config | OPENSSL_INIT_NO_ATEXIT, NULL) == 1;
}

void library_forget(void)
{
	ERR_clear_error();
}

enum err library_failed(void)
{
	library_forget();
	return ERR_CRYPTO;
}

const EVP_CIPHER *library_cipher(enum library_cipher kind)
{
	library_start();
	if (library.ciphers[kind] == NULL)
		library.ciphers[kind] = EVP_CIPHER_fetch(NULL, cipher_names[kind], NULL);
	return library.ciphers[kind];
}

const EVP_MD *library_hash(enum hash_kind kind)
{
	if ((unsigned)kind >= COUNT_OF(hash_names) || hash_names[kind] == NULL)
		return NULL;
	library_start();
	if (library.hashes[kind] == NULL)
		library.hashes[kind] = EVP_MD_fetch(NULL, hash_names[kind], NULL);
	return library.hashes[kind];
}

static EVP_MAC *mac_fetched(EVP_MAC **mac, const char *name)
{
	library_start();
	if (*mac == NULL)
		*mac = EVP_MAC_fetch(NULL, name, NULL);
	return *mac;
}

EVP_MAC *library_poly1305(void)
{
	return mac_fetched(&library.poly1305, "POLY1305");
}

EVP_MAC *library_hmac(void)
{
	return mac_fetched(&library.hmac, "HMAC");
}

enum err crypto_prepare(void)
{
	bool is_whole = library_poly1305() != NULL && library_hmac() != NULL;

	for (unsigned kind = 0; kind < LIBRARY_CIPHER_COUNT; kind++)
		is_whole = library_cipher(kind) != NULL && is_whole;
	for (unsigned kind = HASH_NONE + 1; kind < COUNT_OF(hash_names); kind++)
		is_whole = library_hash(kind) != NULL && is_whole;
	ERR_clear_error();
	/* A FIPS provider lacks some by intent; they then fail where they are used. */
	return is_whole || (library.is_started && library.is_fips) ? ERR_OK : ERR_CRYPTO;
}
