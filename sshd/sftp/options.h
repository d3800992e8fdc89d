/* What sftp-server and internal-sftp can be told: by their command line and by their starter. */
#pragma once

#include <sys/types.h>

#include "sshd/base/log.h"
#include "sshd/sftp/names.h"
#include "sshd/sftp/paths.h"

/* Where events go: the program's own log, or a message to the monitor. */
struct sftp_log {
	void (*event)(
	    struct sftp_log *log, enum event event, const struct log_field *fields, size_t count);
	enum log_level level; /* events above it are not even rendered */
};

enum sftp_action {
	SFTP_SERVE,
	SFTP_SHOW_USAGE,    /* -h */
	SFTP_SHOW_REQUESTS, /* -Q requests */
};

struct sftp_options {
	enum sftp_action action;

	bool is_read_only;              /* -R */
	uint64_t permitted;             /* -P, -p: a set of requests (server.h) */
	char start[SFTP_PATH_ROOM];     /* -d, tokens expanded; "": where we are */
	char jail_path[SFTP_PATH_ROOM]; /* -J, tokens expanded; "": none */
	bool has_umask, has_file_mode, has_directory_mode;
	mode_t umask;                 /* -u */
	mode_t file_mode;             /* -m */
	mode_t directory_mode;        /* -M */
	bool logs_to_stderr;          /* -e */
	bool has_facility, has_level; /* given, and not the default */
	int facility;                 /* -f: LOG_AUTH and so on */
	enum log_level level;         /* -l */

	/* Set by the starter after the parse; the pointers are borrowed. */
	int jail;                 /* a directory descriptor, taken over -J; -1: none */
	struct sftp_log *log;     /* NULL: nothing is logged */
	struct sftp_names *names; /* NULL: numbers only */
	const char *user;         /* for the log and the tokens */
	const char *client;       /* the client's address, for the log */
};

/* Whom the tokens %u and %d stand for. */
struct sftp_account {
	const char *name;
	const char *home;
};

/*
 * Parses the arguments behind argv[0] (NULL stands at argv[argc]) as getopt would: flags may stand
 * together, a value may follow in the same word. What cannot be kept whole is refused, never cut.
 * Words that are no flags are passed over, as OpenSSH does.
 *
 * options    filled on success only
 * complaint  on failure a sentence fragment about the first bad argument is appended
 *
 * ERR_CONFIG; ERR_TOO_LONG for an argument above its limit.
 */
enum err sftp_options_parse(int argc, char *const argv[], const struct sftp_account *account,
    struct sftp_options *options, struct buf *complaint);

/* The usage text of -h, with a line feed at its end. */
extern const char sftp_options_usage[];
