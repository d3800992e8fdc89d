/* Types of login and session: lists of methods, subsystems, user environments, uid ranges. */
#include "config/types.h"

#include <stdio.h>

#include "config/pattern.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

/* ---- AuthenticationMethods: any, or method[:device],... ... ---- */

static const char *const methods[] = {
    "none",
    "publickey",
    "password",
    "keyboard-interactive",
    "hostbased",
    "gssapi-with-mic",
};

static enum err refuse_method(struct value_input *in, size_t index, struct slice name)
{
	const char *near = text_nearest(name, methods, COUNT_OF(methods));
	char hint[96];

	snprintf(hint, sizeof(hint), "did you mean %s?", near ? near : "");
	return value_refuse(in, index, near ? hint : NULL, "\"%.*s\" is not a method",
	    (int)name.len, (const char *)name.ptr);
}

/* What a list of methods amounts to. */
struct method_list {
	bool has_other;  /* something besides one-time passwords */
	bool has_absent; /* a device that does not exist here */
};

static enum err check_method(
    struct value_input *in, size_t index, struct slice method, struct method_list *list)
{
	const uint8_t *colon = method.len > 0 ? memchr(method.ptr, ':', method.len) : NULL;
	struct slice name = slice_first(method, colon ? (size_t)(colon - method.ptr) : method.len);
	struct slice device = slice_after(method, name.len + 1);
	size_t known = 0;

	if (method.len == 0)
		return value_refuse(in, index, NULL, "a method of the list is empty");
	while (known < COUNT_OF(methods) && !slice_is(name, methods[known]))
		known++;
	if (known == COUNT_OF(methods))
		return refuse_method(in, index, name);
	if (!slice_is(name, "keyboard-interactive") || !slice_is(device, "otp"))
		list->has_other = true;
	if (colon != NULL && (!slice_is(name, "keyboard-interactive") ||
	                         (!slice_is(device, "pam") && !slice_is(device, "otp"))))
		list->has_absent = true;
	return ERR_OK;
}

/* is_possible: false when it names a device that does not exist here, which is told. */
static enum err check_method_list(struct value_input *in, size_t index, bool *is_possible)
{
	struct slice text = in->line->words[index].text, one;
	struct method_list list = {0};

	if (text.len == 0 || text.ptr[text.len - 1] == ',')
		return value_refuse(in, index, NULL, "a method of the list is empty");
	while (list_next(&text, &one))
		TRY(check_method(in, index, one, &list));
	if (!list.has_other)
		return value_refuse(in, index, "put another method in front of it",
		    "a one-time password is never a login by itself");
	*is_possible = !list.has_absent;
	if (list.has_absent)
		value_warn(
		    in, index, "the list names a device that does not exist here and is left out");
	return ERR_OK;
}

static enum err methods_parse(struct value_input *in, const struct type *type, void *value)
{
	size_t count = in->line->count, kept = 0;
	struct conf_array array = {0};
	struct origin *origins;
	const char **texts;
	void *items;

	if (count == 0)
		return value_refuse(in, 0, NULL, "its values are missing");
	if (count == 1 && slice_is(in->line->words[0].text, "any"))
		return ERR_OK;
	TRY(value_array(in, type, 0, count, &array, &items));
	texts = items;
	origins = (struct origin *)(uintptr_t)array.origins;
	for (size_t i = 0; i < count; i++) {
		bool is_possible = false;

		if (slice_is(in->line->words[i].text, "any"))
			return value_refuse(in, i, NULL, "\"any\" must stand alone");
		TRY(check_method_list(in, i, &is_possible));
		if (!is_possible)
			continue;
		origins[kept] = origins[i];
		TRY(value_text(in, in->line->words[i].text, &texts[kept++]));
	}
	if (kept == 0)
		return value_refuse(in, 0, NULL, "none of the lists can be completed");
	array.count = kept;
	memcpy(value, &array, sizeof(array));
	return ERR_OK;
}

static enum err methods_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_texts *lists = value;

	(void)type;
	if (lists->count == 0)
		return print_text(name, "any", out);
	TRY(buf_append_text(out, name));
	for (size_t i = 0; i < lists->count; i++)
		TRY(buf_append_format(out, " %s", lists->items[i]));
	return buf_append_text(out, "\n");
}

const struct type type_METHODS = {
    .name = "METHODS",
    .size = sizeof(struct conf_texts),
    .item_size = sizeof(const char *),
    .parse = methods_parse,
    .print = methods_print,
};

/* ---- Subsystem: name, program, arguments ---- */

#define COMMAND_LIMIT    65536u
#define SUBSYSTEMS_LIMIT 1024u

static enum err subsystem_command(struct value_input *in, struct conf_subsystem *row)
{
	AUTO(buf_wipe) struct buf command = buf_empty(COMMAND_LIMIT);

	for (size_t i = 1; i < in->line->count; i++) {
		if (i > 1)
			TRY(buf_append_text(&command, " "));
		TRY(word_append(&command, in->line->words[i].text));
	}
	return value_text(in, buf_view(&command), &row->command);
}

static enum err subsystem_parse(struct value_input *in, const struct type *type, void *value)
{
	const struct line *line = in->line;
	struct conf_array array = {0};
	struct conf_subsystem *row;
	enum err err;
	void *items;

	if (line->count == 0 || line->words[0].text.len == 0)
		return value_refuse(in, 0, NULL, "the name of the subsystem is missing");
	if (line->count == 1 || line->words[1].text.len == 0)
		return value_refuse(in, 0, NULL, "the command of the subsystem is missing");
	TRY(value_array(in, type, 0, 1, &array, &items));
	row = items;
	TRY(value_text(in, line->words[0].text, &row->name));
	TRY(value_text(in, line->words[1].text, &row->path));
	err = subsystem_command(in, row);
	if (err == ERR_LIMIT)
		return value_refuse(in, 1, NULL, "the command is too long");
	TRY(err);
	memcpy(value, &array, sizeof(array));
	return ERR_OK;
}

static enum err subsystem_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_subsystems *subsystems = value;

	(void)type;
	for (size_t i = 0; i < subsystems->count; i++) {
		TRY(buf_append_format(out, "%s ", name));
		TRY(word_append(out, slice_text(subsystems->items[i].name)));
		TRY(buf_append_format(out, " %s\n", subsystems->items[i].command));
	}
	return ERR_OK;
}

const struct type type_SUBSYSTEM = {
    .name = "SUBSYSTEM",
    .size = sizeof(struct conf_subsystems),
    .item_size = sizeof(struct conf_subsystem),
    .parse = subsystem_parse,
    .print = subsystem_print,
    .lines_limit = SUBSYSTEMS_LIMIT,
};

/* ---- PermitUserEnvironment: yes, no, or patterns of names ---- */

static enum err user_env_parse(struct value_input *in, const struct type *type, void *value)
{
	struct conf_user_env *env = value;
	struct slice word;

	(void)type;
	TRY(value_single(in, "its value", &word));
	env->is_allowed = !slice_is(word, "no");
	if (slice_is(word, "yes") || slice_is(word, "no"))
		return ERR_OK;
	return value_text(in, word, &env->patterns);
}

static enum err user_env_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_user_env *env = value;

	if (env->patterns != NULL)
		return print_quoted(type, name, &env->patterns, out);
	return print_text(name, env->is_allowed ? "yes" : "no", out);
}

const struct type type_USER_ENV = {
    .name = "USER_ENV",
    .size = sizeof(struct conf_user_env),
    .parse = user_env_parse,
    .print = user_env_print,
};

/* ---- NetUidRange: first-last, or none ---- */

#define UID_LARGEST (UINT32_MAX - 1) /* the next one means "no user" to the kernel */

static enum err uid_range_parse(struct value_input *in, const struct type *type, void *value)
{
	uint64_t first = 0, last = 0;
	const uint8_t *dash;
	struct slice word;
	size_t len;

	(void)type;
	TRY(value_single(in, "the range", &word));
	if (slice_is(word, "none"))
		return ERR_OK;
	dash = memchr(word.ptr, '-', word.len);
	len = dash ? (size_t)(dash - word.ptr) : word.len;
	if (text_parse_u64(slice_first(word, len), UID_LARGEST, &first) != ERR_OK ||
	    text_parse_u64(slice_after(word, len + 1), UID_LARGEST, &last) != ERR_OK ||
	    first == 0 || last < first)
		return value_refuse(in, 0, "write two user ids such as 300000-309999",
		    "\"%.*s\" is not a range of user ids", (int)word.len, (const char *)word.ptr);
	*(struct conf_uid_range *)value = (struct conf_uid_range){(uint32_t)first, (uint32_t)last};
	return ERR_OK;
}

static enum err uid_range_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	const struct conf_uid_range *range = value;

	(void)type;
	if (range->last == 0)
		return print_text(name, NULL, out);
	return buf_append_format(out, "%s %u-%u\n", name, range->first, range->last);
}

const struct type type_UID_RANGE = {
    .name = "UID_RANGE",
    .size = sizeof(struct conf_uid_range),
    .parse = uid_range_parse,
    .print = uid_range_print,
};
