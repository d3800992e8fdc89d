/* Any file: names lie within it, hold no blank, and a search ends. */
#include <assert.h>

#include "sshd/auth/evidence/principals.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bounds {
	const uint8_t *first, *end;
};

static bool names(void *owner, struct slice name)
{
	const struct bounds *bounds = owner;

	assert(name.len > 0 && name.ptr >= bounds->first && name.ptr + name.len <= bounds->end);
	assert(memchr(name.ptr, ' ', name.len) == NULL);
	return name.len % 2 == 0;
}

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	struct bounds bounds = {data, data + size};
	struct principals_search search = {.names = names, .remark = ignore_remark, .source_matches = matches,
	    .owner = &bounds, .now_s = 1};
	enum verdict verdict = DENY;
	unsigned line = 0;

	assert(principals_find(slice_over(data, size), &search, &verdict, &options, &line) == ERR_OK);
	assert((verdict == PERMIT) == (line > 0));
	return 0;
}
