/* sshdctl explain: what holds, which line says so, and which lines it shadows. */
#include "config/explain.h"

#include <stdio.h>
#include <unistd.h>

#include "config/ctl/input.h"
#include "config/ctl/verbs.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define OUTPUT_LIMIT (16u << 20)

struct explanation {
	const struct conf *conf;
	const struct match_facts *facts;
	bool is_json;
	size_t count; /* keywords told so far */
	bool has_unknown;
	struct buf *out;
};

static enum err explain_one(struct explanation *e, enum keyword_id id)
{
	if (!e->is_json)
		return explain_keyword(e->conf, e->facts, id, e->out);
	TRY(buf_append_text(e->out, e->count++ > 0 ? ",\n" : "[\n"));
	return explain_keyword_json(e->conf, e->facts, id, e->out);
}

/* Without names: everything that some line sets. */
static enum err explain_written(struct explanation *e)
{
	const struct config *config = conf_config(e->conf);

	for (unsigned id = 0; id < KEYWORD_COUNT; id++) {
		bool is_written = false;

		for (size_t i = 0; i < config->entry_count && !is_written; i++)
			is_written = config->entries[i].keyword->id == id;
		if (is_written)
			TRY(explain_one(e, (enum keyword_id)id));
	}
	return ERR_OK;
}

/* A name that is none is told on standard error. */
static enum err explain_named(struct explanation *e, const char *name)
{
	const struct name_row *row = name_find(slice_text(name));
	const char *near;

	if (row != NULL && row->kind == NAME_KEYWORD)
		return explain_one(e, row->keyword->id);
	near = name_suggest(slice_text(name));
	fprintf(stderr, "sshdctl explain: %s is no setting%s%s%s\n", name,
	    row == NULL && near ? "; did you mean " : "", row == NULL && near ? near : "",
	    row == NULL && near ? "?" : "");
	e->has_unknown = true;
	return ERR_OK;
}

static enum err explain_all(struct explanation *e, const struct arguments *arguments)
{
	if (arguments->rest_count == 0)
		TRY(explain_written(e));
	for (int i = 0; i < arguments->rest_count; i++)
		TRY(explain_named(e, arguments->rest[i]));
	if (e->is_json)
		TRY(buf_append_text(e->out, e->count > 0 ? "\n]\n" : "[]\n"));
	return ERR_OK;
}

static enum err explain(const struct arguments *arguments)
{
	AUTO(input_wipe) struct input input = {0};
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(buf_wipe) struct buf out = buf_empty(OUTPUT_LIMIT), messages = buf_empty(OUTPUT_LIMIT);
	struct match_facts facts;
	bool is_connection =
	    arguments->user || arguments->from || arguments->host || arguments->local_port;
	struct explanation e = {.is_json = arguments->output == OUTPUT_JSON, .out = &out};
	enum err err = input_read(arguments, &input);

	if (diagnostics_has_errors(&input.diagnostics)) {
		IGNORE(diagnostics_render(&input.diagnostics, &messages)); /* what fits is shown */
		IGNORE(fd_write_all(STDERR_FILENO, buf_view(&messages)));
	}
	TRY(err);
	TRY(facts_of(arguments, &input.arena, &facts));
	e.facts = is_connection ? &facts : NULL;
	TRY(conf_resolve(input.config, e.facts, &conf, NULL));
	e.conf = conf;
	TRY(explain_all(&e, arguments));
	if (!output_write(&out))
		return ERR_SYSTEM;
	if (diagnostics_has_errors(&input.diagnostics))
		return ERR_CONFIG;
	return e.has_unknown ? ERR_NOT_FOUND : ERR_OK;
}

enum status verb_explain(int argc, char **argv)
{
	struct arguments arguments = {0};
	enum err err;

	if (!arguments_parse(argc, argv, &arguments)) {
		fputs("usage: sshdctl explain [--user U] [--from ADDR] [--host NAME] [--port N] "
		      "[--json] [-f FILE] [KEYWORD]...\n",
		    stderr);
		return STATUS_FAILED;
	}
	err = explain(&arguments);
	if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_CONFIG)
		output_failed("explain", err);
	return err == ERR_OK ? STATUS_OK : STATUS_FAILED;
}
