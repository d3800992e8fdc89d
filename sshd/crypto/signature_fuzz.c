/* Four strings: algorithm, key blob, signature blob, data; and nothing but an answer comes out. */
#include <assert.h>

#include "sshd/crypto/signature.h"
#include "sshd/wire/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = reader_over(slice_over(data, size));
	const struct signature_algorithm *algorithm =
	    signature_algorithm_named(read_string(&r, KEY_TYPE_LIMIT));
	struct slice key = read_string(&r, KEY_BLOB_LIMIT);
	struct slice signature = read_string(&r, SIGNATURE_BLOB_LIMIT + 1);
	struct slice signed_data = read_string(&r, KEY_BLOB_LIMIT);
	struct signature_facts facts = {.counter = 4242};
	enum err err;

	if (algorithm == NULL || r.err != ERR_OK)
		return 0;
	err = signature_verify(algorithm, key, signature, signed_data, &facts);
	assert(err == ERR_OK || err == ERR_SIGNATURE || err == ERR_KEY);
	assert(err == ERR_OK || facts.counter == 4242);
	return 0;
}
