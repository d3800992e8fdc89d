/* One line of a configuration: its keyword, its words, and where each of them stands. */
#pragma once

#include "config/arena.h"
#include "sshd/base/err.h"

struct word {
	struct slice text;      /* without quotes and escapes */
	uint32_t column, width; /* as written; columns count bytes from 1 */
	bool is_quoted;
};

struct line {
	struct slice source; /* the line without its end */
	struct slice name;   /* the keyword; empty: a blank line or a comment */
	uint32_t name_column;
	struct slice rest; /* everything behind the keyword as written, comments included */
	uint32_t rest_column;
	struct word *words; /* the words of `rest`, up to a comment */
	size_t count, capacity;
	uint32_t fault_column; /* on ERR_MALFORMED */
};

/*
 * Splits `source` (a line without its newline; trailing blanks, \r and \f are ignored).
 * `line` is zeroed by the caller the first time and may be used again; its words are valid
 * until then. Unquoted texts may live in `arena`, everything else points into `source`.
 *
 * ERR_MALFORMED: a quote is not closed; fault_column is its place. ERR_NO_MEMORY.
 */
enum err line_split(struct slice source, struct arena *arena, struct line *line);

/* The same for what stands behind a keyword: a line without a name. */
enum err line_split_value(struct slice value, struct arena *arena, struct line *line);

/* Frees the word table. AUTO-able. */
void line_wipe(struct line *line);

/* Takes the next line off `text`; false: there is none left. */
bool text_next_line(struct slice *text, struct slice *line);

/* Appends a word so that line_split reads the same text back: quoted where it must be. */
struct buf;
enum err word_append(struct buf *out, struct slice text);
