#include "sshd/listener/settings.h"

#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "config/check.h"
#include "sshd/base/auto.h"

#define SYSTEM_CONFIG  SEKISHO_SYSCONFDIR "/sshd_config"
#define SEKISHO_CONFIG "sekisho.conf"

/*
 * OpenSSH's clients look for its name: without it they hold back eow@openssh.com and
 * no-more-sessions@openssh.com.
 */
#define SOFTWARE "SSH-2.0-OpenSSH_10.5 Sekisho-" PACKAGE_VERSION

/* The settings of the command line as lines, in their order. */
static enum err make_lines(const struct options *options, struct arena *arena, const char ***out)
{
	const char **lines = arena_alloc(arena, (options->setting_count + 1) * sizeof(*lines));

	if (lines == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < options->setting_count; i++) {
		const struct option_setting *setting = &options->settings[i];
		AUTO(buf_wipe) struct buf line = buf_empty(65536);
		const char *text = setting->value;

		if (setting->keyword != NULL) {
			TRY(buf_append_format(&line, "%s %s", setting->keyword, setting->value));
			TRY(buf_c_string(&line, &text));
		}
		lines[i] = arena_text(arena, slice_text(text));
		if (lines[i] == NULL)
			return ERR_NO_MEMORY;
	}
	*out = lines;
	return ERR_OK;
}

/* Beside the main file, so that another -f in the same folder does not shed our own policy. */
static const char *sekisho_path(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return SEKISHO_CONFIG;
	return arena_format(arena, "%.*s/%s", (int)(slash - path), path, SEKISHO_CONFIG);
}

static enum err make_V_S(struct settings *settings)
{
	const char *addendum = settings->conf->version_addendum;
	const char *separator = addendum != NULL && *addendum != 0 ? " " : "";
	/* RFC 4253 section 4.2: 255 bytes with CR LF. */
	const int limit = 253;
	int len = snprintf(settings->V_S, sizeof(settings->V_S), "%s%s%s", SOFTWARE, separator,
	    addendum != NULL ? addendum : "");

	return len > limit ? ERR_CONFIG : ERR_OK;
}

static enum err resolve(const struct snapshot *snapshot, struct settings *settings,
    struct diagnostics *diagnostics)
{
	TRY(config_parse(snapshot, &settings->config, diagnostics));
	TRY(config_check(settings->config, diagnostics));
	TRY(conf_resolve(settings->config, NULL, &settings->conf, diagnostics));
	TRY(snapshot_encode(snapshot, &settings->snapshot));
	if (make_V_S(settings) != ERR_OK) {
		diagnostics_add(diagnostics, SEVERITY_ERROR, NULL, NULL,
		    "VersionAddendum makes the identification string longer than 255 bytes");
		return ERR_CONFIG;
	}
	return ERR_OK;
}

const char *settings_path(const struct options *options)
{
	return options->config_path != NULL ? options->config_path : SYSTEM_CONFIG;
}

enum err settings_read(const struct options *options, struct settings **out,
    struct diagnostics *diagnostics)
{
	AUTO(settings_release) struct settings *settings = calloc(1, sizeof(*settings));
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(arena_wipe) struct arena arena = {0};
	struct snapshot_source source = {
	    .path = settings_path(options),
	    .is_default_path = options->config_path == NULL,
	    .include_dir = SEKISHO_SYSCONFDIR,
	    .option_count = options->setting_count,
	};
	const char **lines = NULL;

	if (settings == NULL)
		return ERR_NO_MEMORY;
	settings->snapshot = buf_empty(SNAPSHOT_BYTES_LIMIT);
	source.sekisho_path = sekisho_path(source.path, &arena);
	TRY(make_lines(options, &arena, &lines));
	source.options = lines;
	TRY(snapshot_read(&source, &snapshot, diagnostics));
	TRY(resolve(snapshot, settings, diagnostics));
	*out = TAKE(settings);
	return ERR_OK;
}

void settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	conf_free(settings->conf);
	config_free(settings->config);
	buf_wipe(&settings->snapshot);
	free(settings);
}

void settings_release(struct settings **settings)
{
	settings_free(*settings);
	*settings = NULL;
}
