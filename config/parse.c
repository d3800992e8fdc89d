#include "config/parse.h"

#include <stdlib.h>

#include "config/parse_text.h"
#include "config/types.h"
#include "sshd/base/auto.h"

#define COMMAND_LINE "command line"

static enum err parse_default(struct parser *p, const struct keyword *keyword, struct line *line)
{
	struct value_input in = {
	    .keyword = keyword,
	    .line = line,
	    .file = "built-in default",
	    .arena = &p->config->arena,
	    .diagnostics = p->diagnostics,
	    .is_default = true,
	};
	void *value = arena_alloc(&p->config->arena, keyword->type->size);

	if (value == NULL)
		return ERR_NO_MEMORY;
	TRY(line_split_value(slice_text(keyword->default_value), &p->config->arena, line));
	TRY(keyword->type->parse(&in, keyword->type, value));
	p->config->defaults[keyword->id] = value;
	return ERR_OK;
}

static enum err parse_defaults(struct parser *p)
{
	AUTO(line_wipe) struct line line = {0};

	for (unsigned id = 0; id < KEYWORD_COUNT; id++)
		if (keyword_of(id)->default_value != NULL)
			TRY(parse_default(p, keyword_of(id), &line));
	return ERR_OK;
}

static enum err parse_options(struct parser *p)
{
	AUTO(source_wipe) struct source source = {.path = COMMAND_LINE};

	p->kind = TEXT_OPTIONS;
	for (size_t i = 0; i < p->snapshot->option_count; i++) {
		enum err err;

		source.line_number = (uint32_t)i + 1;
		err = parse_line(p, &source, slice_text(p->snapshot->options[i]));
		if (err != ERR_OK && err != ERR_CONFIG)
			return err;
	}
	return ERR_OK;
}

static enum err parse_root_file(struct parser *p, enum text_kind kind, uint32_t index)
{
	const struct snapshot_file *file = &p->snapshot->files[index];
	AUTO(source_wipe) struct source source = {.path = file->path, .file = index + 1};

	p->kind = kind;
	if (file->error != 0 || file->is_too_long) {
		struct place place = {.file = file->path};

		diagnostics_add(p->diagnostics, SEVERITY_ERROR, &place, NULL,
		    "cannot read the file: %s",
		    file->is_too_long ? "it is too long" : strerror(file->error));
		return ERR_OK;
	}
	return parse_text(p, &source, file->content);
}

static enum err copy_file_names(struct parser *p)
{
	struct config *config = p->config;

	config->files =
	    arena_alloc(&config->arena, (p->snapshot->file_count + 1) * sizeof(*config->files));
	if (config->files == NULL)
		return ERR_NO_MEMORY;
	config->files[0] = COMMAND_LINE;
	config->file_count = p->snapshot->file_count + 1;
	for (size_t i = 0; i < p->snapshot->file_count; i++) {
		config->files[i + 1] =
		    arena_text(&config->arena, slice_text(p->snapshot->files[i].path));
		if (config->files[i + 1] == NULL)
			return ERR_NO_MEMORY;
	}
	return ERR_OK;
}

/* ERR_LIMIT is told where it arises and ends the reading there. */
static enum err parse_everything(struct parser *p)
{
	enum err err = parse_options(p);

	if (err == ERR_OK)
		err = parse_root_file(p, TEXT_SSHD_CONFIG, 0);
	if (err == ERR_OK && p->snapshot->sekisho_file != 0)
		err = parse_root_file(p, TEXT_SEKISHO, p->snapshot->sekisho_file);
	return err == ERR_LIMIT && p->has_told_limit ? ERR_OK : err;
}

static bool is_strict(const struct config *config)
{
	for (size_t i = 0; i < config->entry_count; i++)
		if (config->entries[i].keyword->id == KEYWORD_StrictConfigFiles)
			return *(const bool *)config->entries[i].value;
	return false;
}

enum err config_parse_leniently(
    const struct snapshot *snapshot, struct config **out, struct diagnostics *diagnostics)
{
	AUTO(config_release) struct config *config = calloc(1, sizeof(*config));
	struct parser p = {.snapshot = snapshot, .config = config, .diagnostics = diagnostics};
	uint32_t root;

	if (config == NULL)
		return ERR_NO_MEMORY;
	config->references = 1;
	TRY(copy_file_names(&p));
	TRY(parser_add_scope(&p, (struct scope){.is_static = true}, &root));
	TRY(parse_defaults(&p));
	TRY(parse_everything(&p));
	snapshot_check_owners(snapshot, is_strict(config), diagnostics);
	*out = TAKE(config);
	return ERR_OK;
}

enum err config_parse(
    const struct snapshot *snapshot, struct config **out, struct diagnostics *diagnostics)
{
	AUTO(config_release) struct config *config = NULL;
	size_t known = diagnostics->counts[SEVERITY_ERROR];

	TRY(config_parse_leniently(snapshot, &config, diagnostics));
	if (diagnostics->counts[SEVERITY_ERROR] > known)
		return ERR_CONFIG;
	*out = TAKE(config);
	return ERR_OK;
}

void config_free(struct config *config)
{
	if (config == NULL || --config->references > 0)
		return;
	arena_wipe(&config->arena);
	free(config);
}

void config_release(struct config **config)
{
	config_free(*config);
	*config = NULL;
}

const char *config_file_name(const struct config *config, struct origin origin)
{
	return origin.line > 0 && origin.file < config->file_count ? config->files[origin.file]
	                                                           : NULL;
}

bool config_wants_groups(const struct config *config)
{
	return config->wants_groups;
}

bool config_wants_host(const struct config *config)
{
	return config->wants_host;
}
