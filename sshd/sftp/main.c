/* sftp-server: the SFTP subsystem as a program of its own, over standard input and output. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/serve.h"
#include "sshd/sftp/server.h"

#define CLIENT_ADDRESS_ROOM 64u

static void log_to_process_sink(
    struct sftp_log *log, enum event event, const struct log_field *fields, size_t count)
{
	(void)log;
	log_event(event, fields, count);
}

static void open_log(const struct sftp_options *options)
{
	struct log_sink sink = {
	    .kind = LOG_TO_STDERR, .level = options->level, .fd = STDERR_FILENO};

	if (!options->logs_to_stderr)
		log_open_system(&sink, options->level, options->facility);
	log_use(&sink);
}

/* The first word of SSH_CONNECTION. */
static const char *client_address(char address[CLIENT_ADDRESS_ROOM])
{
	const char *connection = getenv("SSH_CONNECTION");
	size_t len = connection ? strcspn(connection, " ") : 0;

	if (len == 0 || len >= CLIENT_ADDRESS_ROOM)
		return "UNKNOWN";
	memcpy(address, connection, len);
	address[len] = 0;
	return address;
}

static int show_requests(void)
{
	for (unsigned kind = 0; kind < SFTP_REQUEST_COUNT; kind++)
		puts(sftp_request_rows[kind].name);
	return EXIT_SUCCESS;
}

static int run(struct sftp_options *options)
{
	struct sftp_log log = {log_to_process_sink, options->level};
	char address[CLIENT_ADDRESS_ROOM];

	open_log(options);
	options->log = &log;
	options->names = &sftp_names_of_system;
	options->client = client_address(address);
	return sftp_serve(options, STDIN_FILENO, STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	AUTO(buf_wipe) struct buf complaint = buf_empty(4096);
	const struct passwd *record = getpwuid(getuid());
	struct sftp_account account;
	struct sftp_options options;

	if (record == NULL) {
		fprintf(stderr, "sftp-server: no user found for uid %u\n", getuid());
		return EXIT_FAILURE;
	}
	account = (struct sftp_account){record->pw_name, record->pw_dir};
	if (sftp_options_parse(argc, argv, &account, &options, &complaint) != ERR_OK) {
		fprintf(stderr, "sftp-server: %.*s\n%s", (int)buf_len(&complaint),
		    (const char *)buf_view(&complaint).ptr, sftp_options_usage);
		return EXIT_FAILURE;
	}
	if (options.action == SFTP_SHOW_REQUESTS)
		return show_requests();
	if (options.action == SFTP_SHOW_USAGE) {
		fputs(sftp_options_usage, stderr);
		return EXIT_FAILURE;
	}
	return run(&options);
}
