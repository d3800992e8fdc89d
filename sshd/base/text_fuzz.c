/* Text of outsiders: decoded, escaped, measured. What is escaped is printable ASCII. */
#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_wipe) struct buf out = buf_empty(4 * size + 16);
	AUTO(buf_wipe) struct buf again = buf_empty(4 * size + 16);
	struct slice text = slice_over(data, size);
	uint64_t value;

	IGNORE(text_parse_u64(text, UINT64_MAX, &value));
	(void)text_is_utf8(text);
	assert(text_append_escaped(&out, text, size) == ERR_OK);
	for (size_t i = 0; i < buf_len(&out); i++)
		assert(buf_view(&out).ptr[i] >= 0x20 && buf_view(&out).ptr[i] < 0x7f);
	buf_truncate(&out, 0);
	if (text_parse_base64(text, &out) == ERR_OK)
		assert(text_append_base64(&again, buf_view(&out), false) == ERR_OK);
	return 0;
}
