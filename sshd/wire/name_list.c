#include "sshd/wire/name_list.h"

#define NAME_LIMIT 255u

bool name_list_next(struct slice *list, struct slice *name)
{
	const uint8_t *comma;

	if (list->len == 0)
		return false;
	comma = memchr(list->ptr, ',', list->len);
	if (comma == NULL) {
		*name = *list;
		*list = slice_after(*list, list->len);
		return true;
	}
	*name = slice_first(*list, (size_t)(comma - list->ptr));
	*list = slice_after(*list, name->len + 1);
	return true;
}

static enum err name_check(struct slice name)
{
	if (name.len > NAME_LIMIT)
		return ERR_TOO_LONG;
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] <= 0x20 || name.ptr[i] >= 0x7f)
			return ERR_MALFORMED;
	return ERR_OK;
}

enum err name_list_check_names(struct slice list)
{
	struct slice name;

	while (name_list_next(&list, &name)) {
		enum err err = name_check(name);

		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

enum err name_list_check(struct slice list)
{
	struct slice rest = list, name;

	if (list.len > 0 && list.ptr[list.len - 1] == ',')
		return ERR_MALFORMED;
	while (name_list_next(&rest, &name))
		if (name.len == 0)
			return ERR_MALFORMED;
	return name_list_check_names(list);
}

bool name_list_contains(struct slice list, struct slice name)
{
	struct slice candidate;

	while (name_list_next(&list, &candidate))
		if (slice_equal(candidate, name))
			return true;
	return false;
}

bool name_list_contains_text(struct slice list, const char *name)
{
	return name_list_contains(list, slice_text(name));
}

bool name_list_first_common(struct slice preferred, struct slice other, struct slice *name)
{
	struct slice candidate;

	while (name_list_next(&preferred, &candidate)) {
		if (name_list_contains(other, candidate)) {
			*name = candidate;
			return true;
		}
	}
	return false;
}
