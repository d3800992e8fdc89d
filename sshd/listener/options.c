#include "sshd/listener/options.h"

#include <stddef.h>
#include <string.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

const char options_usage[] =
    "usage: sshd [-46DdeGiqTtV] [-C connection_spec] [-c host_certificate_file]\n"
    "            [-E log_file] [-f config_file] [-g login_grace_time]\n"
    "            [-h host_key_file] [-o option] [-p port] [-u len]\n";

/* What a flag does with its value; the parameter tells flags of one kind apart. */
typedef enum err flag_action(struct options *options, const char *value, const char *parameter);

static enum err set_mode(struct options *options, enum options_mode mode)
{
	/* -T goes past -t, -G past both, as the stricter reading of "-t -T" would lose the dump. */
	if (mode > options->mode)
		options->mode = mode;
	return ERR_OK;
}

static enum err on_setting(struct options *options, const char *value, const char *keyword)
{
	if (options->setting_count == OPTION_VALUES_LIMIT)
		return ERR_LIMIT;
	options->settings[options->setting_count++] = (struct option_setting){keyword, value};
	return ERR_OK;
}

static enum err on_family(struct options *options, const char *value, const char *family)
{
	(void)value;
	return on_setting(options, family, "AddressFamily");
}

static enum err on_connection(struct options *options, const char *value, const char *parameter)
{
	(void)parameter;
	if (options->connections.count == OPTION_VALUES_LIMIT)
		return ERR_LIMIT;
	options->connections.items[options->connections.count++] = value;
	return ERR_OK;
}

static enum err on_debug(struct options *options, const char *value, const char *parameter)
{
	(void)value;
	(void)parameter;
	options->debug += options->debug < 3;
	options->stays_in_foreground = true;
	options->logs_to_stderr = true;
	return ERR_OK;
}

static enum err on_file(struct options *options, const char *value, const char *parameter)
{
	if (*value == 0)
		return ERR_MALFORMED;
	*(parameter[0] == 'E' ? &options->log_path : &options->config_path) = value;
	return ERR_OK;
}

static enum err on_utmp_len(struct options *options, const char *value, const char *parameter)
{
	uint64_t len = 0;

	(void)parameter;
	TRY(text_parse_u64(slice_text(value), 256, &len));
	options->utmp_host_len = (uint32_t)len;
	return ERR_OK;
}

static enum err on_switch(struct options *options, const char *value, const char *parameter)
{
	(void)value;
	switch (parameter[0]) {
	case 'D':
		options->stays_in_foreground = true;
		return ERR_OK;
	case 'e':
		options->logs_to_stderr = true;
		return ERR_OK;
	case 'q':
		options->is_quiet = true;
		return ERR_OK;
	case 'r':
		options->uses_deprecated = true;
		return ERR_OK;
	case 'i':
		return set_mode(options, MODE_INETD);
	case 't':
		return set_mode(options, MODE_TEST);
	case 'T':
		return set_mode(options, MODE_DUMP);
	case 'G':
		return set_mode(options, MODE_PARSE);
	case 'V':
		return set_mode(options, MODE_VERSION);
	default:
		return ERR_OK; /* accepted since ever, without effect */
	}
}

/* OpenSSH's own internal flag: whoever gives it wants a program that we do not have. */
static enum err on_refused(struct options *options, const char *value, const char *parameter)
{
	(void)options;
	(void)value;
	(void)parameter;
	return ERR_UNSUPPORTED;
}

static const struct flag {
	char letter;
	bool has_value;
	flag_action *action;
	const char *parameter;
} flags[] = {
    {'4', false, on_family, "inet"},
    {'6', false, on_family, "inet6"},
    {'C', true, on_connection, NULL},
    {'D', false, on_switch, "D"},
    {'E', true, on_file, "E"},
    {'G', false, on_switch, "G"},
    {'Q', false, on_switch, "Q"},
    {'R', false, on_refused, NULL},
    {'T', false, on_switch, "T"},
    {'V', false, on_switch, "V"},
    {'b', true, on_switch, "b"},
    {'c', true, on_setting, "HostCertificate"},
    {'d', false, on_debug, NULL},
    {'e', false, on_switch, "e"},
    {'f', true, on_file, "f"},
    {'g', true, on_setting, "LoginGraceTime"},
    {'h', true, on_setting, "HostKey"},
    {'i', false, on_switch, "i"},
    {'k', true, on_switch, "k"},
    {'o', true, on_setting, NULL},
    {'p', true, on_setting, "PortGiven"},
    {'q', false, on_switch, "q"},
    {'r', false, on_switch, "r"},
    {'t', false, on_switch, "t"},
    {'u', true, on_utmp_len, NULL},
};

static const struct flag *flag_find(char letter)
{
	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (flags[i].letter == letter)
			return &flags[i];
	return NULL;
}

static enum err complain(struct buf *complaint, const char *text, char letter, const char *value)
{
	IGNORE(buf_append_format(complaint, "sshd: %s -- %c", text, letter)); /* it will be refused anyway */
	if (value != NULL)
		IGNORE(buf_append_format(complaint, " %s", value));
	return ERR_MALFORMED;
}

/* One argument: "-Dde", "-E/var/log/x", "-p" "22". *next is the index of the argument behind it. */
static enum err parse_cluster(const char *cluster, int argc, char *const *argv, int *next,
    struct options *options, struct buf *complaint)
{
	for (; *cluster != 0; cluster++) {
		const struct flag *flag = flag_find(*cluster);
		const char *value = NULL;
		enum err err;

		if (flag == NULL)
			return complain(complaint, "unknown option", *cluster, NULL);
		if (flag->has_value) {
			if (cluster[1] == 0 && *next == argc)
				return complain(complaint, "option requires an argument", *cluster, NULL);
			value = cluster[1] != 0 ? cluster + 1 : argv[(*next)++];
		}
		err = flag->action(options, value, flag->parameter);
		if (err == ERR_LIMIT)
			return complain(complaint, "too many of option", *cluster, NULL);
		if (err != ERR_OK)
			return complain(complaint, "not acceptable", *cluster, value);
		if (flag->has_value)
			break;
	}
	return ERR_OK;
}

enum err options_parse(int argc, char *const *argv, struct options *options, struct buf *complaint)
{
	int next = 1;

	*options = (struct options){.utmp_host_len = UTMP_HOST_LEN_DEFAULT};
	while (next < argc && argv[next][0] == '-' && argv[next][1] != 0) {
		const char *argument = argv[next++];

		if (strcmp(argument, "--") == 0)
			break;
		TRY(parse_cluster(argument + 1, argc, argv, &next, options, complaint));
	}
	if (next < argc) {
		IGNORE(buf_append_format(complaint, "Extra argument %s.", argv[next]));
		return ERR_MALFORMED;
	}
	return ERR_OK;
}
