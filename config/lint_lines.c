/* Checks of lines: without effect, in the wrong place, behind another one. */
#include "config/lint_checks.h"

#include "config/explain.h"
#include "config/pattern.h"
#include "config/types.h"
#include "sshd/base/auto.h"

#define VALUE_LIMIT 65536u

static const struct origin nowhere = {0};

static bool is_same_value(const struct entry *a, const struct entry *b)
{
	AUTO(buf_wipe) struct buf first = buf_empty(VALUE_LIMIT), second = buf_empty(VALUE_LIMIT);
	const struct type *type = a->keyword->type;

	return type->print(type, "", a->value, &first) == ERR_OK &&
	       type->print(type, "", b->value, &second) == ERR_OK &&
	       slice_equal(buf_view(&first), buf_view(&second));
}

/* The line that a later one of its keyword and scope stands behind; NULL: it is the first. */
static const struct entry *earlier_line(const struct lint *lint, const struct entry *entry)
{
	const struct entry *first = lint_first_line(lint, entry->scope, entry->keyword->id);

	return first == entry ? NULL : first;
}

/* Of subsystems the earlier one of the same name. There are at most a thousand of them. */
static const struct entry *earlier_subsystem(const struct lint *lint, const struct entry *entry)
{
	const struct conf_subsystems *named = entry->value;

	for (const struct entry *one = lint->config->entries; one < entry; one++) {
		const struct conf_subsystems *other = one->value;

		if (one->keyword == entry->keyword && one->scope == entry->scope &&
		    strcmp(other->items[0].name, named->items[0].name) == 0)
			return one;
	}
	return NULL;
}

LINT_TEST(check_shadowed)
{
	const struct config *config = lint->config;

	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i], *winner;
		enum keyword_merge merge = entry->keyword->merge;

		if (merge == MERGE_APPEND || merge == MERGE_LAST || merge == MERGE_FILL)
			continue;
		/* The rule of its own says it better. */
		if (entry->keyword->id == KEYWORD_AuthenticationMethods)
			continue;
		winner = merge == MERGE_BY_NAME ? earlier_subsystem(lint, entry)
		                                : earlier_line(lint, entry);
		if (winner != NULL && !is_same_value(winner, entry))
			lint_tell_line(
			    lint, rule, entry->origin, winner->origin, entry->scope, entry->text);
	}
}

LINT_TEST(check_second_methods)
{
	const struct config *config = lint->config;

	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i], *winner;

		if (entry->keyword->id != KEYWORD_AuthenticationMethods)
			continue;
		winner = earlier_line(lint, entry);
		if (winner != NULL && !is_same_value(winner, entry))
			lint_tell_line(
			    lint, rule, entry->origin, winner->origin, entry->scope, entry->text);
	}
}

LINT_TEST(check_replaced_lists)
{
	const struct config *config = lint->config;

	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];
		enum keyword_id id = entry->keyword->id;

		if (entry->scope == 0 || entry->keyword->merge != MERGE_APPEND ||
		    config->scopes[entry->scope].is_static)
			continue;
		/* Once a block, at its first line of the list. */
		if (lint->conf->origins[id].line > 0 && earlier_line(lint, entry) == NULL)
			lint_tell_line(lint, rule, entry->origin, lint->conf->origins[id],
			    entry->scope, entry->text);
	}
}

LINT_TEST(check_match_host)
{
	const struct config *config = lint->config;

	if (lint->conf->use_dns)
		return;
	for (uint32_t i = 1; i < config->scope_count; i++)
		if (config->scopes[i].match != NULL && match_wants_host(config->scopes[i].match))
			lint_tell_line(lint, rule, config->scopes[i].origin, nowhere, i, NULL);
}

/*
 * A line that starts in the first column although the block's lines before it are indented, or
 * that stands apart from them behind a gap, was hardly meant for the block.
 */
LINT_TEST(check_swallowed)
{
	const struct config *config = lint->config;
	uint32_t scope = 0, last_line = 0;
	bool is_indented = false;

	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];
		const struct scope *block = &config->scopes[entry->scope];
		bool is_apart;

		if (entry->scope == 0 || block->is_static ||
		    entry->origin.file != block->origin.file)
			continue;
		if (entry->scope != scope) {
			scope = entry->scope;
			is_indented = false;
			last_line = block->origin.line;
		}
		is_apart = entry->origin.line > last_line + 1 && last_line > block->origin.line;
		is_indented = is_indented || entry->origin.column > block->origin.column;
		if (entry->origin.column <= block->origin.column && (is_indented || is_apart))
			lint_tell_line(
			    lint, rule, entry->origin, block->origin, scope, entry->text);
		else
			last_line = entry->origin.line;
	}
}

static bool has_lines(const struct config *config, uint32_t scope)
{
	for (size_t i = 0; i < config->entry_count; i++)
		if (config->entries[i].scope == scope)
			return true;
	for (uint32_t i = scope + 1; i < config->scope_count; i++)
		if (config->scopes[i].parent == scope)
			return true;
	return false;
}

LINT_TEST(check_empty_blocks)
{
	const struct config *config = lint->config;

	for (uint32_t i = 1; i < config->scope_count; i++)
		if (!config->scopes[i].is_static && !has_lines(config, i))
			lint_tell_line(lint, rule, config->scopes[i].origin, nowhere, i, NULL);
}

/* A literal name of which nothing came; with wildcards none at all is usual. */
LINT_TEST(check_includes)
{
	const struct config *config = lint->config;

	for (size_t i = 0; i < config->include_count; i++) {
		const struct include_line *include = &config->includes[i];

		if (include->file_count == 0 && strpbrk(include->pattern, "*?[") == NULL)
			lint_tell_line(lint, rule, include->origin, nowhere, 0, include->pattern);
	}
}

static const char leftovers[] = "*~,*.rpmsave,*.rpmnew,*.rpmorig,*.dpkg-*,*.bak,*.orig,*.swp,*.old,"
                                "*.save,*.ucf-*";

LINT_TEST(check_leftovers)
{
	const struct config *config = lint->config;

	/* files[0] is the command line, files[1] the main file, which somebody named. */
	for (size_t i = 2; i < config->file_count; i++)
		if (pattern_list_match(slice_text(config->files[i]), LITERAL(leftovers), true) ==
		    MATCH_YES)
			lint_tell_line(lint, rule, nowhere, nowhere, 0, config->files[i]);
}

LINT_TEST(check_crypto_policy)
{
	const struct config *config = lint->config;
	const enum keyword_id lists[] = {
	    KEYWORD_Ciphers, KEYWORD_MACs, KEYWORD_KexAlgorithms, KEYWORD_HostKeyAlgorithms};

	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i], *winner;
		bool is_list = false;

		for (size_t k = 0; k < COUNT_OF(lists); k++)
			is_list = is_list || entry->keyword->id == lists[k];
		winner = is_list ? earlier_line(lint, entry) : NULL;
		if (winner == NULL)
			continue;
		if (strstr(config_file_name(config, winner->origin), "crypto-policies") != NULL ||
		    strstr(config_file_name(config, entry->origin), "crypto-policies") != NULL)
			lint_tell_line(lint, rule, entry->origin, winner->origin, 0, entry->text);
	}
}
