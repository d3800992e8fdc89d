/* The cipher rows with their functions. */
#include "sshd/crypto/cipher_ops.h"

const struct cipher_algorithm cipher_algorithms[] = {
#define CIPHER(name, is_default, key, iv, block, tag, encrypts_length, ops)                        \
	{name, is_default, key, iv, block, tag, encrypts_length, &cipher_##ops},
#include "sshd/crypto/algorithms.def"
    {0},
};

const struct cipher_algorithm *cipher_algorithm_named(struct slice name)
{
	for (const struct cipher_algorithm *row = cipher_algorithms; row->name != NULL; row++)
		if (slice_is(name, row->name))
			return row;
	return NULL;
}
