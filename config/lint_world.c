/* Checks of what the settings name on the host: files, programs, accounts. */
#include "config/lint_checks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "config/pattern.h"
#include "sshd/base/auto.h"

#define FILE_LIMIT (1u << 20)

static bool is_absolute(const char *path)
{
	return path != NULL && path[0] == '/';
}

static bool is_missing(const struct lint *lint, const char *path)
{
	struct stat st;

	return lint->world->look(lint->world->owner, path, &st) == ERR_NOT_FOUND;
}

/*
 * The first of the path and the directories above it that another than root owns or may write;
 * false: none of those that can be looked at.
 */
static bool find_unsafe(const struct lint *lint, const char *path, char *unsafe, size_t size)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part) || len >= size)
		return false;
	for (size_t end = 1; end <= len; end++) {
		struct stat st;

		if (path[end] != '/' && path[end] != 0 && end != 1)
			continue;
		memcpy(part, path, end);
		part[end] = 0;
		if (lint->world->look(lint->world->owner, part, &st) != ERR_OK)
			continue;
		if (st.st_uid == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
			continue;
		snprintf(
		    unsafe, size, "%s (mode %04o, uid %u)", part, st.st_mode & 07777, st.st_uid);
		return true;
	}
	return false;
}

static const char *text_setting(const struct lint *lint, const struct lint_rule *rule)
{
	return *(const char *const *)((const char *)lint->conf + keyword_of(rule->keyword)->offset);
}

LINT_TEST(check_file_exists)
{
	const char *path = text_setting(lint, rule);

	if (lint->world != NULL && is_absolute(path) && is_missing(lint, path))
		lint_tell(lint, rule, path);
}

LINT_TEST(check_file_safe)
{
	const char *path = text_setting(lint, rule);
	char unsafe[PATH_MAX + 64];

	if (lint->world != NULL && is_absolute(path) &&
	    find_unsafe(lint, path, unsafe, sizeof(unsafe)))
		lint_tell(lint, rule, unsafe);
}

LINT_TEST(check_files_exist)
{
	const struct conf_texts *paths =
	    (const struct conf_texts *)(const void *)((const char *)lint->conf +
	                                              keyword_of(rule->keyword)->offset);

	for (size_t i = 0; lint->world != NULL && i < paths->count; i++)
		if (is_absolute(paths->items[i]) && is_missing(lint, paths->items[i]))
			lint_tell(lint, rule, paths->items[i]);
}

/* The program of a command line is its first word; quotes are rare enough to be left alone. */
LINT_TEST(check_command_path)
{
	const char *command = text_setting(lint, rule);
	char path[PATH_MAX], unsafe[PATH_MAX + 64];
	size_t len = command ? strcspn(command, " \t") : 0;

	if (lint->world == NULL || command == NULL || len >= sizeof(path) ||
	    memchr(command, '%', len) != NULL || memchr(command, '"', len) != NULL)
		return;
	memcpy(path, command, len);
	path[len] = 0;
	if (is_missing(lint, path))
		lint_tell(lint, rule, path);
	else if (find_unsafe(lint, path, unsafe, sizeof(unsafe)))
		lint_tell(lint, rule, unsafe);
}

LINT_TEST(check_user_exists)
{
	const char *user = text_setting(lint, rule);

	if (lint->world != NULL && user != NULL && !lint->world->has_user(lint->world->owner, user))
		lint_tell(lint, rule, user);
}

static bool is_literal(const char *text)
{
	return strpbrk(text, "*?!@") == NULL;
}

/* Each item of a list that names no account or group, at its own line. */
static void check_names(struct lint *lint, const struct lint_rule *rule,
    const struct conf_texts *names, bool (*has)(void *owner, const char *name))
{
	for (size_t i = 0; i < names->count; i++)
		if (is_literal(names->items[i]) && !has(lint->world->owner, names->items[i]))
			lint_tell_line(
			    lint, rule, names->origins[i], (struct origin){0}, 0, names->items[i]);
}

/* The groups of Match lines. */
static void check_match_groups(struct lint *lint, const struct lint_rule *rule, uint32_t scope)
{
	const struct scope *block = &lint->config->scopes[scope];
	struct slice list, one;
	size_t index = 0;

	while (block->match != NULL && match_next_group_list(block->match, &index, &list)) {
		while (list_next(&list, &one)) {
			char *name = arena_text(&lint->findings->arena, one);

			if (name != NULL && is_literal(name) &&
			    !lint->world->has_group(lint->world->owner, name))
				lint_tell_line(
				    lint, rule, block->origin, (struct origin){0}, scope, name);
		}
	}
}

LINT_TEST(check_groups_exist)
{
	if (lint->world == NULL)
		return;
	check_names(lint, rule, &lint->conf->allow_groups, lint->world->has_group);
	check_names(lint, rule, &lint->conf->deny_groups, lint->world->has_group);
	for (uint32_t i = 1; i < lint->config->scope_count; i++)
		check_match_groups(lint, rule, i);
}

LINT_TEST(check_users_exist)
{
	if (lint->world == NULL)
		return;
	check_names(lint, rule, &lint->conf->allow_users, lint->world->has_user);
	check_names(lint, rule, &lint->conf->deny_users, lint->world->has_user);
}

/* moduli(5): the fifth field is the size in bits, one less than it is called. */
static unsigned modulus_bits(struct slice line)
{
	unsigned field = 0, bits = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == ' ')
			field++;
		else if (field == 4 && line.ptr[i] >= '0' && line.ptr[i] <= '9' && bits < 100000)
			bits = bits * 10 + (unsigned)(line.ptr[i] - '0');
	}
	return bits;
}

LINT_TEST(check_moduli)
{
	AUTO(buf_wipe) struct buf content = buf_empty(FILE_LIMIT);
	const char *path = lint->conf->moduli_file;
	struct slice text, line;

	if (lint->world == NULL || path == NULL ||
	    lint->world->read(lint->world->owner, path, &content) != ERR_OK)
		return;
	text = buf_view(&content);
	while (text_next_line(&text, &line)) {
		unsigned bits = slice_starts(line, "#") ? 0 : modulus_bits(line);

		if (bits == 0 || bits >= 3071)
			continue;
		lint_tell(lint, rule, path);
		return;
	}
}

/* Default keys may be missing; those that a line names may not. */
LINT_TEST(check_host_keys)
{
	const struct conf_texts *keys = &lint->conf->host_keys;

	for (size_t i = 0; lint->world != NULL && i < keys->count; i++) {
		struct stat st;
		enum err err = lint->world->look(lint->world->owner, keys->items[i], &st);
		char detail[PATH_MAX + 32];

		if (err == ERR_NOT_FOUND && keys->origins[i].line > 0)
			snprintf(detail, sizeof(detail), "%s is missing", keys->items[i]);
		else if (err == ERR_OK && (st.st_mode & 077) != 0)
			snprintf(detail, sizeof(detail), "%s (mode %04o)", keys->items[i],
			    st.st_mode & 07777);
		else
			continue;
		lint_tell(lint, rule, detail);
	}
}

/* With tokens the path differs for each user; what stands before them is looked at. */
LINT_TEST(check_chroot)
{
	const char *path = lint->conf->chroot_directory;
	char fixed[PATH_MAX], unsafe[PATH_MAX + 64];
	size_t len = path ? strcspn(path, "%") : 0;

	if (lint->world == NULL || !is_absolute(path) || len >= sizeof(fixed))
		return;
	memcpy(fixed, path, len);
	fixed[len] = 0;
	if (path[len] != 0)
		*strrchr(fixed, '/') = 0;
	if (fixed[0] == 0)
		return;
	if (is_missing(lint, fixed))
		lint_tell(lint, rule, fixed);
	else if (find_unsafe(lint, fixed, unsafe, sizeof(unsafe)))
		lint_tell(lint, rule, unsafe);
}

LINT_TEST(check_subsystems)
{
	const struct conf_subsystems *subsystems = &lint->conf->subsystems;

	for (size_t i = 0; lint->world != NULL && i < subsystems->count; i++)
		if (is_absolute(subsystems->items[i].path) &&
		    is_missing(lint, subsystems->items[i].path))
			lint_tell_line(lint, rule, subsystems->origins[i], (struct origin){0},
			    lint->scope, subsystems->items[i].path);
}

LINT_TEST(check_pam_file)
{
	static const char *const files[] = {
	    "/etc/pam.d/sshd", "/etc/pam.d/common-auth", "/etc/pam.d/password-auth"};

	if (lint->world == NULL || !lint->conf->use_pam)
		return;
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		AUTO(buf_wipe) struct buf content = buf_empty(FILE_LIMIT);
		struct slice text, line;

		if (lint->world->read(lint->world->owner, files[i], &content) != ERR_OK)
			continue;
		text = buf_view(&content);
		while (text_next_line(&text, &line)) {
			if (slice_starts(line, "#") || line.len == 0 ||
			    memmem(line.ptr, line.len, "nullok", 6) == NULL)
				continue;
			lint_tell(lint, rule, files[i]);
			break;
		}
	}
}
