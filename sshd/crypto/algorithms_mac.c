/* The MAC rows with their functions. */
#include "sshd/crypto/mac_ops.h"

const struct mac_algorithm mac_algorithms[] = {
#define MAC(name, is_default, key, tag, is_etm, ops)                                               \
	{name, is_default, key, tag, is_etm, &mac_##ops},
#include "sshd/crypto/algorithms.def"
    {0},
};

const struct mac_algorithm *mac_algorithm_named(struct slice name)
{
	for (const struct mac_algorithm *row = mac_algorithms; row->name != NULL; row++)
		if (slice_is(name, row->name))
			return row;
	return NULL;
}
