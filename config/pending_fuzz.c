/* Arbitrary bytes as a record: what parses is written the same again. */
#include <assert.h>

#include "config/pending.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf again = buf_empty(PENDING_RECORD_LIMIT);
	struct pending pending = {0};
	enum err err = pending_parse(slice_over(data, size), &pending);

	if (err != ERR_OK)
		return 0;
	assert(pending_left_s(&pending, 0) <= PENDING_WAIT_LIMIT_S);
	if (pending_encode(&pending, &again) == ERR_OK)
		assert(slice_equal(buf_view(&again), slice_over(data, size)));
	return 0;
}
