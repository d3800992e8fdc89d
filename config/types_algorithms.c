/* Types of algorithm lists, assembled with + - ^ when the line is read. */
#include "config/types.h"

#include <stdio.h>

#include "config/algorithm_names.h"
#include "config/pattern.h"
#include "sshd/base/auto.h"

enum algorithm_flags { PERMITS_PATTERNS = 1 };

/* The class is in `max`, the flags in `flags`. */
static enum algorithm_class class_of(const struct type *type)
{
	return (enum algorithm_class)type->max;
}

static enum err refuse_name(struct value_input *in, const struct type *type, struct slice fault)
{
	size_t count;
	const char *const *names = algorithm_names(class_of(type), &count);
	const char *near = text_nearest(fault, names, count);
	char hint[128];

	if (near != NULL)
		snprintf(hint, sizeof(hint), "did you mean %s?", near);
	return value_refuse(in, 0, near ? hint : NULL, "\"%.*s\" is not the name of an algorithm",
	    (int)fault.len, (const char *)fault.ptr);
}

static void warn_of_empty_elements(struct value_input *in, struct slice word)
{
	bool is_empty = word.len > 0 && word.ptr[word.len - 1] == ',';
	struct slice one;

	while (list_next(&word, &one))
		is_empty = is_empty || one.len == 0;
	if (is_empty)
		value_warn(in, 0, "an element of the list is empty and left out");
}

static enum err algorithms_parse(struct value_input *in, const struct type *type, void *value)
{
	const char *list = NULL;
	struct slice word, fault = {0};
	enum err err;

	TRY(value_single(in, "the list", &word));
	if (in->is_default)
		return value_text(in, word, value);
	warn_of_empty_elements(in, word);
	err = algorithm_list_assemble(class_of(type), word, in->keyword->default_value,
	    (type->flags & PERMITS_PATTERNS) != 0, in->arena, &list, &fault);
	if (err == ERR_NOT_FOUND)
		return refuse_name(in, type, fault);
	TRY(err);
	if (list[0] == 0)
		return value_refuse(in, 0, NULL, "leaves no algorithm at all");
	*(const char **)value = list;
	return ERR_OK;
}

static enum err algorithms_print(
    const struct type *type, const char *name, const void *value, struct buf *out)
{
	(void)type;
	return print_text(name, *(const char *const *)value, out);
}

#define ALGORITHM_TYPE(row, class, bits)                                                           \
	const struct type type_##row = {.name = #row,                                              \
	    .size = sizeof(const char *),                                                          \
	    .parse = algorithms_parse,                                                             \
	    .print = algorithms_print,                                                             \
	    .max = class,                                                                          \
	    .flags = (bits)}

ALGORITHM_TYPE(CIPHERS, CLASS_CIPHER, 0);
ALGORITHM_TYPE(MACS, CLASS_MAC, 0);
ALGORITHM_TYPE(KEX, CLASS_KEX, 0);
ALGORITHM_TYPE(KEY_ALGORITHMS, CLASS_SIGNATURE, PERMITS_PATTERNS);
ALGORITHM_TYPE(CA_ALGORITHMS, CLASS_SIGNATURE, PERMITS_PATTERNS);
