/* What modules say, made fit for a client: shorter or as long, and nothing that a terminal obeys. */
#include <assert.h>
#include <stdlib.h>

#include "privsep/monitor/conversation.h"
#include "sshd/base/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void free_text(char **text)
{
	free(*text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(free_text) char *text = strndup(size > 0 ? (const char *)data : "", size);
	AUTO(buf_wipe) struct buf out = buf_empty(PAM_PROMPT_LIMIT);
	struct slice clean;

	assert(text != NULL && conversation_clean(text, PAM_PROMPT_LIMIT, &out) == ERR_OK);
	clean = buf_view(&out);
	assert(clean.len <= strlen(text) && clean.len <= PAM_PROMPT_LIMIT);
	for (size_t i = 0; i < clean.len; i++)
		assert(clean.ptr[i] >= 0x20 || clean.ptr[i] == '\n' || clean.ptr[i] == '\t');
	return 0;
}
