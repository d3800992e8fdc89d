#include "config/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define TEXT_LIMIT   1024u
#define SOURCE_LIMIT 200u

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"note", "warning", "error"};

	return names[severity];
}

void diagnostics_add(struct diagnostics *d, enum severity severity, const struct place *place,
    const char *hint, const char *format, ...)
{
	struct diagnostic *one;
	char text[TEXT_LIMIT];
	va_list args;

	if (d->counts[severity]++ >= DIAGNOSTICS_LIMIT)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	one = arena_alloc(&d->arena, sizeof(*one));
	if (one == NULL) {
		d->is_incomplete = true;
		return;
	}
	one->severity = severity;
	one->text = arena_text(&d->arena, slice_text(text));
	one->hint = hint ? arena_text(&d->arena, slice_text(hint)) : NULL;
	if (place != NULL) {
		one->file = arena_text(&d->arena, slice_text(place->file));
		one->line = place->line;
		one->column = place->column;
		one->width = place->width;
		if (place->line > 0 && place->source.len > 0)
			one->source = arena_text(&d->arena, slice_first(place->source, 4096));
	}
	if (one->text == NULL) {
		d->is_incomplete = true;
		return;
	}
	if (d->last != NULL)
		d->last->next = one;
	else
		d->first = one;
	d->last = one;
}

void diagnostics_wipe(struct diagnostics *d)
{
	arena_wipe(&d->arena);
	*d = (struct diagnostics){0};
}

bool diagnostics_has_errors(const struct diagnostics *d)
{
	return d->counts[SEVERITY_ERROR] > 0;
}

/* One byte of a source line: tabs stay, so that the caret below stands right. */
static enum err append_source_byte(struct buf *out, uint8_t c)
{
	if (c == '\t')
		return buf_append_text(out, "\t");
	if (c < 0x20 || c == 0x7f)
		c = '?';
	return buf_append(out, slice_over(&c, 1));
}

/* The line, or of a long one the part around the column, and the caret under it. */
static enum err append_source(const struct diagnostic *one, struct buf *out)
{
	struct slice source = slice_text(one->source);
	size_t at = one->column > 0 ? one->column - 1 : 0;
	size_t from = at > SOURCE_LIMIT / 2 ? at - SOURCE_LIMIT / 2 : 0;
	size_t width = one->width > 0 ? one->width : 1;

	if (source.len <= SOURCE_LIMIT)
		from = 0;
	source = slice_first(slice_after(source, from), SOURCE_LIMIT);
	at -= from;
	TRY(buf_append_text(out, "    "));
	for (size_t i = 0; i < source.len; i++)
		TRY(append_source_byte(out, source.ptr[i]));
	if (one->column == 0 || at > source.len)
		return buf_append_text(out, "\n");
	TRY(buf_append_text(out, "\n    "));
	for (size_t i = 0; i < at; i++)
		TRY(buf_append_text(out, source.ptr[i] == '\t' ? "\t" : " "));
	TRY(buf_append_text(out, "^"));
	for (size_t i = 1; i < width && at + i < source.len; i++)
		TRY(buf_append_text(out, "~"));
	return buf_append_text(out, "\n");
}

enum err diagnostic_render(const struct diagnostic *one, struct buf *out)
{
	if (one->file != NULL) {
		TRY(text_append_escaped(out, slice_text(one->file), 4096));
		if (one->line > 0)
			TRY(buf_append_format(out, ":%u", one->line));
		if (one->line > 0 && one->column > 0)
			TRY(buf_append_format(out, ":%u", one->column));
		TRY(buf_append_text(out, ": "));
	}
	TRY(buf_append_format(out, "%s: ", severity_name(one->severity)));
	TRY(text_append_escaped(out, slice_text(one->text), TEXT_LIMIT));
	if (one->hint != NULL) {
		TRY(buf_append_text(out, "; "));
		TRY(text_append_escaped(out, slice_text(one->hint), TEXT_LIMIT));
	}
	TRY(buf_append_text(out, "\n"));
	return one->source != NULL ? append_source(one, out) : ERR_OK;
}

enum err diagnostics_render(const struct diagnostics *d, struct buf *out)
{
	for (const struct diagnostic *one = d->first; one != NULL; one = one->next)
		TRY(diagnostic_render(one, out));
	for (unsigned i = 0; i <= SEVERITY_ERROR; i++)
		if (d->counts[i] > DIAGNOSTICS_LIMIT)
			TRY(buf_append_format(out, "%s: and %zu more\n", severity_name(i),
			    d->counts[i] - DIAGNOSTICS_LIMIT));
	return d->is_incomplete ? ERR_NO_MEMORY : ERR_OK;
}
