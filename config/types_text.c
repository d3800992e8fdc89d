/* Types of text: words, paths, templates with %-tokens, the rest of a line. */
#include "config/types.h"

#include "config/pattern.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

/* The %-tokens of each kind (sshd_config(5), TOKENS). */
#define USER_TOKENS       "%hUu"
#define KEYS_TOKENS       "%CDfhktUu"
#define PRINCIPALS_TOKENS "%CDFfhiKksTtUu"

enum text_flags {
	NONE_IS_NULL = 1,
	IS_PATH = 2,     /* ~ and the working directory are put in */
	IS_TEMPLATE = 4, /* ~ is put in, %-tokens are checked */
	MUST_BE_ABSOLUTE = 8,
	IS_AGENT = 16,    /* SSH_AUTH_SOCK stays as it is */
	IS_PROVIDER = 32, /* internal stays as it is */
	IS_KEYS_COMMAND = 64,
	IS_PRINCIPALS_COMMAND = 128,
	IS_USER_NAME = 256,
};

static bool is_none(struct slice text)
{
	return text_equal_ignoring_case(text, LITERAL("none"));
}

bool token_fault(struct slice text, const char *letters, size_t *at)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '%')
			continue;
		if (i + 1 == text.len || text.ptr[i + 1] == 0 ||
		    strchr(letters, text.ptr[i + 1]) == NULL) {
			*at = i;
			return true;
		}
		i++;
	}
	return false;
}

static enum err check_tokens(
    struct value_input *in, size_t index, struct slice text, const char *letters)
{
	size_t at;

	if (!token_fault(text, letters, &at))
		return ERR_OK;
	return value_refuse(in, index, "a percent sign is written %%",
	    "the token \"%.*s\" is not known here", at + 1 < text.len ? 2 : 1,
	    (const char *)text.ptr + at);
}

/* "~" and "~/x": the home of the account that runs the daemon. */
static enum err expand_home(struct value_input *in, struct slice text, struct slice *out)
{
	char *joined;

	*out = text;
	if (in->home == NULL || !slice_starts(text, "~"))
		return ERR_OK;
	if (text.len > 1 && text.ptr[1] != '/') {
		value_warn(in, 0, "the home of another account is not put in for ~");
		return ERR_OK;
	}
	joined = arena_format(
	    in->arena, "%s%.*s", in->home, (int)(text.len - 1), (const char *)text.ptr + 1);
	if (joined == NULL)
		return ERR_NO_MEMORY;
	*out = slice_text(joined);
	return ERR_OK;
}

enum err value_path(struct value_input *in, struct slice text, const char **path)
{
	char *joined;

	TRY(expand_home(in, text, &text));
	if (in->directory == NULL || slice_starts(text, "/"))
		return value_text(in, text, path);
	joined = arena_format(
	    in->arena, "%s/%.*s", in->directory, (int)text.len, (const char *)text.ptr);
	if (joined == NULL)
		return ERR_NO_MEMORY;
	*path = joined;
	return ERR_OK;
}

/* One word that becomes one text, as the type's flags say. */
static enum err convert(struct value_input *in, const struct type *type, size_t index,
    struct slice word, const char **text)
{
	if ((type->flags & NONE_IS_NULL) != 0 && is_none(word)) {
		*text = NULL;
		return ERR_OK;
	}
	if ((type->flags & IS_AGENT) != 0 && slice_is(word, "SSH_AUTH_SOCK"))
		return value_text(in, word, text);
	if ((type->flags & IS_PROVIDER) != 0 && text_equal_ignoring_case(word, LITERAL("internal")))
		return value_text(in, LITERAL("internal"), text);
	if ((type->flags & IS_TEMPLATE) != 0) {
		TRY(check_tokens(in, index, word, USER_TOKENS));
		TRY(expand_home(in, word, &word));
		return value_text(in, word, text);
	}
	if ((type->flags & IS_PATH) != 0)
		return value_path(in, word, text);
	return value_text(in, word, text);
}

static enum err text_parse(struct value_input *in, const struct type *type, void *value)
{
	bool is_file = (type->flags & (IS_PATH | IS_TEMPLATE)) != 0;
	struct slice word;

	TRY(value_single(in, is_file ? "the file name" : "the value", &word));
	return convert(in, type, 0, word, value);
}

#define TEXT_TYPE(row, bits)                                                                       \
	const struct type type_##row = {.name = #row,                                              \
	    .size = sizeof(const char *),                                                          \
	    .parse = text_parse,                                                                   \
	    .print = print_quoted,                                                                 \
	    .flags = (bits)}

TEXT_TYPE(WORD, 0);
TEXT_TYPE(WORD_OR_NONE, NONE_IS_NULL);
TEXT_TYPE(PATH, NONE_IS_NULL | IS_PATH);
TEXT_TYPE(AGENT, NONE_IS_NULL | IS_PATH | IS_AGENT);
TEXT_TYPE(PROVIDER, NONE_IS_NULL | IS_PATH | IS_PROVIDER);
TEXT_TYPE(TEMPLATE, NONE_IS_NULL | IS_TEMPLATE);

/* ---- the rest of the line, quotes and # included ---- */

static enum err rest_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice rest = in->line->rest;

	if (is_none(rest)) {
		*(const char **)value = NULL;
		return ERR_OK;
	}
	if ((type->flags & MUST_BE_ABSOLUTE) != 0 && !slice_starts(rest, "/"))
		return value_refuse(in, 0, NULL, "the command must be an absolute path");
	if ((type->flags & IS_KEYS_COMMAND) != 0)
		TRY(check_tokens(in, 0, rest, KEYS_TOKENS));
	if ((type->flags & IS_PRINCIPALS_COMMAND) != 0)
		TRY(check_tokens(in, 0, rest, PRINCIPALS_TOKENS));
	return value_text(in, rest, value);
}

static enum err addendum_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice rest = in->line->rest;

	for (size_t i = 0; i < rest.len; i++)
		if (rest.ptr[i] < 0x20 || rest.ptr[i] > 0x7e)
			return value_refuse(
			    in, 0, NULL, "the identification string holds printable ASCII only");
	return rest_parse(in, type, value);
}

static enum err rest_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const char *text = *(const char *const *)value;

	(void)type;
	/* One "=" behind the keyword would be skipped when it is read again. */
	if (text != NULL && text[0] == '=')
		return buf_append_format(out, "%s =%s\n", name, text);
	return print_text(name, text, out);
}

#define REST_TYPE(row, parser, bits)                                                               \
	const struct type type_##row = {.name = #row,                                              \
	    .size = sizeof(const char *),                                                          \
	    .parse = parser,                                                                       \
	    .print = rest_print,                                                                   \
	    .flags = (bits)}

REST_TYPE(REST, rest_parse, 0);
REST_TYPE(KEYS_COMMAND, rest_parse, MUST_BE_ABSOLUTE | IS_KEYS_COMMAND);
REST_TYPE(PRINCIPALS_COMMAND, rest_parse, MUST_BE_ABSOLUTE | IS_PRINCIPALS_COMMAND);
REST_TYPE(ADDENDUM, addendum_parse, 0);

/* Linux has no routing domains that a process could enter by name. */
static enum err routing_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word;

	(void)type;
	TRY(value_single(in, "the routing domain", &word));
	if (is_none(word)) {
		*(const char **)value = NULL;
		return ERR_OK;
	}
	if (!slice_is(word, "%D"))
		return value_refuse(in, 0, NULL, "there are no routing domains on Linux");
	return value_text(in, word, value);
}

static enum err routing_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	return *(const char *const *)value ? rest_print(type, name, value, out) : ERR_OK;
}

const struct type type_ROUTING = {
    .name = "ROUTING",
    .size = sizeof(const char *),
    .parse = routing_parse,
    .print = routing_print,
};

/* ---- several words ---- */

/* "none" alone is the empty list; beside others it is a file name that nobody meant. */
static enum err texts_parse(struct value_input *in, const struct type *type, void *value)
{
	size_t count = in->line->count;
	struct conf_array array = {0};
	const char **texts;
	void *items;

	if (count == 1 && (type->flags & NONE_IS_NULL) != 0 && is_none(in->line->words[0].text))
		count = 0;
	TRY(value_array(in, type, 0, count, &array, &items));
	texts = items;
	for (size_t i = 0; i < count; i++) {
		struct slice word = in->line->words[i].text;

		if (word.len == 0)
			return value_refuse(in, i, NULL, "a value is empty");
		if ((type->flags & NONE_IS_NULL) != 0 && is_none(word))
			return value_refuse(in, i, NULL, "\"none\" must stand alone");
		TRY(convert(in, type, i, word, &texts[i]));
	}
	memcpy(value, &array, sizeof(array));
	return ERR_OK;
}

/* All on one line, and no line when there are none. */
static enum err texts_print_together(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_texts *texts = value;

	if (texts->count == 0)
		return (type->flags & IS_TEMPLATE) != 0 ? print_text(name, NULL, out) : ERR_OK;
	TRY(buf_append_text(out, name));
	for (size_t i = 0; i < texts->count; i++)
		TRY(print_word(texts->items[i], out));
	return buf_append_text(out, "\n");
}

/* A line for each. */
static enum err texts_print_apart(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_texts *texts = value;

	for (size_t i = 0; i < texts->count; i++)
		TRY(print_quoted(type, name, &texts->items[i], out));
	return ERR_OK;
}

static enum err host_keys_parse(struct value_input *in, const struct type *type, void *value)
{
	struct slice word = {0};

	/* A line names one; the default names all. */
	if (!in->is_default)
		TRY(value_single(in, "the file name", &word));
	if (is_none(word)) {
		value_warn(in, 0, "names no file");
		return ERR_OK;
	}
	return texts_parse(in, type, value);
}

static enum err user_patterns_parse(struct value_input *in, const struct type *type, void *value)
{
	for (size_t i = 0; i < in->line->count; i++) {
		struct slice word = in->line->words[i].text, fault;
		size_t at = word.len;

		while (at > 0 && word.ptr[at - 1] != '@')
			at--;
		if (at > 0 && address_list_fault(slice_after(word, at), &fault))
			return value_refuse(in, i, NULL, "\"%.*s\" is not a possible address block",
			    (int)fault.len, (const char *)fault.ptr);
	}
	return texts_parse(in, type, value);
}

static enum err env_patterns_parse(struct value_input *in, const struct type *type, void *value)
{
	for (size_t i = 0; i < in->line->count; i++) {
		struct slice word = in->line->words[i].text;

		if (word.len > 0 && memchr(word.ptr, '=', word.len) != NULL)
			return value_refuse(in, i, "SetEnv sets values",
			    "takes names of variables, without a value");
	}
	return texts_parse(in, type, value);
}

/* The name of an assignment, "=" included. */
static struct slice assigned_name(struct slice word)
{
	const uint8_t *equals = word.len > 0 ? memchr(word.ptr, '=', word.len) : NULL;

	return slice_first(word, equals ? (size_t)(equals - word.ptr) + 1 : 0);
}

static enum err assignments_parse(struct value_input *in, const struct type *type, void *value)
{
	struct conf_texts *texts = value;
	const char **items;
	size_t kept = 0;

	for (size_t i = 0; i < in->line->count; i++)
		if (assigned_name(in->line->words[i].text).len < 2)
			return value_refuse(in, i, NULL, "takes NAME=VALUE");
	TRY(texts_parse(in, type, value));
	/* Of a name given twice the first value holds. */
	items = (const char **)(uintptr_t)texts->items;
	for (size_t i = 0; i < texts->count; i++) {
		struct slice name = assigned_name(slice_text(items[i]));
		size_t k = 0;

		while (k < kept && !slice_equal(name, assigned_name(slice_text(items[k]))))
			k++;
		if (k < kept)
			value_warn(in, i, "the name stands on the line already");
		else
			items[kept++] = items[i];
	}
	texts->count = kept;
	return ERR_OK;
}

#define TEXTS_TYPE(row, parser, printer, bits)                                                     \
	const struct type type_##row = {.name = #row,                                              \
	    .size = sizeof(struct conf_texts),                                                     \
	    .item_size = sizeof(const char *),                                                     \
	    .parse = parser,                                                                       \
	    .print = printer,                                                                      \
	    .flags = (bits)}

TEXTS_TYPE(WORDS, texts_parse, texts_print_together, 0);
TEXTS_TYPE(NAMES, texts_parse, texts_print_apart, 0);
TEXTS_TYPE(PATHS, texts_parse, texts_print_together, NONE_IS_NULL | IS_PATH);
TEXTS_TYPE(TEMPLATES, texts_parse, texts_print_together, NONE_IS_NULL | IS_TEMPLATE);
TEXTS_TYPE(HOST_KEYS, host_keys_parse, texts_print_apart, IS_PATH);
TEXTS_TYPE(USER_PATTERNS, user_patterns_parse, texts_print_apart, 0);
TEXTS_TYPE(ENV_PATTERNS, env_patterns_parse, texts_print_apart, 0);
TEXTS_TYPE(ASSIGNMENTS, assignments_parse, texts_print_together, 0);
