/* Private key files, as text and as the bytes inside an OpenSSH one: what comes out is whole. */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/key_file.h"
#include "sshd/crypto/private_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(const struct private_key *key)
{
	struct key_blob blob;

	assert(key_blob_parse(private_key_blob(key), &blob) == ERR_OK);
	assert(blob.kind == key->kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(private_key_release) struct private_key *from_text = NULL, *from_bytes = NULL;

	if (private_key_parse(slice_over(data, size), &from_text) == ERR_OK)
		check_key(from_text);
	if (openssh_key_parse(slice_over(data, size), &from_bytes) == ERR_OK)
		check_key(from_bytes);
	return 0;
}
