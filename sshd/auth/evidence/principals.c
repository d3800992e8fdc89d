#include "sshd/auth/evidence/principals.h"

#include "sshd/base/auto.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = slice_after(text, 1);
	while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* A comment may stand behind a name; within quotes of options a # is a character like others. */
static struct slice drop_comment(struct slice line)
{
	bool is_quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\\' && i + 1 < line.len && line.ptr[i + 1] == '"')
			i++;
		else if (line.ptr[i] == '"')
			is_quoted = !is_quoted;
		else if (line.ptr[i] == '#' && !is_quoted)
			return slice_first(line, i);
	}
	return line;
}

bool principals_line_parse(struct slice line, struct slice *options, struct slice *name)
{
	size_t at;

	line = trim(drop_comment(line));
	if (line.len == 0 || line.len > AUTHORIZED_KEYS_LINE_LIMIT)
		return false;
	/* The name is the last word: options may hold blanks in quotes, names hold none. */
	at = line.len;
	while (at > 0 && !is_blank(line.ptr[at - 1]))
		at--;
	*name = slice_after(line, at);
	*options = trim(slice_first(line, at));
	return true;
}

static enum err weigh(const struct principals_search *search, unsigned number, struct slice text,
    enum verdict *verdict, struct key_options *out)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	const char *complaint = "";
	enum err err = key_options_parse(text, search->zone, &options, &complaint);

	if (err == ERR_NO_MEMORY)
		return err;
	if (err != ERR_OK || options.is_authority) {
		search->remark(search->owner, number, KEY_OPTIONS_BAD, slice_text(complaint));
		return ERR_OK;
	}
	if (options.has_from && !search->source_matches(search->owner, buf_view(&options.from))) {
		search->remark(search->owner, number, KEY_NOT_FROM_HERE, buf_view(&options.from));
		return ERR_OK;
	}
	if (options.expires_s != 0 && search->now_s >= options.expires_s) {
		search->remark(search->owner, number, KEY_EXPIRED, (struct slice){0});
		return ERR_OK;
	}
	*out = options;
	options = key_options_none();
	*verdict = PERMIT;
	return ERR_OK;
}

enum err principals_find(struct slice file, const struct principals_search *search, enum verdict *verdict,
    struct key_options *options, unsigned *line)
{
	unsigned number = 0;

	*verdict = DENY;
	while (file.len > 0 && *verdict != PERMIT) {
		const uint8_t *end = memchr(file.ptr, '\n', file.len);
		struct slice text = slice_first(file, end ? (size_t)(end - file.ptr) : file.len);
		struct slice given, name;

		file = slice_after(file, text.len + 1);
		number++;
		if (!principals_line_parse(text, &given, &name) || !search->names(search->owner, name))
			continue;
		TRY(weigh(search, number, given, verdict, options));
	}
	if (*verdict == PERMIT)
		*line = number;
	return ERR_OK;
}
