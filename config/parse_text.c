#include "config/parse_text.h"

#include <errno.h>
#include <stdio.h>

#include "config/types.h"
#include "sshd/base/auto.h"

void source_wipe(struct source *source)
{
	line_wipe(&source->line);
}

/* ---- memory ---- */

static void *row_for(struct arena *arena, void **rows, size_t count, size_t *capacity, size_t size)
{
	if (count == *capacity) {
		size_t larger = *capacity == 0 ? 64 : 2 * *capacity;
		void *copy = arena_alloc(arena, larger * size);

		if (copy == NULL)
			return NULL;
		if (count > 0)
			memcpy(copy, *rows, count * size);
		*rows = copy;
		*capacity = larger;
	}
	return (char *)*rows + count * size;
}

static enum err add_entry(struct parser *p, struct entry entry)
{
	struct config *config = p->config;
	void *rows = config->entries;
	struct entry *row;

	if (config->entry_count == CONFIG_ENTRIES_LIMIT)
		return ERR_LIMIT;
	row = row_for(&config->arena, &rows, config->entry_count, &p->entry_capacity, sizeof(*row));
	if (row == NULL)
		return ERR_NO_MEMORY;
	config->entries = rows;
	*row = entry;
	config->entry_count++;
	return ERR_OK;
}

enum err parser_add_scope(struct parser *p, struct scope scope, uint32_t *index)
{
	struct config *config = p->config;
	void *rows = config->scopes;
	struct scope *row;

	if (config->scope_count == CONFIG_SCOPES_LIMIT)
		return ERR_LIMIT;
	row = row_for(&config->arena, &rows, config->scope_count, &p->scope_capacity, sizeof(*row));
	if (row == NULL)
		return ERR_NO_MEMORY;
	config->scopes = rows;
	*row = scope;
	*index = (uint32_t)config->scope_count++;
	return ERR_OK;
}

static enum err add_include(struct parser *p, struct include_line include)
{
	struct config *config = p->config;
	void *rows = config->includes;
	struct include_line *row = row_for(
	    &config->arena, &rows, config->include_count, &p->include_capacity, sizeof(*row));

	if (row == NULL)
		return ERR_NO_MEMORY;
	config->includes = rows;
	*row = include;
	config->include_count++;
	return ERR_OK;
}

/* ---- telling ---- */

static struct place place_at(const struct source *source, uint32_t column, uint32_t width)
{
	return (struct place){
	    source->path, source->line_number, column, width, source->line.source};
}

static struct place place_of_name(const struct source *source)
{
	return place_at(source, source->line.name_column, (uint32_t)source->line.name.len);
}

#define TELL_NAME(p, source, severity, hint, ...)                                                  \
	do {                                                                                       \
		struct place place_ = place_of_name(source);                                       \
		diagnostics_add((p)->diagnostics, severity, &place_, hint, __VA_ARGS__);           \
	} while (0)

static void tell_unknown(struct parser *p, const struct source *source)
{
	struct slice name = source->line.name;
	const char *near = name_suggest(name);
	char hint[96] = "";

	if (near != NULL)
		stpcpy(stpcpy(stpcpy(hint, "did you mean "), near), "?");
	TELL_NAME(p, source, SEVERITY_ERROR, near ? hint : NULL, "unknown keyword \"%.*s\"",
	    (int)name.len, (const char *)name.ptr);
}

static void tell_retired(struct parser *p, const struct source *source, const struct name_row *row)
{
	static const char *const texts[] = {
	    [RETIRED_DEPRECATED] = "is deprecated and ignored",
	    [RETIRED_IGNORED] = "is ignored",
	    [RETIRED_VENDOR] = "is ignored",
	};

	TELL_NAME(p, source, row->retired == RETIRED_IGNORED ? SEVERITY_NOTE : SEVERITY_WARNING,
	    NULL, "%s %s: %s", row->name, texts[row->retired], row->summary);
}

/* A byte that no editor shows. false: the line must not be used. */
static bool check_bytes(struct parser *p, struct source *source, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		struct place place = place_at(source, (uint32_t)i + 1, 1);
		uint8_t c = text.ptr[i];

		if (c >= 0x20 && c != 0x7f)
			continue;
		place.source = text;
		if (c == 0) {
			diagnostics_add(p->diagnostics, SEVERITY_ERROR, &place, NULL,
			    "the line holds a zero byte");
			return false;
		}
		if (c == '\r' && i + 1 == text.len && !source->has_told_crlf) {
			source->has_told_crlf = true;
			diagnostics_add(p->diagnostics, SEVERITY_WARNING, &place, NULL,
			    "lines end in carriage returns, as on Windows");
		} else if (c != '\t' && c != '\f' && c != '\r' && !source->has_told_control) {
			source->has_told_control = true;
			diagnostics_add(p->diagnostics, SEVERITY_WARNING, &place, NULL,
			    "the line holds a control character (%u)", c);
		}
	}
	return true;
}

/* ---- one line ---- */

static enum err copy_text(struct parser *p, const struct source *source, const char **text)
{
	size_t start = source->line.name_column - 1;

	*text = arena_text(&p->config->arena, slice_after(source->line.source, start));
	return *text ? ERR_OK : ERR_NO_MEMORY;
}

/* Whether the keyword may stand in this text and this scope. */
static enum err check_home(
    struct parser *p, const struct source *source, const struct keyword *keyword)
{
	const struct scope *scope = &p->config->scopes[source->scope];
	bool is_ours = keyword_is_ours(keyword);
	char hint[64];

	if (keyword->scope == SCOPE_COMMAND_LINE && p->kind != TEXT_OPTIONS) {
		tell_unknown(p, source);
		return ERR_CONFIG;
	}
	if (p->kind == TEXT_SSHD_CONFIG && is_ours) {
		TELL_NAME(p, source, SEVERITY_ERROR, "put it into sekisho.conf",
		    "%s is unknown to OpenSSH and has no place in sshd_config", keyword->name);
		return ERR_CONFIG;
	}
	if (p->kind == TEXT_SEKISHO && !is_ours) {
		TELL_NAME(p, source, SEVERITY_ERROR, "put it into sshd_config",
		    "%s has no place in sekisho.conf", keyword->name);
		return ERR_CONFIG;
	}
	if (keyword_permits_match(keyword) || scope->is_static)
		return ERR_OK;
	snprintf(hint, sizeof(hint), "the block begins in line %u", scope->origin.line);
	TELL_NAME(p, source, SEVERITY_ERROR, scope->origin.file == source->file ? hint : NULL,
	    "%s is not allowed within a Match block", keyword->name);
	return ERR_CONFIG;
}

/* What a keyword without effect would do anyway needs no word. */
static bool is_default_value(
    const struct parser *p, const struct keyword *keyword, const void *value)
{
	AUTO(buf_wipe) struct buf mine = buf_empty(65536), usual = buf_empty(65536);
	const void *default_value = p->config->defaults[keyword->id];

	if (default_value == NULL || keyword->merge == MERGE_FILL)
		return false;
	if (keyword->type->print(keyword->type, "", value, &mine) != ERR_OK ||
	    keyword->type->print(keyword->type, "", default_value, &usual) != ERR_OK)
		return false;
	return slice_equal(buf_view(&mine), buf_view(&usual));
}

static void tell_state(
    struct parser *p, const struct source *source, const struct keyword *keyword, const void *value)
{
	static const struct {
		enum severity severity;
		const char *text;
	} states[] = {
	    [STATE_PENDING] = {SEVERITY_NOTE, "no effect yet"},
	    [STATE_OFF] = {SEVERITY_WARNING, "no effect: support for it is not built in"},
	    [STATE_FOREIGN] = {SEVERITY_NOTE, "no effect: only OpenSSH itself has a use for it"},
	};

	if (keyword->state == STATE_BUILT || is_default_value(p, keyword, value))
		return;
	TELL_NAME(p, source, states[keyword->state].severity, NULL, "%s is accepted, %s",
	    keyword->name, states[keyword->state].text);
}

static enum err parse_keyword(
    struct parser *p, struct source *source, const struct keyword *keyword)
{
	struct value_input in = {
	    .keyword = keyword,
	    .line = &source->line,
	    .file = source->path,
	    .origin = {source->file, source->line_number, source->line.name_column},
	    .directory = p->snapshot->directory,
	    .home = p->snapshot->home,
	    .arena = &p->config->arena,
	    .diagnostics = p->diagnostics,
	};
	struct entry entry = {.keyword = keyword, .origin = in.origin, .scope = source->scope};
	void *value;

	TRY(check_home(p, source, keyword));
	if (keyword->type->lines_limit > 0 &&
	    p->lines[keyword->id]++ == keyword->type->lines_limit) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "%s: more than %zu lines of it",
		    keyword->name, keyword->type->lines_limit);
		return ERR_CONFIG;
	}
	value = arena_alloc(&p->config->arena, keyword->type->size);
	if (value == NULL)
		return ERR_NO_MEMORY;
	TRY(keyword->type->parse(&in, keyword->type, value));
	entry.value = value;
	TRY(copy_text(p, source, &entry.text));
	tell_state(p, source, keyword, value);
	return add_entry(p, entry);
}

static enum err parse_match(struct parser *p, struct source *source)
{
	/* A block lasts to the next Match or the end of its text, never beyond. */
	uint32_t outer = source->outer ? source->outer->scope : 0;
	struct scope scope = {.parent = outer,
	    .origin = {source->file, source->line_number, source->line.name_column}};
	struct match *match = NULL;
	enum err err;

	if (p->kind == TEXT_OPTIONS) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "Match is not possible with -o");
		return ERR_CONFIG;
	}
	err = match_parse(
	    &source->line, place_of_name(source), &p->config->arena, p->diagnostics, &match);
	if (err != ERR_OK && err != ERR_CONFIG)
		return err;
	/* Under a wrong Match line the block never holds; its lines are checked all the same. */
	scope.match = match;
	scope.is_static =
	    match != NULL && match_is_static(match) && p->config->scopes[outer].is_static;
	if (match != NULL) {
		p->config->wants_groups |= match_wants_groups(match);
		p->config->wants_host |= match_wants_host(match);
	}
	TRY(copy_text(p, source, &scope.text));
	TRY(parser_add_scope(p, scope, &source->scope));
	return err;
}

static const char *include_error(int error)
{
	if (error == ELOOP)
		return "files include each other too deep";
	return error == E2BIG ? "there are too many files" : strerror(error);
}

static enum err include_file(struct parser *p, struct source *source, uint32_t index)
{
	const struct snapshot_file *file = &p->snapshot->files[index];
	AUTO(source_wipe)
	struct source inner = {
	    .outer = source,
	    .path = file->path,
	    .file = index + 1,
	    .scope = source->scope,
	    .depth = source->depth + 1,
	};

	for (const struct source *outer = source; outer != NULL; outer = outer->outer) {
		if (outer->file != inner.file)
			continue;
		TELL_NAME(
		    p, source, SEVERITY_ERROR, NULL, "Include: %s includes itself", file->path);
		return ERR_CONFIG;
	}
	if (inner.depth > SNAPSHOT_DEPTH_LIMIT) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "Include: cannot read %s: %s",
		    file->path, include_error(ELOOP));
		return ERR_CONFIG;
	}
	if (p->inclusions++ >= CONFIG_INCLUSIONS_LIMIT)
		return ERR_LIMIT;
	if (file->error == EISDIR) {
		TELL_NAME(p, source, SEVERITY_WARNING, "name its files: DIRECTORY/*.conf",
		    "Include: %s is a directory and nothing of it is read", file->path);
		return ERR_OK;
	}
	if (file->error != 0 || file->is_too_long) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "Include: cannot read %s: %s",
		    file->path, file->is_too_long ? "it is too long" : strerror(file->error));
		return ERR_CONFIG;
	}
	return parse_text(p, &inner, file->content);
}

static enum err include_pattern(struct parser *p, struct source *source, struct slice word)
{
	const char *pattern = snapshot_include_pattern(p->snapshot, word, &p->config->arena);
	const struct snapshot_include *include;
	enum err first = ERR_OK;

	if (pattern == NULL)
		return ERR_NO_MEMORY;
	include = snapshot_include_find(p->snapshot, pattern);
	if (include == NULL) {
		/* The text is on no disk, or there are too many patterns. */
		TELL_NAME(p, source, SEVERITY_WARNING, NULL, "Include: %s was not read", pattern);
		return ERR_OK;
	}
	TRY(add_include(p, (struct include_line){pattern, include->count,
	                       {source->file, source->line_number, source->line.name_column}}));
	if (include->error != 0) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "Include: cannot read %s: %s", pattern,
		    include_error(include->error));
		first = ERR_CONFIG;
	}
	for (size_t i = 0; i < include->count; i++) {
		enum err err = include_file(p, source, include->files[i]);

		if (err != ERR_OK && err != ERR_CONFIG)
			return err;
		if (first == ERR_OK)
			first = err;
	}
	return first;
}

static enum err parse_include(struct parser *p, struct source *source)
{
	if (p->kind == TEXT_OPTIONS) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "Include is not possible with -o");
		return ERR_CONFIG;
	}
	if (source->line.count == 0) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "Include: the file name is missing");
		return ERR_CONFIG;
	}
	/* Every word is read even when one fails; the diagnostics keep what was wrong. */
	for (size_t i = 0; i < source->line.count; i++) {
		enum err err = include_pattern(p, source, source->line.words[i].text);

		if (err != ERR_OK && err != ERR_CONFIG)
			return err;
	}
	return ERR_OK;
}

static enum err parse_name(struct parser *p, struct source *source)
{
	const struct name_row *row = name_find(source->line.name);

	if (row == NULL) {
		tell_unknown(p, source);
		return ERR_CONFIG;
	}
	if (row->kind == NAME_RETIRED) {
		tell_retired(p, source, row);
		return ERR_OK;
	}
	if (source->line.rest.len == 0) {
		TELL_NAME(p, source, SEVERITY_ERROR, NULL, "%s: its value is missing", row->name);
		return ERR_CONFIG;
	}
	if (row->kind == NAME_MATCH)
		return parse_match(p, source);
	if (row->kind == NAME_INCLUDE)
		return parse_include(p, source);
	return parse_keyword(p, source, row->keyword);
}

enum err parse_line(struct parser *p, struct source *source, struct slice text)
{
	enum err err;

	if (!check_bytes(p, source, text))
		return ERR_CONFIG;
	err = line_split(text, &p->config->arena, &source->line);
	if (err == ERR_MALFORMED) {
		struct place place = place_at(source, source->line.fault_column, 1);

		diagnostics_add(
		    p->diagnostics, SEVERITY_ERROR, &place, NULL, "the quote is not closed");
		return ERR_CONFIG;
	}
	TRY(err);
	if (source->line.name.len == 0 && source->line.rest.len == 0)
		return ERR_OK;
	return parse_name(p, source);
}

enum err parse_text(struct parser *p, struct source *source, struct slice text)
{
	struct slice line;

	if (slice_starts(text, "\xef\xbb\xbf")) {
		struct place place = {.file = source->path, .line = 1};

		diagnostics_add(p->diagnostics, SEVERITY_WARNING, &place, NULL,
		    "the file begins with a byte order mark, which OpenSSH does not accept");
		text = slice_after(text, 3);
	}
	while (text_next_line(&text, &line)) {
		enum err err;

		source->line_number++;
		err = parse_line(p, source, line);
		if (err == ERR_LIMIT && !p->has_told_limit) {
			p->has_told_limit = true;
			TELL_NAME(p, source, SEVERITY_ERROR, NULL,
			    "the configuration is too large from here on");
		}
		if (err != ERR_OK && err != ERR_CONFIG)
			return err;
	}
	return ERR_OK;
}
