/*
 * The known answer files of NIST's post-quantum competition: a deterministic generator (CTR_DRBG
 * with AES-256, SP 800-90A, without derivation function) makes every input, and a text lists
 * inputs and outputs. Published are the SHA-256 digests of such texts. Tests only.
 */
#pragma once

#include <check.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "sshd/base/slice.h"

#define KAT_SEED_LEN 48

/* Check writes to a pipe for each assertion that holds; there are millions here. */
static inline void kat_must(int answer)
{
	if (answer != 1)
		ck_abort_msg("OpenSSL failed");
}

struct kat_drbg {
	uint8_t key[32], counter[16];
};

static inline void kat_block(struct kat_drbg *drbg, uint8_t out[static 16])
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int len;

	for (int i = 15; i >= 0 && ++drbg->counter[i] == 0; i--)
		;
	kat_must(EVP_EncryptInit_ex(context, EVP_aes_256_ecb(), NULL, drbg->key, NULL));
	kat_must(EVP_EncryptUpdate(context, out, &len, drbg->counter, 16));
	EVP_CIPHER_CTX_free(context);
}

static inline void kat_update(struct kat_drbg *drbg, const uint8_t *provided)
{
	uint8_t next[KAT_SEED_LEN];

	for (size_t i = 0; i < sizeof(next); i += 16)
		kat_block(drbg, next + i);
	for (size_t i = 0; provided != NULL && i < sizeof(next); i++)
		next[i] ^= provided[i];
	memcpy(drbg->key, next, sizeof(drbg->key));
	memcpy(drbg->counter, next + sizeof(drbg->key), sizeof(drbg->counter));
}

static inline struct kat_drbg kat_drbg_new(const uint8_t seed[static KAT_SEED_LEN])
{
	struct kat_drbg drbg = {0};

	kat_update(&drbg, seed);
	return drbg;
}

/* One request; the generator's answers depend on how it is divided into requests. */
static inline void kat_draw(struct kat_drbg *drbg, uint8_t *out, size_t len)
{
	uint8_t block[16];

	for (size_t i = 0; i < len; i++) {
		if (i % sizeof(block) == 0)
			kat_block(drbg, block);
		out[i] = block[i % sizeof(block)];
	}
	kat_update(drbg, NULL);
}

/* The generator that draws the seed of each entry of a file. */
static inline struct kat_drbg kat_seeds(void)
{
	uint8_t entropy[KAT_SEED_LEN];

	for (size_t i = 0; i < sizeof(entropy); i++)
		entropy[i] = (uint8_t)i;
	return kat_drbg_new(entropy);
}

/* A text on its way into a digest. */
static inline EVP_MD_CTX *kat_text_new(void)
{
	EVP_MD_CTX *text = EVP_MD_CTX_new();

	kat_must(EVP_DigestInit_ex(text, EVP_sha256(), NULL));
	return text;
}

static inline void kat_text(EVP_MD_CTX *text, const char *line)
{
	kat_must(EVP_DigestUpdate(text, line, strlen(line)));
}

/* "name = HEX" and the end of the line. */
static inline void kat_text_bytes(EVP_MD_CTX *text, const char *name, struct slice bytes)
{
	char digits[3];

	kat_text(text, name);
	kat_text(text, " = ");
	for (size_t i = 0; i < bytes.len; i++) {
		snprintf(digits, sizeof(digits), "%02X", bytes.ptr[i]);
		kat_text(text, digits);
	}
	kat_text(text, "\n");
}

/* Frees it. */
static inline void kat_text_finish(EVP_MD_CTX *text, uint8_t digest[static 32])
{
	kat_must(EVP_DigestFinal_ex(text, digest, NULL));
	EVP_MD_CTX_free(text);
}
