/* Identification strings: what is accepted is one clean line from the front of the input. */
#include <assert.h>

#include "sshd/transport/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct version_line line;
	enum err err = version_parse(slice_over(data, size), &line);

	assert(err == ERR_OK || err == ERR_AGAIN || err == ERR_VERSION || err == ERR_UNSUPPORTED);
	assert(err != ERR_AGAIN || size < VERSION_LINE_LIMIT);
	if (err != ERR_OK)
		return 0;
	assert(line.line_len <= size && line.line_len <= VERSION_LINE_LIMIT);
	assert(line.text.ptr == data && line.text.len < line.line_len);
	assert(slice_starts(line.text, "SSH-"));
	for (size_t i = 0; i < line.text.len; i++)
		assert(data[i] != '\n' && data[i] != '\r' && data[i] != 0);
	return 0;
}
