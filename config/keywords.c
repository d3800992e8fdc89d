#include "config/keywords.h"

#include <strings.h>

#include "config/algorithm_names.h"
#include "config/types.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define DEFAULT_HOST_KEYS                                                                          \
	SEKISHO_SYSCONFDIR "/ssh_host_rsa_key " SEKISHO_SYSCONFDIR                                 \
	                   "/ssh_host_ecdsa_key " SEKISHO_SYSCONFDIR "/ssh_host_ed25519_key"

/* A row whose field has another type than the parser writes does not compile. */
#define KEYWORD(name, type, field, ...)                                                            \
	_Static_assert(__builtin_types_compatible_p(__typeof__(((struct conf *)0)->field),         \
	                   __typeof__(((struct type_field_##type *)0)->content)),                  \
	    #name " does not fit its field");
#define ALIAS(name, keyword)
#define RETIRED(name, kind, summary)
#include "config/keywords.def"
#undef KEYWORD
#undef ALIAS
#undef RETIRED

#define KEYWORD(name, type, field, text, scope, merge, since, state, summary)                      \
	[KEYWORD_##name] = {KEYWORD_##name, #name, &type_##type, offsetof(struct conf, field),     \
	    text, SCOPE_##scope, MERGE_##merge, since, STATE_##state, summary},
#define ALIAS(name, keyword)
#define RETIRED(name, kind, summary)
static const struct keyword keywords[KEYWORD_COUNT] = {
#include "config/keywords.def"
};
#undef KEYWORD
#undef ALIAS
#undef RETIRED

const struct keyword *keyword_of(enum keyword_id id)
{
	return &keywords[id];
}

bool keyword_permits_match(const struct keyword *keyword)
{
	return keyword->scope == SCOPE_MATCH || keyword->scope == SCOPE_SEKISHO_MATCH;
}

bool keyword_is_ours(const struct keyword *keyword)
{
	return keyword->scope != SCOPE_GLOBAL && keyword->scope != SCOPE_MATCH;
}

#define ROW(name, kind, keyword, is_alias, retired, summary)                                       \
	{                                                                                          \
		name, sizeof(name) - 1, kind, keyword, is_alias, retired, summary                  \
	}
#define KEYWORD(name, ...)           ROW(#name, NAME_KEYWORD, &keywords[KEYWORD_##name], false, 0, NULL),
#define ALIAS(name, keyword)         ROW(#name, NAME_KEYWORD, &keywords[KEYWORD_##keyword], true, 0, NULL),
#define RETIRED(name, kind, summary) ROW(#name, NAME_RETIRED, NULL, false, RETIRED_##kind, summary),
static const struct name_row names[] = {
    ROW("Include", NAME_INCLUDE, NULL, false, 0, NULL),
    ROW("Match", NAME_MATCH, NULL, false, 0, NULL),
#include "config/keywords.def"
};
#undef KEYWORD
#undef ALIAS
#undef RETIRED

const struct name_row *name_rows(size_t *count)
{
	*count = COUNT_OF(names);
	return names;
}

/* Lengths differ mostly, so a walk through the table costs less than it looks. */
const struct name_row *name_find(struct slice name)
{
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i].len == name.len &&
		    strncasecmp(names[i].name, (const char *)name.ptr, name.len) == 0)
			return &names[i];
	return NULL;
}

const char *name_suggest(struct slice name)
{
	const char *texts[COUNT_OF(names)];

	for (size_t i = 0; i < COUNT_OF(names); i++)
		texts[i] = names[i].name;
	return text_nearest(name, texts, COUNT_OF(texts));
}

#define NEAR_LIMIT 64u

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Levenshtein's distance without regard to case, one row of the table at a time. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NEAR_LIMIT + 1];

	for (size_t k = 0; k <= b_len; k++)
		row[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			size_t change = diagonal + (lower(a[i - 1]) != lower(b[k - 1]));
			size_t cheapest = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;

			diagonal = row[k];
			row[k] = change < cheapest ? change : cheapest;
		}
	}
	return row[b_len];
}

const char *text_nearest(struct slice word, const char *const *candidates, size_t count)
{
	size_t nearest = word.len / 4 + 2; /* a typo or two, more in long names */
	const char *found = NULL;

	if (word.len < 2 || word.len > NEAR_LIMIT)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(candidates[i]), distance;

		if (len > NEAR_LIMIT || len + nearest <= word.len || word.len + nearest <= len)
			continue;
		distance = edit_distance((const char *)word.ptr, word.len, candidates[i], len);
		if (distance >= nearest || distance >= word.len)
			continue;
		nearest = distance;
		found = candidates[i];
	}
	return found;
}
