/* Identification strings: RFC 4253 section 4.2. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define VERSION_LINE_LIMIT 255u /* CR LF included */

/* What a peer reads whose identification is no such thing. */
#define VERSION_INVALID_TEXT "Invalid SSH identification string.\r\n"
#define VERSION_MAJOR_TEXT   "Protocol major versions differ.\r\n"

struct version_line {
	struct slice text; /* without CR LF: V_C or V_S, as it enters the exchange hash */
	size_t line_len;   /* with it */
};

/*
 * Reads the peer's line from the front of `input`. It must be the first: a client sends no other
 * lines before it (RFC 4253 section 4.2 allows them to servers only).
 *
 * ERR_AGAIN: so far it may become one, there is no end yet. ERR_VERSION: it is none.
 * ERR_UNSUPPORTED: it is one, of another major version.
 */
enum err version_parse(struct slice input, struct version_line *line);
