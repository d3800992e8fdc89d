/* The signature rows with their functions: first all certified ones, then the same plain. */
#include "sshd/crypto/signature_ops.h"

#define CERTIFICATE_SUFFIX "-cert-v01@openssh.com"

const struct signature_algorithm signature_algorithms[] = {
#define SIGNATURE(stem, domain, key_stem, is_default, hash, is_sk, ops)                            \
	{stem CERTIFICATE_SUFFIX, is_default, key_stem CERTIFICATE_SUFFIX, key_stem domain,        \
	    stem domain, HASH_##hash, true, is_sk, &signature_##ops},
#include "sshd/crypto/algorithms.def"
#define SIGNATURE(stem, domain, key_stem, is_default, hash, is_sk, ops)                            \
	{stem domain, is_default, key_stem domain, key_stem domain, stem domain, HASH_##hash,      \
	    false, is_sk, &signature_##ops},
#include "sshd/crypto/algorithms.def"
    {0},
};

const struct signature_algorithm *signature_algorithm_named(struct slice name)
{
	for (const struct signature_algorithm *row = signature_algorithms; row->name; row++)
		if (slice_is(name, row->name))
			return row;
	return NULL;
}
