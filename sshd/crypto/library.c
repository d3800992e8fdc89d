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
	bool are_keys_known;
} library;

/*
 * Kinds of keys with what signs or agrees on secrets by them. Nothing asks for these by name:
 * fetching them fills the library's own cache, which saves every fork some 100 us for each.
 */
static const struct {
	const char *key, *signature, *agreement;
} key_names[] = {
    {"ED25519", "ED25519", NULL},
    {"EC", "ECDSA", "ECDH"},
    {"RSA", "RSA", NULL},
    {"X25519", NULL, "X25519"},
};

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

bool library_is_fips(void)
{
	return library.is_fips;
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

/* Held for good, as what is freed leaves the cache. */
static bool keys_fetch(void)
{
	bool is_whole = true;

	for (size_t i = 0; i < COUNT_OF(key_names) && !library.are_keys_known; i++) {
		const char *signature = key_names[i].signature, *agreement = key_names[i].agreement;

		is_whole = EVP_KEYMGMT_fetch(NULL, key_names[i].key, NULL) != NULL && is_whole;
		if (signature != NULL)
			is_whole = EVP_SIGNATURE_fetch(NULL, signature, NULL) != NULL && is_whole;
		if (agreement != NULL)
			is_whole = EVP_KEYEXCH_fetch(NULL, agreement, NULL) != NULL && is_whole;
	}
	library.are_keys_known = true;
	return is_whole;
}

enum err crypto_prepare(void)
{
	bool is_whole = library_poly1305() != NULL && library_hmac() != NULL;

	for (unsigned kind = 0; kind < LIBRARY_CIPHER_COUNT; kind++)
		is_whole = library_cipher(kind) != NULL && is_whole;
	for (unsigned kind = HASH_NONE + 1; kind < COUNT_OF(hash_names); kind++)
		is_whole = library_hash(kind) != NULL && is_whole;
	is_whole = keys_fetch() && is_whole;
	ERR_clear_error();
	/* A FIPS provider lacks some by intent; they then fail where they are used. */
	return is_whole || (library.is_started && library.is_fips) ? ERR_OK : ERR_CRYPTO;
}
