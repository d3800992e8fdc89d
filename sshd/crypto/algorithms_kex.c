/* The key exchange rows with their functions. */
#include "sshd/crypto/algorithms.h"

#define KEX(name, is_default, flow, hash, k_kind, Q_C, Q_S, ops, strength)                         \
	extern const struct kex_ops kex_##ops;
#include "sshd/crypto/algorithms.def"

const struct kex_algorithm kex_algorithms[] = {
#define KEX(name, is_default, flow, hash, k_kind, Q_C, Q_S, ops, strength)                         \
	{name, is_default, KEX_FLOW_##flow, HASH_##hash, K_##k_kind, Q_C, Q_S, &kex_##ops,         \
	    strength},
#include "sshd/crypto/algorithms.def"
    {0},
};

const struct kex_algorithm *kex_algorithm_named(struct slice name)
{
	for (const struct kex_algorithm *row = kex_algorithms; row->name != NULL; row++)
		if (slice_is(name, row->name))
			return row;
	return NULL;
}
