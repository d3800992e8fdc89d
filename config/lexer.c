#include "config/lexer.h"

#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice without_trailing_blanks(struct slice text)
{
	while (
	    text.len > 0 && (is_blank(text.ptr[text.len - 1]) || text.ptr[text.len - 1] == '\f' ||
	                        text.ptr[text.len - 1] == '\n'))
		text.len--;
	return text;
}

static size_t skip_blanks(struct slice text, size_t at)
{
	while (at < text.len && is_blank(text.ptr[at]))
		at++;
	return at;
}

/* The keyword, and behind it blanks with at most one "=" among them. */
static void split_name(struct slice text, struct line *line)
{
	size_t start = skip_blanks(text, 0), at;

	line->name = line->rest = (struct slice){0};
	line->name_column = (uint32_t)start + 1;
	if (start == text.len || text.ptr[start] == '#')
		return;
	at = start;
	while (
	    at < text.len && !is_blank(text.ptr[at]) && text.ptr[at] != '=' && text.ptr[at] != '"')
		at++;
	line->name = slice_first(slice_after(text, start), at - start);
	at = skip_blanks(text, at);
	if (at < text.len && text.ptr[at] == '=')
		at = skip_blanks(text, at + 1);
	line->rest = slice_after(text, at);
	line->rest_column = (uint32_t)at + 1;
}

static enum err add_word(struct line *line, struct word word)
{
	if (line->count == line->capacity) {
		size_t capacity = line->capacity == 0 ? 16 : 2 * line->capacity;
		struct word *words = reallocarray(line->words, capacity, sizeof(*words));

		if (words == NULL)
			return ERR_NO_MEMORY;
		line->words = words;
		line->capacity = capacity;
	}
	line->words[line->count++] = word;
	return ERR_OK;
}

/* A backslash hides a quote or another backslash everywhere, a blank outside quotes. */
static bool is_escape(struct slice text, size_t at, uint8_t quote)
{
	uint8_t next;

	if (text.ptr[at] != '\\' || at + 1 >= text.len)
		return false;
	next = text.ptr[at + 1];
	return next == '\'' || next == '"' || next == '\\' || (quote == 0 && next == ' ');
}

/* Where the word that starts at `at` ends; is_plain: it holds no quotes and no escapes. */
static enum err find_word_end(
    struct slice text, size_t at, size_t *end, bool *is_plain, size_t *fault)
{
	uint8_t quote = 0;

	*is_plain = true;
	for (; at < text.len; at++) {
		uint8_t c = text.ptr[at];

		if (is_escape(text, at, quote)) {
			*is_plain = false;
			at++;
		} else if (quote == 0 && (c == ' ' || c == '\t')) {
			break;
		} else if (quote == 0 && (c == '"' || c == '\'')) {
			*is_plain = false;
			*fault = at;
			quote = c;
		} else if (c == quote) {
			quote = 0;
		}
	}
	*end = at;
	return quote == 0 ? ERR_OK : ERR_MALFORMED;
}

/* The text of a word without its quotes and escapes; never longer than as written. */
static enum err unquote(struct slice written, struct arena *arena, struct slice *text)
{
	uint8_t *out = arena_alloc(arena, written.len + 1);
	uint8_t quote = 0;
	size_t len = 0;

	if (out == NULL)
		return ERR_NO_MEMORY;
	for (size_t at = 0; at < written.len; at++) {
		uint8_t c = written.ptr[at];

		if (is_escape(written, at, quote))
			out[len++] = written.ptr[++at];
		else if (quote == 0 && (c == '"' || c == '\''))
			quote = c;
		else if (quote != 0 && c == quote)
			quote = 0;
		else
			out[len++] = c;
	}
	*text = slice_over(out, len);
	return ERR_OK;
}

static enum err split_words(struct arena *arena, struct line *line)
{
	struct slice rest = line->rest;
	size_t at = 0;

	line->count = 0;
	for (;;) {
		struct word word = {0};
		size_t end, fault = 0;
		bool is_plain;

		while (at < rest.len && (rest.ptr[at] == ' ' || rest.ptr[at] == '\t'))
			at++;
		if (at == rest.len || rest.ptr[at] == '#')
			return ERR_OK;
		if (find_word_end(rest, at, &end, &is_plain, &fault) != ERR_OK) {
			line->fault_column = line->rest_column + (uint32_t)fault;
			return ERR_MALFORMED;
		}
		word.text = slice_first(slice_after(rest, at), end - at);
		word.column = line->rest_column + (uint32_t)at;
		word.width = (uint32_t)(end - at);
		word.is_quoted = !is_plain;
		if (!is_plain)
			TRY(unquote(word.text, arena, &word.text));
		TRY(add_word(line, word));
		at = end;
	}
}

enum err line_split(struct slice source, struct arena *arena, struct line *line)
{
	line->source = without_trailing_blanks(source);
	line->count = 0;
	line->fault_column = 0;
	split_name(line->source, line);
	if (line->name.len == 0 && line->rest.len == 0)
		return ERR_OK;
	return split_words(arena, line);
}

enum err line_split_value(struct slice value, struct arena *arena, struct line *line)
{
	line->source = line->rest = value;
	line->name = (struct slice){0};
	line->name_column = line->rest_column = 1;
	return split_words(arena, line);
}

void line_wipe(struct line *line)
{
	free(line->words);
	*line = (struct line){0};
}

bool text_next_line(struct slice *text, struct slice *line)
{
	const uint8_t *end;

	if (text->len == 0)
		return false;
	end = memchr(text->ptr, '\n', text->len);
	if (end == NULL) {
		*line = *text;
		*text = slice_after(*text, text->len);
		return true;
	}
	*line = slice_first(*text, (size_t)(end - text->ptr));
	*text = slice_after(*text, line->len + 1);
	return true;
}

enum err word_append(struct buf *out, struct slice text)
{
	bool is_plain = text.len > 0 && text.ptr[0] != '#' && text.ptr[0] != '=';

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || strchr("\"'\\", text.ptr[i]) != NULL)
			is_plain = false;
	if (is_plain)
		return buf_append(out, text);
	TRY(buf_append_text(out, "\""));
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			TRY(buf_append_text(out, "\\"));
		TRY(buf_append(out, slice_first(slice_after(text, i), 1)));
	}
	return buf_append_text(out, "\"");
}
