/* Key blobs and public key lines: whatever is accepted lies inside the input and can be shown. */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/crypto/key_blob.h"
#include "sshd/crypto/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct slice part, struct slice whole)
{
	assert(part.len == 0 ||
	       (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf line_blob = buf_empty(KEY_BLOB_LIMIT);
	struct slice blob = slice_over(data, size);
	struct key_blob key;

	if (public_key_line_parse(blob, &line_blob) != ERR_OK)
		assert(buf_len(&line_blob) == 0);
	if (key_blob_parse(blob, &key) != ERR_OK)
		return 0;
	check_inside(key.type, blob);
	check_inside(key.point, blob);
	check_inside(key.curve, blob);
	check_inside(key.e, blob);
	check_inside(key.n, blob);
	check_inside(key.application, blob);
	assert(key_blob_bits(&key) >= 256 && key_blob_bits(&key) <= 16384);
	assert(key_blob_type_name(&key)[0] != 'U');
	return 0;
}
