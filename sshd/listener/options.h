/* The command line of sshd: flags in, a struct out. Opens nothing and prints nothing. */
#pragma once

#include "sshd/base/buf.h"

#define OPTION_VALUES_LIMIT 512u

/* What may be given several times, in the order given; the texts are argv's. */
struct option_values {
	const char *items[OPTION_VALUES_LIMIT];
	size_t count;
};

/*
 * One setting of the command line as a line of configuration: "-h /k" is {"HostKey", "/k"}.
 * -p is PortGiven, which takes the place of every Port line.
 */
struct option_setting {
	const char *keyword; /* NULL: `value` is a whole line, from -o */
	const char *value;
};

enum options_mode {
	MODE_SERVE,
	MODE_INETD,   /* -i */
	MODE_TEST,    /* -t */
	MODE_DUMP,    /* -T: after the checks of -t */
	MODE_PARSE,   /* -G: without them */
	MODE_VERSION, /* -V */
};

struct options {
	enum options_mode mode;
	bool stays_in_foreground; /* -D, -d */
	bool logs_to_stderr;      /* -e, -d */
	bool is_quiet;            /* -q */
	bool uses_deprecated;     /* -r */
	unsigned debug;           /* -d: how often */
	uint32_t utmp_host_len;   /* -u */
	const char *config_path;  /* -f; NULL: the default */
	const char *log_path;     /* -E */

	/* All settings in the order given: they are read before the file, so they win. */
	struct option_setting settings[OPTION_VALUES_LIMIT];
	size_t setting_count;
	struct option_values connections; /* -C */
};

#define UTMP_HOST_LEN_DEFAULT 64u

/*
 * complaint   on failure appended: one line for standard error, without its end
 *
 * ERR_MALFORMED: a flag or value is not acceptable. ERR_LIMIT: too many values.
 */
enum err options_parse(int argc, char *const *argv, struct options *options, struct buf *complaint);

/* The lines of `sshd -h` and its kin, as printed after a complaint. */
extern const char options_usage[];
