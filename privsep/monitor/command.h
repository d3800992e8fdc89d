/* AuthorizedKeysCommand and AuthorizedPrincipalsCommand: run as an account of their own, read to the end. */
#pragma once

#include "config/tokens.h"
#include "sshd/base/buf.h"
#include "sshd/base/loop.h"
#include "sshd/base/verdict.h"

#define COMMAND_OUTPUT_LIMIT (1u << 20)
#define COMMAND_WORDS_LIMIT  64u
#define COMMAND_TIME_MS      30000u

struct command {
	struct loop_source source; /* reading end of its output */
	struct buf output;
	bool is_ended, has_failed;
};

struct monitor;

/*
 * Runs `line` (a path and words, with tokens) as `user` and gives what it wrote.
 *
 * verdict   PERMIT: it ended with status 0; `output` is what it wrote, the caller's to wipe
 *           DENY: it, its account or its path is not acceptable, or it failed; why is in the log
 * ERR_CLOSED: the connection ends. ERR_NO_MEMORY.
 */
enum err command_run(struct monitor *m, const char *line, const char *user, const struct token *tokens,
    size_t token_count, struct buf *output, enum verdict *verdict);
