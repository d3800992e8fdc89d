/* What parses is encoded again and must give the same bytes where nothing is redundant. */
#include <stdlib.h>

#include "privsep/ipc/handover.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf again = buf_empty(HANDOVER_LIMIT);
	struct handover first, second;

	if (handover_parse(slice_over(data, size), &first) != ERR_OK)
		return 0;
	if (handover_encode(&first, &again) != ERR_OK || buf_len(&again) != size)
		abort();
	if (handover_parse(buf_view(&again), &second) != ERR_OK ||
	    !slice_equal(first.snapshot, second.snapshot) || first.layers != second.layers)
		abort();
	return 0;
}
