/* Every kind of read over arbitrary bytes: never past the end, never after an error. */
#include <assert.h>

#include "sshd/wire/mpint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r;

	if (size == 0)
		return 0;
	r = reader_over(slice_over(data + 1, size - 1));
	for (unsigned kinds = data[0], i = 0; i < 8; i++, kinds >>= 1) {
		struct slice s = kinds & 1 ? read_string(&r, 64) : read_mpint(&r, 64);

		assert(s.len <= 64);
		assert(r.err == ERR_OK || s.len == 0);
		assert(s.len == 0 || (s.ptr >= data && s.ptr + s.len <= data + size));
	}
	assert(r.err == ERR_OK || read_u64(&r) == 0);
	return 0;
}
