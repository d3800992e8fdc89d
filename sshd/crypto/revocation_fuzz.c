/* Revocation lists: an answer or an error, and the same error for every key and for none. */
#include <assert.h>

#include "sshd/crypto/revocation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct certificate certificate = {
	    .serial = 7,
	    .key_id = LITERAL("id of ed25519"),
	    .authority = LITERAL("authority"),
	};
	enum revocation of_key = REVOKED, of_certificate = REVOKED;
	struct slice list = slice_over(data, size), key = LITERAL("key");
	enum err err = revocation_check(list, key, NULL, &of_key);

	assert(revocation_check(list, key, &certificate, &of_certificate) == err);
	assert(revocation_list_check(list) == err);
	assert(err == ERR_OK || (of_key == REVOKED && of_certificate == REVOKED));
	/* A certificate can only be revoked for more reasons than its key. */
	assert(of_key == NOT_REVOKED || of_certificate == REVOKED);
	return 0;
}
