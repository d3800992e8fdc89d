#include "sshd/listener/dump.h"

#include <stdio.h>
#include <unistd.h>

#include "config/resolve.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/listener/settings.h"

#define OUTPUT_LIMIT (16u << 20)

static void print_diagnostics(const struct diagnostics *diagnostics)
{
	AUTO(buf_wipe) struct buf text = buf_empty(OUTPUT_LIMIT);

	IGNORE(diagnostics_render(diagnostics, &text)); /* what fits is shown */
	IGNORE(fd_write_all(STDERR_FILENO, buf_view(&text)));
}

/* Each -C adds to the same connection, as "user=u,host=h,addr=a,...". */
static enum err connection_facts(const struct options *options, struct arena *arena, struct match_facts *facts)
{
	for (size_t i = 0; i < options->connections.count; i++) {
		struct slice spec = slice_text(options->connections.items[i]);

		if (match_facts_parse(spec, arena, facts) != ERR_OK) {
			fprintf(stderr, "Invalid test mode specification %s\n", options->connections.items[i]);
			return ERR_MALFORMED;
		}
	}
	return ERR_OK;
}

static enum err print_settings(const struct options *options, const struct settings *settings,
    struct diagnostics *diagnostics)
{
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(buf_wipe) struct buf text = buf_empty(OUTPUT_LIMIT);
	struct match_facts facts = {0};

	TRY(connection_facts(options, &arena, &facts));
	TRY(match_facts_add_groups(&facts, &arena));
	TRY(conf_resolve(settings->config, options->connections.count > 0 ? &facts : NULL, &conf, diagnostics));
	TRY(conf_dump(conf, &text));
	return fd_write_all(STDOUT_FILENO, buf_view(&text));
}

int dump_run(const struct options *options)
{
	AUTO(diagnostics_wipe) struct diagnostics diagnostics = {0};
	AUTO(settings_release) struct settings *settings = NULL;
	enum err err = settings_read(options, &settings, &diagnostics);

	if (err == ERR_OK && options->mode != MODE_TEST)
		err = print_settings(options, settings, &diagnostics);
	print_diagnostics(&diagnostics);
	return err == ERR_OK ? 0 : 255;
}
