#include "sshd/auth/evidence/authorized_keys.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"
#include "sshd/wire/reader.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct slice skip_blanks(struct slice text)
{
	while (text.len > 0 && is_blank(text.ptr[0]))
		text = slice_after(text, 1);
	return text;
}

static struct slice drop_line_end(struct slice text)
{
	while (text.len > 0 && (is_blank(text.ptr[text.len - 1]) || text.ptr[text.len - 1] == '\r'))
		text.len--;
	return text;
}

/* The word at the front, up to the next blank; quotes keep blanks and \" inside. */
static bool word_take(struct slice *text, bool knows_quotes, struct slice *word)
{
	bool is_quoted = false;
	size_t i = 0;

	for (; i < text->len && (is_quoted || !is_blank(text->ptr[i])); i++) {
		if (!knows_quotes)
			continue;
		if (text->ptr[i] == '\\' && i + 1 < text->len && text->ptr[i + 1] == '"')
			i++;
		else if (text->ptr[i] == '"')
			is_quoted = !is_quoted;
	}
	if (is_quoted || i == 0)
		return false;
	*word = slice_first(*text, i);
	*text = skip_blanks(slice_after(*text, i));
	return true;
}

/* Is this a word as key types are written, and does base64 that names the same type follow? */
static bool key_take(struct slice text, struct authorized_line *line)
{
	struct slice type, base64;

	if (!word_take(&text, false, &type) || !word_take(&text, false, &base64))
		return false;
	/* Each key blob begins with the length of its type: 00 00 00 nn in base64. */
	if (!slice_starts(base64, "AAAA"))
		return false;
	line->key_type = type;
	line->key_base64 = base64;
	line->comment = text;
	return true;
}

static bool line_parse(struct slice text, struct authorized_line *line)
{
	struct slice options;

	text = skip_blanks(drop_line_end(text));
	if (text.len == 0 || text.ptr[0] == '#' || text.len > AUTHORIZED_KEYS_LINE_LIMIT)
		return false;
	line->options = (struct slice){0};
	if (key_take(text, line))
		return true;
	if (!word_take(&text, true, &options))
		return false;
	line->options = options;
	return key_take(text, line);
}

bool authorized_line_next(struct slice *file, unsigned *number, struct authorized_line *line)
{
	while (file->len > 0) {
		const uint8_t *end = memchr(file->ptr, '\n', file->len);
		struct slice text = slice_first(*file, end ? (size_t)(end - file->ptr) : file->len);

		*file = slice_after(*file, text.len + 1);
		++*number;
		if (line_parse(text, line)) {
			line->number = *number;
			return true;
		}
	}
	return false;
}

/* ----------------------------------------------------------------- search */

#define BLOB_LIMIT 32768u

/* Compares by type first, so that a long file costs little. ERR_NO_MEMORY. */
static enum err line_names_blob(const struct authorized_line *line, struct slice blob, bool *is_named)
{
	AUTO(buf_wipe) struct buf decoded = buf_empty(BLOB_LIMIT);
	struct reader r = reader_over(blob);
	struct slice type = read_string(&r, 64);
	enum err err;

	*is_named = false;
	if (r.err != ERR_OK || !slice_equal(type, line->key_type))
		return ERR_OK;
	/* Without padding four digits are three bytes: another length cannot be this key. */
	if (line->key_base64.len < blob.len || line->key_base64.len > blob.len / 3 * 4 + 4)
		return ERR_OK;
	err = text_parse_base64(line->key_base64, &decoded);
	if (err == ERR_NO_MEMORY)
		return err;
	*is_named = err == ERR_OK && slice_equal(buf_view(&decoded), blob);
	return ERR_OK;
}

static bool is_objected(const struct key_search *search, const struct key_options *options, unsigned line)
{
	if (options->has_from && !search->source_matches(search->owner, buf_view(&options->from))) {
		search->remark(search->owner, line, KEY_NOT_FROM_HERE, buf_view(&options->from));
		return true;
	}
	if (options->expires_s != 0 && search->now_s >= options->expires_s) {
		search->remark(search->owner, line, KEY_EXPIRED, (struct slice){0});
		return true;
	}
	return false;
}

/* A line that names the blob: does it count? */
static enum err line_weigh(const struct authorized_line *line, const struct key_search *search,
    enum verdict *verdict, struct key_options *out)
{
	AUTO(key_options_wipe) struct key_options options = key_options_none();
	const char *complaint = "";
	enum err err = key_options_parse(line->options, search->zone, &options, &complaint);

	if (err == ERR_NO_MEMORY)
		return err;
	if (err != ERR_OK) {
		search->remark(search->owner, line->number, KEY_OPTIONS_BAD, slice_text(complaint));
		return ERR_OK;
	}
	if (options.is_authority != search->wants_authority || is_objected(search, &options, line->number))
		return ERR_OK;
	*out = options;
	options = key_options_none();
	*verdict = PERMIT;
	return ERR_OK;
}

enum err authorized_keys_search(struct slice file, const struct key_search *search,
    enum verdict *verdict, struct key_options *options, unsigned *line)
{
	struct authorized_line at;
	unsigned number = 0;

	*verdict = DENY;
	while (authorized_line_next(&file, &number, &at)) {
		bool is_named = false;

		TRY(line_names_blob(&at, search->blob, &is_named));
		if (!is_named)
			continue;
		TRY(line_weigh(&at, search, verdict, options));
		if (*verdict == PERMIT) {
			*line = at.number;
			return ERR_OK;
		}
	}
	return ERR_OK;
}
