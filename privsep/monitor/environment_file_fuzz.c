/* A user's file: every name is one, lies within the text, and the reading comes to an end. */
#include <assert.h>
#include <string.h>

#include "privsep/monitor/environment_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_over(data, size), name, value;
	size_t left = rest.len;

	while (environment_file_next(&rest, &name, &value)) {
		assert(rest.len < left);
		left = rest.len;
		assert(name.len > 0 && memchr(name.ptr, '=', name.len) == NULL);
		assert(name.ptr >= data && value.ptr + value.len <= data + size);
		assert(value.len == 0 || memchr(value.ptr, '\n', value.len) == NULL);
	}
	assert(rest.len == 0);
	return 0;
}
