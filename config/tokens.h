/* The %-tokens of sshd_config(5) that name files and commands. */
#pragma once

#include "sshd/base/buf.h"

struct token {
	char letter;
	const char *value;
};

/*
 * Appends `text` with each %x replaced by the value of its row, and %% by a percent sign.
 * ERR_MALFORMED: an unknown token. ERR_LIMIT, ERR_NO_MEMORY.
 */
enum err tokens_expand(const char *text, const struct token *tokens, size_t count, struct buf *out);
