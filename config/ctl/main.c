/* sshdctl: the administrator's tool. Verbs are rows. */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "config/ctl/verbs.h"
#include "sshd/base/auto.h"

static const struct {
	const char *name, *usage, *summary;
	enum status (*run)(int argc, char **argv);
} verbs[] = {
    {"apply", "[--confirm TIME] [--force] [--key FILE] [-f TARGET] FILE",
        "puts a configuration in place that does not lock you out", verb_apply},
    {"check", "[--profile P]... [--json|--sarif] [--root DIR] [FILE]",
        "errors, warnings and hardening findings of a configuration", verb_check},
    {"confirm", "[-f TARGET]", "keeps what apply --confirm put in place", verb_confirm},
    {"explain", "[--user U] [--from ADDR] [--json] [-f FILE] [KEYWORD]...",
        "effective values, where they come from and what they shadow", verb_explain},
    {"hostkeys", "[--host NAME] [--json] [--root DIR] [-f FILE]",
        "makes missing host keys; fingerprints and SSHFP records of all", verb_hostkeys},
    {"why", "[--from ADDR] [--key FILE] [--json] [-f FILE] USER",
        "whether a login could succeed, and if not, what stops it", verb_why},
};

static void usage(FILE *out)
{
	fputs("usage: sshdctl VERB ...\n", out);
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		fprintf(out, "\n  sshdctl %s %s\n      %s\n", verbs[i].name, verbs[i].usage,
		    verbs[i].summary);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		usage(stdout);
		return STATUS_OK;
	}
	if (strcmp(name, "--version") == 0) {
		puts("sshdctl (Sekisho) " PACKAGE_VERSION);
		return STATUS_OK;
	}
	for (size_t i = 0; i < COUNT_OF(verbs); i++)
		if (strcmp(name, verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	if (*name != 0)
		fprintf(stderr, "sshdctl: there is no verb %s\n", name);
	usage(stderr);
	return STATUS_FAILED;
}
