/* A Match line over arbitrary words, then patterns and address lists against each other. */
#include <assert.h>

#include "config/match.h"
#include "config/pattern.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_lists(struct slice bytes)
{
	const uint8_t *zero = bytes.len > 0 ? memchr(bytes.ptr, 0, bytes.len) : NULL;
	size_t len = zero ? (size_t)(zero - bytes.ptr) : 0;
	struct slice subject = slice_first(bytes, len), list = slice_after(bytes, len + 1), fault;
	enum match_result result;

	if (list.len > 4096)
		return;
	result = address_list_match(subject, list, NULL);
	assert(result != MATCH_REFUSED || memchr(list.ptr, '!', list.len) != NULL);
	result = pattern_list_match(subject, list, true);
	assert(result != MATCH_REFUSED || memchr(list.ptr, '!', list.len) != NULL);
	if (address_list_fault(list, &fault))
		assert(fault.ptr >= list.ptr && fault.ptr + fault.len <= list.ptr + list.len);
	assert(text_matches_pattern(subject, LITERAL("*")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const groups[] = {"wheel", "staff"};
	const struct match_facts facts = {.user = "alice",
	    .groups = groups,
	    .group_count = 2,
	    .host = "client.example",
	    .address = "2001:db8::7",
	    .local_address = "192.0.2.1",
	    .local_port = 22};
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	struct match_facts parsed = {0};
	struct match *match = NULL;
	enum err err;

	fuzz_lists(slice_over(data, size));
	if (match_facts_parse(slice_over(data, size), &arena, &parsed) == ERR_NO_MEMORY)
		return 0;
	if (line_split(slice_over(data, size), &arena, &line) != ERR_OK)
		return 0;
	err = match_parse(&line, (struct place){.file = "f", .line = 1}, &arena, &d, &match);
	assert(err == ERR_OK || err == ERR_CONFIG);
	assert((err == ERR_CONFIG) == diagnostics_has_errors(&d));
	if (err == ERR_OK) {
		/* What holds without facts holds with any. */
		assert(!match_holds(match, NULL) || match_holds(match, &facts));
		assert(!match_holds(match, NULL) || match_is_static(match));
	}
	return 0;
}
