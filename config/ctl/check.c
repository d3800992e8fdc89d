/* sshdctl check: what is wrong with a configuration, and what is weak. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/ctl/report.h"
#include "config/ctl/verbs.h"
#include "config/ctl/world.h"
#include "sshd/base/auto.h"

#define OUTPUT_LIMIT (64u << 20)

/* Each profile that was asked for; what two of them find is told once. */
static enum err find(
    const struct arguments *arguments, struct config *config, struct findings *findings)
{
	struct host host = {.root = arguments->root};
	struct lint_world world = world_of(&host);
	unsigned profiles = arguments->profiles ? arguments->profiles : PROFILE_DEFAULT;

	return lint_run(config, &world, (enum lint_profile)profiles, findings);
}

static bool is_colour_wanted(void)
{
	return isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
}

static enum err print(const struct arguments *arguments, const struct report *report)
{
	static enum err (*const forms[])(const struct report *report, struct buf *out) = {
	    [OUTPUT_TEXT] = report_text,
	    [OUTPUT_JSON] = report_json,
	    [OUTPUT_SARIF] = report_sarif,
	};
	AUTO(buf_wipe) struct buf text = buf_empty(OUTPUT_LIMIT);

	TRY(forms[arguments->output](report, &text));
	return output_write(&text) ? ERR_OK : ERR_SYSTEM;
}

static enum err check(const struct arguments *arguments, enum status *status)
{
	AUTO(input_wipe) struct input input = {0};
	AUTO(findings_wipe) struct findings findings = {0};
	struct report report = {.diagnostics = &input.diagnostics,
	    .findings = &findings,
	    .is_coloured = arguments->output == OUTPUT_TEXT && is_colour_wanted()};
	enum err err = input_read(arguments, &input);

	if (err == ERR_OK) {
		err = config_check(input.config, &input.diagnostics);
		if (err == ERR_OK || err == ERR_CONFIG)
			err = find(arguments, input.config, &findings);
	}
	if (err != ERR_OK && err != ERR_CONFIG)
		return err;
	report.config = input.config;
	TRY(print(arguments, &report));
	*status = report_count(&report, SEVERITY_ERROR) > 0     ? STATUS_FAILED
	          : report_count(&report, SEVERITY_WARNING) > 0 ? STATUS_FINDINGS
	                                                        : STATUS_OK;
	return ERR_OK;
}

enum status verb_check(int argc, char **argv)
{
	struct arguments arguments = {0};
	enum status status = STATUS_FAILED;
	enum err err;

	if (!arguments_parse(argc, argv, &arguments) || arguments.rest_count > 1) {
		fputs(
		    "usage: sshdctl check [--profile P]... [--json|--sarif] [--root DIR] [FILE]\n",
		    stderr);
		return STATUS_FAILED;
	}
	if (arguments.rest_count == 1)
		arguments.path = arguments.rest[0];
	err = check(&arguments, &status);
	if (err != ERR_OK)
		output_failed("check", err);
	return err == ERR_OK ? status : STATUS_FAILED;
}
