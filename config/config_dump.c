/*
 * config_dump [-f FILE] [-s SEKISHO_CONF] [-o LINE]... [-C SPEC] [-i DIR] [-r ROOT] [-g] [-e]
 *
 * Prints what -T would, for tests. -g: the daemon's own settings, without any connection;
 * -i: where relative Includes belong; -r: what stands in front of absolute ones; -e: the
 * encoded snapshot instead.
 * Diagnostics go to standard error; 1: the configuration has errors.
 */
#include <stdio.h>
#include <unistd.h>

#include "config/check.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define OPTIONS_LIMIT 64

struct dump_options {
	struct snapshot_source source;
	const char *options[OPTIONS_LIMIT];
	const char *spec;
	bool is_global, is_encoding;
};

static int read_arguments(int argc, char **argv, struct dump_options *o)
{
	int option;

	while ((option = getopt(argc, argv, "f:s:o:C:gei:r:")) != -1) {
		switch (option) {
		case 'f':
			o->source.path = optarg;
			break;
		case 's':
			o->source.sekisho_path = optarg;
			break;
		case 'i':
			o->source.include_dir = optarg;
			break;
		case 'r':
			o->source.root = optarg;
			break;
		case 'o':
			if (o->source.option_count < OPTIONS_LIMIT)
				o->options[o->source.option_count++] = optarg;
			break;
		case 'C':
			o->spec = optarg;
			break;
		case 'e':
			o->is_encoding = true;
			break;
		case 'g':
			o->is_global = true;
			break;
		default:
			return -1;
		}
	}
	return 0;
}

static enum err dump(struct dump_options *o, struct diagnostics *d, struct buf *out)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(arena_wipe) struct arena arena = {0};
	struct match_facts facts = {0};

	if (o->spec != NULL) {
		TRY(match_facts_parse(slice_text(o->spec), &arena, &facts));
		TRY(match_facts_add_groups(&facts, &arena));
	}
	TRY(snapshot_read(&o->source, &snapshot, d));
	if (o->is_encoding)
		return snapshot_encode(snapshot, out);
	TRY(config_parse(snapshot, &config, d));
	TRY(config_check(config, d));
	TRY(conf_resolve(config, o->is_global ? NULL : &facts, &conf, d));
	return conf_dump(conf, out);
}

int main(int argc, char **argv)
{
	struct dump_options o = {.source.path = SEKISHO_SYSCONFDIR "/sshd_config"};
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(buf_wipe) struct buf out = buf_empty(16u << 20), messages = buf_empty(16u << 20);
	enum err err;

	o.source.options = o.options;
	if (read_arguments(argc, argv, &o) != 0)
		return 2;
	err = dump(&o, &d, &out);
	IGNORE(diagnostics_render(&d, &messages)); /* what was rendered is shown */
	IGNORE(fd_write_all(STDERR_FILENO, buf_view(&messages)));
	if (err != ERR_OK) {
		fprintf(stderr, "config_dump: %s\n", err_text(err));
		return 1;
	}
	return fd_write_all(STDOUT_FILENO, buf_view(&out)) == ERR_OK ? 0 : 1;
}
