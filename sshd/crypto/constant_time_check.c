/*
 * Marks secrets as undefined memory and runs what must not depend on them: Valgrind then reports
 * each branch and each address that does. constant_time_test.sh runs it. What OpenSSL computes
 * for the curves and groups is not ours to check.
 *
 * Arguments: none; "nothing", to see whether Valgrind can run the program; "leak", to do what
 * it must report.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"
#include "sshd/crypto/kem.h"
#include "sshd/crypto/random.h"
#include "sshd/crypto/sntrup_code.h"

#define EXIT_SKIP 77

#if defined(HAVE_VALGRIND_MEMCHECK_H) && !defined(SEKISHO_SANITIZERS)
#include <valgrind/memcheck.h>

static uint8_t seed[KEM_SEED_LIMIT], coins[KEM_COINS_LIMIT];
static uint8_t public_key[4096], private_key[4096], ciphertext[4096], shared[KEM_SHARED_LIMIT];

static void must(enum err err)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "constant_time_check: %s\n", err_text(err));
	exit(EXIT_FAILURE);
}

static void hide(void *secret, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(secret, len);
}

static void reveal(void *bytes, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(bytes, len);
}

/* The parts of a private key that are secret; between them lies what the public key tells. */
struct secret_part {
	size_t start, len;
};

static void make_keys(const struct kem *kem)
{
	enum err err;

	do {
		must(random_fill((struct span){seed, kem->seed_len}));
		err = kem->generate(seed, public_key, private_key);
	} while (err == ERR_AGAIN);
	must(err);
	must(random_fill((struct span){coins, kem->coins_len}));
}

/* Decapsulates what was made and what nobody made: acceptance must not show either. */
static void check_kem(const struct kem *kem, const struct secret_part *parts, size_t count)
{
	make_keys(kem);
	hide(coins, kem->coins_len);
	must(kem->encapsulate(public_key, coins, ciphertext, shared));
	reveal(ciphertext, kem->ciphertext_len);
	for (size_t i = 0; i < count; i++)
		hide(private_key + parts[i].start, parts[i].len);
	must(kem->decapsulate(private_key, ciphertext, shared));
	ciphertext[kem->ciphertext_len / 2] ^= 1;
	must(kem->decapsulate(private_key, ciphertext, shared));
	reveal(private_key, sizeof(private_key));
	reveal(coins, sizeof(coins));
}

/* What key generation does with secrets, without its announced second try. */
static void check_sntrup761_key_arithmetic(void)
{
	static uint8_t random[2 * SNTRUP_RANDOM_LEN];
	struct sntrup_poly f, g, inverse;
	bool has_inverse;

	must(random_fill((struct span){random, sizeof(random)}));
	hide(random, sizeof(random));
	sntrup_sample_short(&f, random);
	sntrup_sample_small(&g, random + SNTRUP_RANDOM_LEN);
	has_inverse = sntrup_invert_3(&inverse, &g);
	(void)has_inverse;
	sntrup_invert_triple_q(&inverse, &f);
	sntrup_multiply_q(&inverse, &inverse, &g);
	sntrup_small_encode(&f, random);
}

static void check_comparison(void)
{
	uint8_t secret[32] = {1};
	bool is_equal;

	hide(secret, sizeof(secret));
	is_equal = equal_in_constant_time(SLICE_OF(secret), slice_over(public_key, sizeof(secret)));
	(void)is_equal;
}

/* Depends on a secret in both ways that count. */
static void leak(void)
{
	static const uint8_t table[256] = {1};

	hide(seed, sizeof(seed));
	if (seed[0] == 42)
		puts("a branch");
	if (table[seed[1]] == 7)
		puts("an address");
}

int main(int argc, char **argv)
{
	static const struct secret_part mlkem768[] = {{0, 1152}, {2368, 32}};
	static const struct secret_part sntrup761[] = {{0, 382}, {1540, 191}};

	if (RUNNING_ON_VALGRIND == 0) {
		fputs("constant_time_check: to be run by valgrind\n", stderr);
		return EXIT_SKIP;
	}
	if (argc > 1) {
		if (strcmp(argv[1], "leak") == 0)
			leak();
		return EXIT_SUCCESS;
	}
	check_comparison();
	check_kem(&kem_mlkem768, mlkem768, COUNT_OF(mlkem768));
	check_kem(&kem_sntrup761, sntrup761, COUNT_OF(sntrup761));
	check_sntrup761_key_arithmetic();
	return EXIT_SUCCESS;
}
#else
int main(void)
{
	fputs(
	    "constant_time_check: built without valgrind/memcheck.h, or with sanitizers\n", stderr);
	return EXIT_SKIP;
}
#endif
