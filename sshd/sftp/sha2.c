#include "sshd/sftp/sha2.h"

#include <string.h>

#include "sshd/base/auto.h"

/*
 * The words of FIPS 180-4, section 4.2.3; those of section 4.2.2 are the upper halves of the
 * first 64.
 */
/* clang-format off */
static const uint64_t constants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/*
 * One row each: name, digest length, block length, initial value (section 5.3). The values of the
 * 32-bit hashes are kept in the lower halves.
 */
static const struct sha2_kind kinds[] = {
    {"sha256", 32, 64,
	{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}},
    {"sha512", 64, 128,
	{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
	    0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
	    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179}},
    {"sha384", 48, 128,
	{0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
	    0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
	    0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4}},
    {"sha224", 28, 64,
	{0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
	    0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4}},
};

/* clang-format on */

const struct sha2_kind *sha2_named(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (slice_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static uint32_t rotate32(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint64_t rotate64(uint64_t x, unsigned n)
{
	return x >> n | x << (64 - n);
}

static uint32_t word32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static uint64_t word64(const uint8_t *bytes)
{
	return (uint64_t)word32(bytes) << 32 | word32(bytes + 4);
}

/*
 * One step of section 6.2.2, part 3: instead of moving eight letters on by one, the caller names
 * them one further each time.
 */
static inline void step32(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
    uint32_t g, uint32_t *h, uint32_t KW)
{
	uint32_t T1 =
	    *h + (rotate32(e, 6) ^ rotate32(e, 11) ^ rotate32(e, 25)) + ((e & f) ^ (~e & g)) + KW;

	*d += T1;
	*h = T1 + (rotate32(a, 2) ^ rotate32(a, 13) ^ rotate32(a, 22)) +
	     ((a & b) ^ (a & c) ^ (b & c));
}

/* Section 6.2.2; the letters are the standard's. */
static void compress32(uint64_t state[8], const uint8_t *block)
{
	uint32_t W[64], s[8];

	for (unsigned t = 0; t < 16; t++)
		W[t] = word32(block + 4 * t);
	for (unsigned t = 16; t < 64; t++) {
		uint32_t x = W[t - 15], y = W[t - 2];

		W[t] = (rotate32(y, 17) ^ rotate32(y, 19) ^ y >> 10) + W[t - 7] +
		       (rotate32(x, 7) ^ rotate32(x, 18) ^ x >> 3) + W[t - 16];
	}
	for (unsigned i = 0; i < 8; i++)
		s[i] = (uint32_t)state[i];
	for (unsigned t = 0; t < 64; t += 8) {
#define KW(i) ((uint32_t)(constants[t + (i)] >> 32) + W[t + (i)])
		step32(s[0], s[1], s[2], &s[3], s[4], s[5], s[6], &s[7], KW(0));
		step32(s[7], s[0], s[1], &s[2], s[3], s[4], s[5], &s[6], KW(1));
		step32(s[6], s[7], s[0], &s[1], s[2], s[3], s[4], &s[5], KW(2));
		step32(s[5], s[6], s[7], &s[0], s[1], s[2], s[3], &s[4], KW(3));
		step32(s[4], s[5], s[6], &s[7], s[0], s[1], s[2], &s[3], KW(4));
		step32(s[3], s[4], s[5], &s[6], s[7], s[0], s[1], &s[2], KW(5));
		step32(s[2], s[3], s[4], &s[5], s[6], s[7], s[0], &s[1], KW(6));
		step32(s[1], s[2], s[3], &s[4], s[5], s[6], s[7], &s[0], KW(7));
#undef KW
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] = (uint32_t)state[i] + s[i];
}

/* Section 6.4.2, as step32. */
static inline void step64(uint64_t a, uint64_t b, uint64_t c, uint64_t *d, uint64_t e, uint64_t f,
    uint64_t g, uint64_t *h, uint64_t KW)
{
	uint64_t T1 =
	    *h + (rotate64(e, 14) ^ rotate64(e, 18) ^ rotate64(e, 41)) + ((e & f) ^ (~e & g)) + KW;

	*d += T1;
	*h = T1 + (rotate64(a, 28) ^ rotate64(a, 34) ^ rotate64(a, 39)) +
	     ((a & b) ^ (a & c) ^ (b & c));
}

/* Section 6.4.2. */
static void compress64(uint64_t state[8], const uint8_t *block)
{
	uint64_t W[80], s[8];

	for (unsigned t = 0; t < 16; t++)
		W[t] = word64(block + 8 * t);
	for (unsigned t = 16; t < 80; t++) {
		uint64_t x = W[t - 15], y = W[t - 2];

		W[t] = (rotate64(y, 19) ^ rotate64(y, 61) ^ y >> 6) + W[t - 7] +
		       (rotate64(x, 1) ^ rotate64(x, 8) ^ x >> 7) + W[t - 16];
	}
	memcpy(s, state, sizeof(s));
	for (unsigned t = 0; t < 80; t += 8) {
#define KW(i) (constants[t + (i)] + W[t + (i)])
		step64(s[0], s[1], s[2], &s[3], s[4], s[5], s[6], &s[7], KW(0));
		step64(s[7], s[0], s[1], &s[2], s[3], s[4], s[5], &s[6], KW(1));
		step64(s[6], s[7], s[0], &s[1], s[2], s[3], s[4], &s[5], KW(2));
		step64(s[5], s[6], s[7], &s[0], s[1], s[2], s[3], &s[4], KW(3));
		step64(s[4], s[5], s[6], &s[7], s[0], s[1], s[2], &s[3], KW(4));
		step64(s[3], s[4], s[5], &s[6], s[7], s[0], s[1], &s[2], KW(5));
		step64(s[2], s[3], s[4], &s[5], s[6], s[7], s[0], &s[1], KW(6));
		step64(s[1], s[2], s[3], &s[4], s[5], s[6], s[7], &s[0], KW(7));
#undef KW
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += s[i];
}

static void compress(struct sha2 *sha2, const uint8_t *block)
{
	if (sha2->kind->block_len == 64)
		compress32(sha2->state, block);
	else
		compress64(sha2->state, block);
}

struct sha2 sha2_begin(const struct sha2_kind *kind)
{
	struct sha2 sha2 = {.kind = kind};

	memcpy(sha2.state, kind->initial, sizeof(sha2.state));
	return sha2;
}

void sha2_add(struct sha2 *sha2, struct slice bytes)
{
	size_t block_len = sha2->kind->block_len;
	size_t used = sha2->total % block_len;

	sha2->total += bytes.len;
	if (used > 0) {
		size_t len = bytes.len < block_len - used ? bytes.len : block_len - used;

		memcpy(sha2->block + used, bytes.ptr, len);
		bytes = slice_after(bytes, len);
		if (used + len < block_len)
			return;
		compress(sha2, sha2->block);
	}
	while (bytes.len >= block_len) {
		compress(sha2, bytes.ptr);
		bytes = slice_after(bytes, block_len);
	}
	if (bytes.len > 0)
		memcpy(sha2->block, bytes.ptr, bytes.len);
}

/* Section 5.1: a one bit, zeros, and the length in bits; here lengths stay below 2^64 bits. */
struct slice sha2_end(struct sha2 *sha2, uint8_t digest[SHA2_DIGEST_LIMIT])
{
	size_t block_len = sha2->kind->block_len, word_len = block_len / 16;
	uint64_t bits = sha2->total * 8;
	size_t used = sha2->total % block_len;

	sha2->block[used++] = 0x80;
	memset(sha2->block + used, 0, block_len - used);
	if (used > block_len - 2 * word_len) {
		compress(sha2, sha2->block);
		memset(sha2->block, 0, block_len);
	}
	for (size_t i = 0; i < 8; i++)
		sha2->block[block_len - 1 - i] = (uint8_t)(bits >> 8 * i);
	compress(sha2, sha2->block);
	for (size_t i = 0; i < sha2->kind->digest_len; i++)
		digest[i] =
		    (uint8_t)(sha2->state[i / word_len] >> 8 * (word_len - 1 - i % word_len));
	return slice_over(digest, sha2->kind->digest_len);
}
