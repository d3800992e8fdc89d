/* Reading one text of a configuration into entries: what parse_text.c offers to parse.c. */
#pragma once

#include "config/parse.h"

/* Which keywords are at home in the text being read. */
enum text_kind { TEXT_OPTIONS, TEXT_SSHD_CONFIG, TEXT_SEKISHO };

struct parser {
	const struct snapshot *snapshot;
	struct config *config;
	struct diagnostics *diagnostics;
	enum text_kind kind;
	size_t entry_capacity, scope_capacity, include_capacity;
	size_t inclusions, lines[KEYWORD_COUNT]; /* so far, against the limits */
	bool has_told_limit;
};

/* One text while it is read; includes nest. */
struct source {
	const struct source *outer; /* the text with the Include line */
	const char *path;
	uint32_t file; /* index into config.files */
	uint32_t line_number;
	uint32_t scope; /* where lines belong now */
	unsigned depth;
	bool has_told_crlf, has_told_control;
	struct line line;
};

void source_wipe(struct source *source); /* for AUTO */

/* Adds a scope below another; its index is set. ERR_LIMIT, ERR_NO_MEMORY. */
enum err parser_add_scope(struct parser *p, struct scope scope, uint32_t *index);

/* One line. ERR_CONFIG: it is wrong, and told; the next one can be read. ERR_LIMIT: see below. */
enum err parse_line(struct parser *p, struct source *source, struct slice text);

/*
 * All lines of a text, and of what it includes. What is wrong is told, and no error.
 * ERR_LIMIT: the configuration is too large; told, and nothing more should be read.
 * ERR_NO_MEMORY.
 */
enum err parse_text(struct parser *p, struct source *source, struct slice text);
