/* Any file: each line is within it, options parse or are refused, and a search ends. */
#include <assert.h>

#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool matches(void *owner, struct slice patterns)
{
	(void)owner;
	return patterns.len % 2 == 0;
}

static void ignore_remark(void *owner, unsigned line, enum key_remark remark, struct slice detail)
{
	(void)owner;
	(void)detail;
	assert(line > 0 && remark < KEY_REMARK_COUNT);
}

static void search_first_key(struct slice file, struct slice base64)
{
	AUTO(buf_wipe) struct buf blob = buf_empty(65536);
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	struct key_search search = {.source_matches = matches, .remark = ignore_remark, .now_s = 1};
	enum verdict verdict = DENY;
	unsigned line = 0;

	if (text_parse_base64(base64, &blob) != ERR_OK)
		return;
	search.blob = buf_view(&blob);
	assert(authorized_keys_search(file, &search, &verdict, &options, &line) == ERR_OK);
	assert(verdict == DENY || (line > 0 && !options.is_authority));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice file = {data, size}, left = file;
	struct authorized_line line;
	unsigned number = 0, last = 0;

	while (authorized_line_next(&left, &number, &line)) {
		AUTO(key_options_wipe) struct key_options options = key_options_none();
		const char *complaint = NULL;

		assert(line.number > last);
		last = line.number;
		assert(line.key_type.ptr >= data && line.key_base64.ptr + line.key_base64.len <= data + size);
		if (key_options_parse(line.options, NULL, &options, &complaint) != ERR_OK)
			assert(complaint != NULL);
		if (last < 8)
			search_first_key(file, line.key_base64);
	}
	return 0;
}
