#include "sshd/sftp/options.h"

#include <syslog.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/sftp/server.h"
#include "sshd/wire/name_list.h"

#define ARGUMENT_LIMIT 8192u /* any one argument */
#define UMASK_LIMIT    0777u

const char sftp_options_usage[] =
    "usage: sftp-server [-ehR] [-d start_directory] [-f log_facility] [-J jail_directory]\n"
    "                   [-l log_level] [-M directory_mode] [-m file_mode]\n"
    "                   [-P denied_requests] [-p permitted_requests] [-u umask]\n"
    "       sftp-server -Q requests\n";

struct parse {
	const struct sftp_account *account;
	struct sftp_options *options;
	struct buf *complaint;
};

static enum err complain(struct parse *parse, const char *what, struct slice value)
{
	/* The complaint is best effort: the refusal stands without it. */
	IGNORE(buf_append_text(parse->complaint, what));
	IGNORE(buf_append_text(parse->complaint, ": "));
	IGNORE(text_append_escaped(parse->complaint, value, 256));
	return ERR_CONFIG;
}

/* Appends what a token stands for. ERR_MALFORMED: no such token. */
static enum err expand_token(struct parse *parse, char token, struct buf *out)
{
	switch (token) {
	case '%':
		return buf_append_text(out, "%");
	case 'd':
		return buf_append_text(out, parse->account->home);
	case 'u':
		return buf_append_text(out, parse->account->name);
	default:
		return ERR_MALFORMED;
	}
}

static enum err expand(struct parse *parse, struct slice value, struct buf *out)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] != '%') {
			TRY(buf_append(out, slice_over(value.ptr + i, 1)));
			continue;
		}
		if (++i == value.len)
			return ERR_MALFORMED;
		TRY(expand_token(parse, (char)value.ptr[i], out));
	}
	return ERR_OK;
}

static enum err take_path(struct parse *parse, struct slice value, char path[SFTP_PATH_ROOM])
{
	AUTO(buf_wipe) struct buf expanded = buf_empty(SFTP_PATH_LIMIT);
	enum err err = expand(parse, value, &expanded);

	if (err == ERR_LIMIT) {
		IGNORE(complain(parse, "path too long", value));
		return ERR_TOO_LONG;
	}
	if (err != ERR_OK)
		return complain(parse, "unknown token in path", value);
	if (buf_len(&expanded) == 0)
		return complain(parse, "empty path", value);
	memcpy(path, buf_view(&expanded).ptr, buf_len(&expanded));
	path[buf_len(&expanded)] = 0;
	return ERR_OK;
}

static enum err take_start(struct parse *parse, struct slice value)
{
	return take_path(parse, value, parse->options->start);
}

static enum err take_jail(struct parse *parse, struct slice value)
{
	return take_path(parse, value, parse->options->jail_path);
}

static enum err take_mode(
    struct parse *parse, const char *what, struct slice value, bool *has, mode_t *mode)
{
	uint64_t number;

	if (text_parse_octal(value, UMASK_LIMIT, &number) != ERR_OK)
		return complain(parse, what, value);
	*has = true;
	*mode = (mode_t)number;
	return ERR_OK;
}

static enum err take_umask(struct parse *parse, struct slice value)
{
	return take_mode(
	    parse, "invalid umask", value, &parse->options->has_umask, &parse->options->umask);
}

static enum err take_file_mode(struct parse *parse, struct slice value)
{
	return take_mode(parse, "invalid file mode", value, &parse->options->has_file_mode,
	    &parse->options->file_mode);
}

static enum err take_directory_mode(struct parse *parse, struct slice value)
{
	return take_mode(parse, "invalid directory mode", value,
	    &parse->options->has_directory_mode, &parse->options->directory_mode);
}

static enum err take_level(struct parse *parse, struct slice value)
{
	if (log_level_parse(value, &parse->options->level) != ERR_OK)
		return complain(parse, "invalid log level", value);
	parse->options->has_level = true;
	return ERR_OK;
}

static enum err take_facility(struct parse *parse, struct slice value)
{
	static const struct {
		const char *name;
		int facility;
	} names[] = {
	    /* clang-format off */
	    {"DAEMON", LOG_DAEMON}, {"USER", LOG_USER}, {"AUTH", LOG_AUTH},
	    {"AUTHPRIV", LOG_AUTHPRIV}, {"LOCAL0", LOG_LOCAL0}, {"LOCAL1", LOG_LOCAL1},
	    {"LOCAL2", LOG_LOCAL2}, {"LOCAL3", LOG_LOCAL3}, {"LOCAL4", LOG_LOCAL4},
	    {"LOCAL5", LOG_LOCAL5}, {"LOCAL6", LOG_LOCAL6}, {"LOCAL7", LOG_LOCAL7},
	    /* clang-format on */
	};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (text_equal_ignoring_case(value, slice_text(names[i].name))) {
			parse->options->facility = names[i].facility;
			parse->options->has_facility = true;
			return ERR_OK;
		}
	}
	return complain(parse, "invalid log facility", value);
}

/* A name that is no request is refused: misspelt in -P it would permit what it meant to deny. */
static enum err take_requests(struct parse *parse, struct slice value, uint64_t *set)
{
	struct slice name;

	if (value.len == 0 || name_list_check(value) != ERR_OK)
		return complain(parse, "invalid list of requests", value);
	while (name_list_next(&value, &name)) {
		uint64_t bit = sftp_request_named(name);

		if (bit == 0)
			return complain(parse, "unknown request", name);
		*set |= bit;
	}
	return ERR_OK;
}

static enum err take_denied(struct parse *parse, struct slice value)
{
	uint64_t denied = 0;

	TRY(take_requests(parse, value, &denied));
	parse->options->permitted &= ~denied;
	return ERR_OK;
}

static enum err take_permitted(struct parse *parse, struct slice value)
{
	uint64_t permitted = 0;

	TRY(take_requests(parse, value, &permitted));
	parse->options->permitted &= permitted;
	return ERR_OK;
}

static enum err take_query(struct parse *parse, struct slice value)
{
	if (!slice_is(value, "requests"))
		return complain(parse, "invalid query type", value);
	parse->options->action = SFTP_SHOW_REQUESTS;
	return ERR_OK;
}

static enum err take_help(struct parse *parse, struct slice value)
{
	(void)value;
	parse->options->action = SFTP_SHOW_USAGE;
	return ERR_OK;
}

static enum err take_read_only(struct parse *parse, struct slice value)
{
	(void)value;
	parse->options->is_read_only = true;
	return ERR_OK;
}

static enum err take_stderr(struct parse *parse, struct slice value)
{
	(void)value;
	parse->options->logs_to_stderr = true;
	return ERR_OK;
}

static const struct flag {
	char letter;
	bool has_value;
	enum err (*take)(struct parse *parse, struct slice value);
} flags[] = {
    {'d', true, take_start},
    {'e', false, take_stderr},
    {'f', true, take_facility},
    {'h', false, take_help},
    {'J', true, take_jail},
    {'l', true, take_level},
    {'M', true, take_directory_mode},
    {'m', true, take_file_mode},
    {'P', true, take_denied},
    {'p', true, take_permitted},
    {'Q', true, take_query},
    {'R', false, take_read_only},
    {'u', true, take_umask},
};

static const struct flag *flag_of(char letter)
{
	for (size_t i = 0; i < COUNT_OF(flags); i++)
		if (flags[i].letter == letter)
			return &flags[i];
	return NULL;
}

/* One word of flags; `*next` is the word behind it, taken when a flag needs a value. */
static enum err take_word(struct parse *parse, const char *word, char *const **next)
{
	for (const char *at = word + 1; *at != 0; at++) {
		const struct flag *flag = flag_of(*at);
		const char *value = at + 1;

		if (flag == NULL)
			return complain(parse, "unknown option", slice_text(word));
		if (!flag->has_value) {
			TRY(flag->take(parse, (struct slice){0}));
			continue;
		}
		if (*value == 0)
			value = *(*next)++;
		if (value == NULL)
			return complain(parse, "option needs a value", slice_text(word));
		if (strlen(value) > ARGUMENT_LIMIT) {
			IGNORE(complain(parse, "argument too long", slice_text(value)));
			return ERR_TOO_LONG;
		}
		return flag->take(parse, slice_text(value));
	}
	return ERR_OK;
}

enum err sftp_options_parse(int argc, char *const argv[], const struct sftp_account *account,
    struct sftp_options *options, struct buf *complaint)
{
	struct sftp_options parsed = {
	    .permitted = SFTP_REQUESTS_ALL,
	    .facility = LOG_AUTH,
	    .level = LOG_LEVEL_ERROR,
	    .jail = -1,
	    .user = account->name,
	    .client = "UNKNOWN",
	};
	struct parse parse = {account, &parsed, complaint};
	char *const *next = argv + (argc > 0 ? 1 : 0);

	while (next < argv + argc && *next != NULL) {
		const char *word = *next++;

		if (word[0] != '-' || word[1] == 0)
			continue;
		if (strcmp(word, "--") == 0)
			break;
		TRY(take_word(&parse, word, &next));
	}
	*options = parsed;
	return ERR_OK;
}
