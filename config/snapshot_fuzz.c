/* Bytes that claim to be a snapshot: what is decoded encodes to itself, and can be parsed. */
#include <assert.h>

#include "config/parse.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL, *again = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe)
	struct buf first = buf_empty(SNAPSHOT_BYTES_LIMIT),
	           second = buf_empty(SNAPSHOT_BYTES_LIMIT);
	enum err err;

	if (snapshot_decode(slice_over(data, size), &snapshot) != ERR_OK) {
		assert(snapshot == NULL);
		return 0;
	}
	assert(snapshot_encode(snapshot, &first) == ERR_OK);
	assert(snapshot_decode(buf_view(&first), &again) == ERR_OK);
	assert(snapshot_encode(again, &second) == ERR_OK);
	assert(slice_equal(buf_view(&first), buf_view(&second)));
	err = config_parse(snapshot, &config, &d);
	assert(err == ERR_OK || err == ERR_CONFIG);
	return 0;
}
