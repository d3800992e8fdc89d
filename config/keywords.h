/* The rows of keywords.def as a table, and finding one by its name. */
#pragma once

#include <stddef.h>

#include "sshd/base/slice.h"

#define KEYWORD(name, ...) KEYWORD_##name,
#define ALIAS(name, keyword)
#define RETIRED(name, kind, summary)
enum keyword_id {
#include "config/keywords.def"
	KEYWORD_COUNT,
	/* Not settings: they shape the file and have no row. */
	KEYWORD_Include = KEYWORD_COUNT,
	KEYWORD_Match,
};
#undef KEYWORD
#undef ALIAS
#undef RETIRED

enum keyword_scope {
	SCOPE_GLOBAL,
	SCOPE_MATCH,
	SCOPE_SEKISHO,
	SCOPE_SEKISHO_MATCH,
	SCOPE_COMMAND_LINE,
};

/* What a second line of the same keyword means; see keywords.def. */
enum keyword_merge {
	MERGE_FIRST,
	MERGE_LAST,
	MERGE_APPEND,
	MERGE_BY_NAME,
	MERGE_FILL,
	MERGE_NONE_RESETS,
};

enum keyword_state { STATE_BUILT, STATE_PENDING, STATE_OFF, STATE_FOREIGN };

struct keyword {
	enum keyword_id id;
	const char *name;
	const struct type *type;
	size_t offset;             /* of its field in struct conf */
	const char *default_value; /* NULL: nothing is set */
	enum keyword_scope scope;
	enum keyword_merge merge;
	const char *since;
	enum keyword_state state;
	const char *summary;
};

enum retired_kind { RETIRED_DEPRECATED, RETIRED_IGNORED, RETIRED_VENDOR };

/* What a name at the start of a line can be. */
enum name_kind { NAME_UNKNOWN, NAME_KEYWORD, NAME_INCLUDE, NAME_MATCH, NAME_RETIRED };

struct name_row {
	const char *name;
	size_t len;
	enum name_kind kind;
	const struct keyword *keyword; /* of NAME_KEYWORD */
	bool is_alias;
	enum retired_kind retired; /* of NAME_RETIRED */
	const char *summary;       /* of NAME_RETIRED */
};

/* The row of a keyword; `id` below KEYWORD_COUNT. */
const struct keyword *keyword_of(enum keyword_id id);

bool keyword_permits_match(const struct keyword *keyword);
bool keyword_is_ours(const struct keyword *keyword); /* unknown to OpenSSH */

/* The name in any case, aliases and retired names included; NULL: unknown. */
const struct name_row *name_find(struct slice name);

/* The known name that `name` was probably meant to be; NULL: none is near. */
const char *name_suggest(struct slice name);

/* All names, for completion and tests. */
const struct name_row *name_rows(size_t *count);

/* The nearest of `count` candidates by edit distance, NULL when none is near enough. */
const char *text_nearest(struct slice word, const char *const *candidates, size_t count);
