#include "privsep/user/internal_sftp.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "privsep/user/log_relay.h"
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

/* As sshd/sftp knows a log: its first member. */
struct relayed_log {
	struct sftp_log log;
	int fd;
};

static void to_standard_error(struct sftp_log *log, enum event event, const struct log_field *fields,
    size_t count)
{
	(void)log;
	log_event(event, fields, count);
}

static void to_monitor(struct sftp_log *log, enum event event, const struct log_field *fields,
    size_t count)
{
	log_relay_tell(CONTAINER_OF(log, struct relayed_log, log)->fd, event, fields, count);
}

static int refuse(const char *what)
{
	fprintf(stderr, NAME ": %s\n", what);
	return EXIT_FAILURE;
}

/*
 * Without -l OpenSSH's level is ERROR whatever LogLevel says. Here a LogLevel that asks for more
 * or less than usual reaches the transfers too; the usual one does not make them lines each.
 */
static enum log_level level_of(const struct sftp_options *options, enum log_level of_daemon)
{
	if (options->has_level || of_daemon == LOG_LEVEL_INFO)
		return options->level;
	return of_daemon;
}

int internal_sftp_run(const struct user_setup *setup, const char *command, int relay)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(4096);
	struct sftp_account account = {setup->name, setup->home};
	struct relayed_log log = {.log.event = to_monitor, .fd = relay};
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
	if (options.logs_to_stderr)
		log.log.event = to_standard_error;
	sink.level = log.log.level = level_of(&options, setup->log_level);
	log_use(&sink);
	snprintf(client, sizeof(client), "%.*s", (int)strcspn(setup->ssh_client, " "), setup->ssh_client);
	options.log = &log.log;
	options.names = &sftp_names_of_system;
	options.client = client;
	return sftp_serve(&options, STDIN_FILENO, STDOUT_FILENO);
}
