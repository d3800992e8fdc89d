/* Compressed payloads, one behind the other: each a length byte and so many bytes of the stream. */
#include <assert.h>
#include <stdlib.h>

#include "sshd/transport/compress.h"
#include "sshd/transport/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice left = slice_over(data, size), payload;
	struct decompressor *decompressor;

	if (decompressor_new(&decompressor) != ERR_OK)
		abort();
	while (left.len > 0) {
		size_t len = left.ptr[0];

		left = slice_after(left, 1);
		if (decompressor_apply(decompressor, slice_first(left, len), &payload) != ERR_OK)
			break;
		assert(payload.len > 0 && payload.len <= PACKET_LENGTH_LIMIT);
		left = slice_after(left, len);
	}
	decompressor_free(decompressor);
	return 0;
}
