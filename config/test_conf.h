/* For the unit tests of this folder: settings made from a text. */
#pragma once

#include "config/check.h"
#include "tests/support/suite.h"

/* The entries of a text that must be right; the caller frees them. */
static inline struct config *config_from(const char *text)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	struct config *config = NULL;

	ck_assert_int_eq(snapshot_of_text("t", slice_text(text), NULL, 0, &snapshot), ERR_OK);
	ck_assert_msg(config_parse(snapshot, &config, &d) == ERR_OK, "refused: %s: %s", text,
	    d.first ? d.first->text : "");
	return config;
}

/* The settings of a text for a -C specification (NULL: the daemon's own). */
static inline struct conf *conf_from(const char *text, const char *spec)
{
	AUTO(config_release) struct config *config = config_from(text);
	AUTO(arena_wipe) struct arena arena = {0};
	struct match_facts facts = {0};
	struct conf *conf = NULL;

	if (spec != NULL)
		ck_assert_int_eq(match_facts_parse(slice_text(spec), &arena, &facts), ERR_OK);
	ck_assert_int_eq(conf_resolve(config, spec ? &facts : NULL, &conf, NULL), ERR_OK);
	return conf;
}

/* Whether a diagnostic of this severity holds the text. */
static inline bool has_diagnostic(
    const struct diagnostics *d, enum severity severity, const char *text)
{
	for (const struct diagnostic *one = d->first; one != NULL; one = one->next)
		if (one->severity == severity && strstr(one->text, text) != NULL)
			return true;
	return false;
}
