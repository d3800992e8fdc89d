/* A resolving child's answer: what parses is written back to the same bytes. */
#include <stdlib.h>

#include "privsep/user/addresses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addresses addresses;
	uint8_t room[ADDRESSES_ENCODED_LIMIT], error;
	size_t len;

	if (addresses_parse(slice_over(data, size), &addresses, &error) != ERR_OK)
		return 0;
	if (addresses_encode(&addresses, error, (struct span){room, sizeof(room)}, &len) != ERR_OK ||
	    !slice_equal(slice_over(room, len), slice_over(data, size)))
		abort();
	addresses_interleave(&addresses);
	if (addresses.count > ADDRESSES_LIMIT)
		abort();
	return 0;
}
