/* What the parsers share, and the types of one word among several. */
#include "config/types.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define MESSAGE_LIMIT 512u

static struct place place_of(const struct value_input *in, size_t index)
{
	const struct line *line = in->line;
	struct place place = {.file = in->file, .line = in->origin.line, .source = line->source};

	if (index < line->count) {
		place.column = line->words[index].column;
		place.width = line->words[index].width;
	} else {
		place.column = line->name_column;
		place.width = (uint32_t)line->name.len;
	}
	return place;
}

enum err value_refuse(
    struct value_input *in, size_t index, const char *hint, const char *format, ...)
{
	struct place place = place_of(in, index);
	char text[MESSAGE_LIMIT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diagnostics_add(
	    in->diagnostics, SEVERITY_ERROR, &place, hint, "%s: %s", in->keyword->name, text);
	return ERR_CONFIG;
}

void value_warn(struct value_input *in, size_t index, const char *format, ...)
{
	struct place place = place_of(in, index);
	char text[MESSAGE_LIMIT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	diagnostics_add(
	    in->diagnostics, SEVERITY_WARNING, &place, NULL, "%s: %s", in->keyword->name, text);
}

enum err value_single(struct value_input *in, const char *what, struct slice *word)
{
	if (in->line->count == 0 || in->line->words[0].text.len == 0)
		return value_refuse(in, 0, NULL, "%s is missing", what);
	if (in->line->count > 1)
		return value_refuse(in, 1, NULL, "takes one value, and more follows on the line");
	*word = in->line->words[0].text;
	return ERR_OK;
}

enum err value_array(struct value_input *in, const struct type *type, size_t first, size_t count,
    struct conf_array *array, void **items)
{
	struct origin *origins = arena_alloc(in->arena, (count + 1) * sizeof(*origins));

	*items = arena_alloc(in->arena, (count + 1) * type->item_size);
	if (origins == NULL || *items == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		origins[i] = in->origin;
		if (first + i < in->line->count)
			origins[i].column = in->line->words[first + i].column;
	}
	array->items = *items;
	array->origins = origins;
	array->count = count;
	return ERR_OK;
}

enum err value_text(struct value_input *in, struct slice text, const char **copy)
{
	char *made;

	if (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL)
		return value_refuse(in, 0, NULL, "holds a zero byte");
	made = arena_text(in->arena, text);
	if (made == NULL)
		return ERR_NO_MEMORY;
	*copy = made;
	return ERR_OK;
}

enum err print_text(const char *name, const char *text, struct buf *out)
{
	return buf_append_format(out, "%s %s\n", name, text ? text : "none");
}

enum err print_word(const char *text, struct buf *out)
{
	TRY(buf_append_text(out, " "));
	return word_append(out, slice_text(text));
}

enum err print_quoted(const struct type *type, const char *name, const void *value, struct buf *out)
{
	const char *text = *(const char *const *)value;

	(void)type;
	if (text == NULL)
		return print_text(name, NULL, out);
	TRY(buf_append_text(out, name));
	TRY(print_word(text, out));
	return buf_append_text(out, "\n");
}

/* ---- one of several words ---- */

static enum err refuse_choice(struct value_input *in, const struct type *type, struct slice word)
{
	const char *texts[16];
	const char *near;
	char hint[128];
	size_t count = 0;

	for (const struct choice *c = type->choices; c->text != NULL && count < COUNT_OF(texts);
	     c++)
		texts[count++] = c->text;
	near = text_nearest(word, texts, count);
	snprintf(hint, sizeof(hint), "did you mean %s?", near ? near : "");
	return value_refuse(in, 0, near ? hint : NULL, "\"%.*s\" is not one of its values",
	    (int)word.len, (const char *)word.ptr);
}

static bool is_choice(const struct type *type, const char *text, struct slice word)
{
	return type->is_case_sensitive ? slice_is(word, text)
	                               : text_equal_ignoring_case(word, slice_text(text));
}

static enum err choose(struct value_input *in, const struct type *type, int *value)
{
	struct slice word;

	TRY(value_single(in, "its value", &word));
	for (const struct choice *c = type->choices; c->text != NULL; c++) {
		if (!is_choice(type, c->text, word))
			continue;
		*value = c->value;
		return ERR_OK;
	}
	return refuse_choice(in, type, word);
}

static enum err choice_parse(struct value_input *in, const struct type *type, void *value)
{
	return choose(in, type, value);
}

static enum err choice_print_value(
    const struct type *type, const char *name, int value, struct buf *out)
{
	for (const struct choice *c = type->choices; c->text != NULL; c++)
		if (c->value == value)
			return print_text(name, c->text, out);
	return ERR_RANGE;
}

static enum err choice_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	return choice_print_value(type, name, *(const int *)value, out);
}

static enum err flag_parse(struct value_input *in, const struct type *type, void *value)
{
	int chosen = 0;

	TRY(choose(in, type, &chosen));
	*(bool *)value = chosen != 0;
	return ERR_OK;
}

static enum err flag_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	return choice_print_value(type, name, *(const bool *)value ? 1 : 0, out);
}

/* Bits of which each word sets one; a value of 0 ("none") sets nothing. */
static enum err bits_parse(struct value_input *in, const struct type *type, void *value)
{
	int bits = 0;

	for (size_t i = 0; i < in->line->count; i++) {
		struct slice word = in->line->words[i].text;
		const struct choice *c = type->choices;

		while (c->text != NULL && !is_choice(type, c->text, word))
			c++;
		if (c->text == NULL)
			return value_refuse(in, i, NULL, "\"%.*s\" is not one of its options",
			    (int)word.len, (const char *)word.ptr);
		bits |= c->value;
	}
	*(int *)value = bits;
	return ERR_OK;
}

static enum err bits_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	int bits = *(const int *)value;

	if (bits == 0)
		return print_text(name, NULL, out);
	TRY(buf_append_text(out, name));
	for (const struct choice *c = type->choices; c->text != NULL; c++)
		if (c->value != 0 && (bits & c->value) == c->value)
			TRY(buf_append_format(out, " %s", c->text));
	return buf_append_text(out, "\n");
}

#define CHOICES(...) ((const struct choice[]){__VA_ARGS__, {NULL, 0}})
#define CHOICE_TYPE(row, ...)                                                                      \
	const struct type type_##row = {.name = #row,                                              \
	    .size = sizeof(int),                                                                   \
	    .parse = choice_parse,                                                                 \
	    .print = choice_print,                                                                 \
	    __VA_ARGS__}

const struct type type_FLAG = {
    .name = "FLAG",
    .size = sizeof(bool),
    .parse = flag_parse,
    .print = flag_print,
    .choices = CHOICES({"yes", 1}, {"no", 0}),
};

CHOICE_TYPE(FAMILY,
    .choices = CHOICES({"any", FAMILY_ANY}, {"inet", FAMILY_INET}, {"inet6", FAMILY_INET6}));

CHOICE_TYPE(ROOT_LOGIN, .choices = CHOICES({"prohibit-password", ROOT_LOGIN_PROHIBIT_PASSWORD},
                            {"without-password", ROOT_LOGIN_PROHIBIT_PASSWORD},
                            {"forced-commands-only", ROOT_LOGIN_FORCED_COMMANDS_ONLY},
                            {"yes", ROOT_LOGIN_YES}, {"no", ROOT_LOGIN_NO}));

CHOICE_TYPE(RHOSTS, .choices = CHOICES({"yes", RHOSTS_IGNORE}, {"no", RHOSTS_HONOUR},
                        {"shosts-only", RHOSTS_SHOSTS_ONLY}));

CHOICE_TYPE(COMPRESSION, .choices = CHOICES({"yes", CONF_COMPRESSION_DELAYED},
                             {"delayed", CONF_COMPRESSION_DELAYED}, {"no", CONF_COMPRESSION_NO}));

CHOICE_TYPE(GATEWAY, .choices = CHOICES({"no", GATEWAY_NO}, {"yes", GATEWAY_YES},
                         {"clientspecified", GATEWAY_CLIENT_SPECIFIED}));

CHOICE_TYPE(FORWARDING,
    .choices = CHOICES({"yes", FORWARDING_YES}, {"all", FORWARDING_YES}, {"no", FORWARDING_NO},
        {"local", FORWARDING_LOCAL}, {"remote", FORWARDING_REMOTE}));

CHOICE_TYPE(TUNNEL, .is_case_sensitive = true,
    .choices = CHOICES({"no", TUNNEL_NO}, {"yes", TUNNEL_YES},
        {"point-to-point", TUNNEL_POINT_TO_POINT}, {"ethernet", TUNNEL_ETHERNET}));

CHOICE_TYPE(LOG_LEVEL,
    .choices = CHOICES({"QUIET", LOG_LEVEL_QUIET}, {"FATAL", LOG_LEVEL_FATAL},
        {"ERROR", LOG_LEVEL_ERROR}, {"INFO", LOG_LEVEL_INFO}, {"VERBOSE", LOG_LEVEL_VERBOSE},
        {"DEBUG", LOG_LEVEL_DEBUG1}, {"DEBUG1", LOG_LEVEL_DEBUG1}, {"DEBUG2", LOG_LEVEL_DEBUG2},
        {"DEBUG3", LOG_LEVEL_DEBUG3}));

CHOICE_TYPE(FACILITY,
    .choices = CHOICES({"AUTH", LOG_AUTH}, {"AUTHPRIV", LOG_AUTHPRIV}, {"DAEMON", LOG_DAEMON},
        {"USER", LOG_USER}, {"LOCAL0", LOG_LOCAL0}, {"LOCAL1", LOG_LOCAL1}, {"LOCAL2", LOG_LOCAL2},
        {"LOCAL3", LOG_LOCAL3}, {"LOCAL4", LOG_LOCAL4}, {"LOCAL5", LOG_LOCAL5},
        {"LOCAL6", LOG_LOCAL6}, {"LOCAL7", LOG_LOCAL7}));

CHOICE_TYPE(HASH,
    .choices = CHOICES({"SHA256", CONF_HASH_SHA256}, {"MD5", CONF_HASH_MD5},
        {"SHA1", CONF_HASH_SHA1}, {"SHA384", CONF_HASH_SHA384}, {"SHA512", CONF_HASH_SHA512}));

CHOICE_TYPE(FACTOR, .choices = CHOICES({"none", SECOND_FACTOR_NONE}, {"otp", SECOND_FACTOR_OTP}));

const struct type type_PUBKEY_OPTIONS = {
    .name = "PUBKEY_OPTIONS",
    .size = sizeof(int),
    .parse = bits_parse,
    .print = bits_print,
    .choices = CHOICES({"none", PUBKEY_NONE}, {"touch-required", PUBKEY_TOUCH_REQUIRED},
        {"verify-required", PUBKEY_VERIFY_REQUIRED}),
};
