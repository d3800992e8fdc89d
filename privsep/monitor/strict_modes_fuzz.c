/* What the user's own process reports: parsed or refused, and never permitted without cause. */
#include <assert.h>

#include "privsep/monitor/strict_modes.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf obstacle = buf_empty(8192);
	enum verdict verdict = PERMIT;
	enum err err = strict_modes_weigh(slice_over(data, size), 1000, &verdict, &obstacle);

	assert(err == ERR_OK || verdict == DENY);
	assert(verdict == DENY || buf_len(&obstacle) == 0);
	assert(err != ERR_OK || verdict == PERMIT || buf_len(&obstacle) > 0);
	return 0;
}
