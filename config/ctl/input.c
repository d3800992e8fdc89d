#include "config/ctl/input.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/pending.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/text.h"

#define COMPLAINT_LIMIT (1u << 20)

enum long_option {
	OPTION_SEKISHO = 256,
	OPTION_ROOT,
	OPTION_PROFILE,
	OPTION_USER,
	OPTION_FROM,
	OPTION_HOST,
	OPTION_PORT,
	OPTION_KEY,
	OPTION_JSON,
	OPTION_SARIF,
	OPTION_CONFIRM,
	OPTION_FORCE,
};

static const struct option long_options[] = {
    {"sekisho", required_argument, NULL, OPTION_SEKISHO},
    {"root", required_argument, NULL, OPTION_ROOT},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"user", required_argument, NULL, OPTION_USER},
    {"from", required_argument, NULL, OPTION_FROM},
    {"host", required_argument, NULL, OPTION_HOST},
    {"port", required_argument, NULL, OPTION_PORT},
    {"key", required_argument, NULL, OPTION_KEY},
    {"json", no_argument, NULL, OPTION_JSON},
    {"sarif", no_argument, NULL, OPTION_SARIF},
    {"confirm", required_argument, NULL, OPTION_CONFIRM},
    {"force", no_argument, NULL, OPTION_FORCE},
    {NULL, 0, NULL, 0},
};

static bool take_profile(const char *name, struct arguments *a)
{
	enum lint_profile profile;

	if (!lint_profile_parse(slice_text(name), &profile)) {
		fprintf(stderr,
		    "sshdctl: there is no profile %s: default, cis-l1, stig, mozilla, "
		    "ssh-audit\n",
		    name);
		return false;
	}
	a->profiles |= profile;
	return true;
}

static bool take_port(const char *text, struct arguments *a)
{
	uint64_t port;

	if (text_parse_u64(slice_text(text), UINT16_MAX, &port) != ERR_OK || port == 0) {
		fprintf(stderr, "sshdctl: %s is not a port\n", text);
		return false;
	}
	a->local_port = (uint16_t)port;
	return true;
}

/* Seconds, or minutes or hours by a letter behind them. */
static bool take_wait(const char *text, struct arguments *a)
{
	struct slice digits = slice_text(text);
	uint64_t factor = 1, number;

	if (digits.len > 0 && strchr("smh", digits.ptr[digits.len - 1]) != NULL) {
		const char unit = (char)digits.ptr[--digits.len];

		factor = unit == 's' ? 1 : unit == 'm' ? 60 : 3600;
	}
	if (text_parse_u64(digits, PENDING_WAIT_LIMIT_S / factor, &number) != ERR_OK || number == 0) {
		fprintf(stderr, "sshdctl: %s is not a time between 1s and 24h\n", text);
		return false;
	}
	a->confirm_s = (uint32_t)(number * factor);
	return true;
}

static bool take_option(int option, const char *value, struct arguments *a)
{
	switch (option) {
	case 'f':
		a->path = value;
		return true;
	case OPTION_SEKISHO:
		a->sekisho = value;
		return true;
	case OPTION_ROOT:
		a->root = value;
		return true;
	case OPTION_PROFILE:
		return take_profile(value, a);
	case OPTION_USER:
		a->user = value;
		return true;
	case OPTION_FROM:
		a->from = value;
		return true;
	case OPTION_HOST:
		a->host = value;
		return true;
	case OPTION_PORT:
		return take_port(value, a);
	case OPTION_KEY:
		a->key = value;
		return true;
	case OPTION_JSON:
		a->output = OUTPUT_JSON;
		return true;
	case OPTION_SARIF:
		a->output = OUTPUT_SARIF;
		return true;
	case OPTION_CONFIRM:
		return take_wait(value, a);
	case OPTION_FORCE:
		a->is_forced = true;
		return true;
	default:
		return false;
	}
}

bool arguments_parse(int argc, char **argv, struct arguments *arguments)
{
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "f:", long_options, NULL)) != -1)
		if (!take_option(option, optarg, arguments))
			return false;
	arguments->rest = argv + optind;
	arguments->rest_count = argc - optind;
	return true;
}

/* sekisho.conf stands beside the main file, as the daemon reads it. */
static const char *beside(struct arena *arena, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return name;
	return arena_format(arena, "%.*s/%s", (int)(slash - path), path, name);
}

enum err input_read(const struct arguments *arguments, struct input *input)
{
	const char *root = arguments->root ? arguments->root : "";
	struct snapshot_source source = {.root = arguments->root,
	    .is_default_path = arguments->path == NULL && arguments->root == NULL};

	source.include_dir = arena_format(&input->arena, "%s%s", root, SEKISHO_SYSCONFDIR);
	source.path = arguments->path ? arguments->path
	                              : arena_format(&input->arena, "%s%s/sshd_config", root,
	                                    SEKISHO_SYSCONFDIR);
	if (source.path == NULL || source.include_dir == NULL)
		return ERR_NO_MEMORY;
	source.sekisho_path = arguments->sekisho
	                          ? arguments->sekisho
	                          : beside(&input->arena, source.path, "sekisho.conf");
	if (source.sekisho_path == NULL)
		return ERR_NO_MEMORY;
	TRY(snapshot_read(&source, &input->snapshot, &input->diagnostics));
	return config_parse_leniently(input->snapshot, &input->config, &input->diagnostics);
}

void input_wipe(struct input *input)
{
	config_release(&input->config);
	snapshot_release(&input->snapshot);
	diagnostics_wipe(&input->diagnostics);
	arena_wipe(&input->arena);
}

enum err input_complain(const struct input *input)
{
	AUTO(buf_wipe) struct buf text = buf_empty(COMPLAINT_LIMIT);

	IGNORE(diagnostics_render(&input->diagnostics, &text)); /* what fits is shown */
	IGNORE(fd_write_all(STDERR_FILENO, buf_view(&text)));
	return ERR_CONFIG;
}

bool output_write(const struct buf *text)
{
	return fd_write_all(STDOUT_FILENO, buf_view(text)) == ERR_OK;
}

void output_failed(const char *verb, enum err err)
{
	fprintf(stderr, "sshdctl %s: %s\n", verb, err_text(err));
}

enum err facts_of(const struct arguments *arguments, struct arena *arena, struct match_facts *facts)
{
	*facts = (struct match_facts){
	    .user = arguments->user,
	    .address = arguments->from,
	    .host = arguments->host ? arguments->host : arguments->from,
	    .local_address = arguments->local_address,
	    .local_port = arguments->local_port,
	};
	return match_facts_add_groups(facts, arena);
}
