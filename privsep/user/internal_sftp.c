#include "privsep/user/internal_sftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/log.h"
#include "sshd/sftp/serve.h"

#define NAME       "internal-sftp"
#define WORD_LIMIT 64

bool internal_sftp_is_meant(const char *command)
{
	size_t len = strlen(NAME);

	return strncmp(command, NAME, len) == 0 && strchr(" \t", command[len]) != NULL;
}

/* Takes one word off *at into *out, which has room for all of it. False: a quote is not closed. */
static bool take_word(const char **at, char **out)
{
	char quote = 0;
	const char *from = *at;
	char *to = *out;

	for (; *from != 0 && (quote != 0 || strchr(" \t", *from) == NULL); from++) {
		if (quote == 0 && (*from == '"' || *from == '\''))
			quote = *from;
		else if (*from == quote)
			quote = 0;
		else
			*to++ = *from;
	}
	*to++ = 0;
	*at = from;
	*out = to;
	return quote == 0;
}

/* The words of the command, in `storage`. Too many or a bad quote: ERR_MALFORMED, nothing is cut off. */
static enum err split(const char *command, char *storage, char *argv[static WORD_LIMIT + 1], int *argc)
{
	for (*argc = 0; *(command += strspn(command, " \t")) != 0; (*argc)++) {
		if (*argc == WORD_LIMIT)
			return ERR_MALFORMED;
		argv[*argc] = storage;
		if (!take_word(&command, &storage))
			return ERR_MALFORMED;
	}
	argv[*argc] = NULL;
	return ERR_OK;
}

static void log_event_of_sftp(struct sftp_log *log, enum event event, const struct log_field *fields,
    size_t count)
{
	(void)log;
	log_event(event, fields, count);
}

static int refuse(const char *what)
{
	fprintf(stderr, NAME ": %s\n", what);
	return EXIT_FAILURE;
}

int internal_sftp_run(const struct user_setup *setup, const char *command)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(4096);
	struct sftp_account account = {setup->name, setup->home};
	struct sftp_log log = {.event = log_event_of_sftp};
	struct log_sink sink = {.kind = LOG_TO_STDERR, .fd = STDERR_FILENO};
	static struct sftp_options options; /* large */
	char *argv[WORD_LIMIT + 1];
	const char *text = "";
	char client[64];
	int argc;
	char *storage = malloc(strlen(command) + 1);

	if (storage == NULL || split(command, storage, argv, &argc) != ERR_OK)
		return refuse("the arguments cannot be used");
	if (sftp_options_parse(argc, argv, &account, &options, &complaint) != ERR_OK) {
		IGNORE(buf_c_string(&complaint, &text)); /* then there is no text to show */
		return refuse(text);
	}
	sink.level = options.level;
	if (!options.logs_to_stderr)
		log_open_system(&sink, options.level, options.facility);
	log_use(&sink);
	log.level = options.level;
	snprintf(client, sizeof(client), "%.*s", (int)strcspn(setup->ssh_client, " "), setup->ssh_client);
	options.log = &log;
	options.names = &sftp_names_of_system;
	options.client = client;
	return sftp_serve(&options, STDIN_FILENO, STDOUT_FILENO);
}
