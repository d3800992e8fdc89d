#include "sshd/connection/timeouts.h"

#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define LOOKS_PER_TIMEOUT 8u /* how late an end may be: an eighth of the timeout */

static enum err row_parse(struct slice pair, struct timeouts *out)
{
	const uint8_t *equals = pair.len > 0 ? memchr(pair.ptr, '=', pair.len) : NULL;
	struct slice type;
	uint64_t seconds;

	if (equals == NULL || equals == pair.ptr)
		return ERR_MALFORMED;
	type = slice_first(pair, (size_t)(equals - pair.ptr));
	if (text_parse_u64(slice_after(pair, type.len + 1), UINT32_MAX, &seconds) != ERR_OK)
		return ERR_MALFORMED;
	if (slice_is(type, "global")) {
		out->global_ms = seconds * 1000;
		return ERR_OK;
	}
	if (out->count == TIMEOUT_ROWS_LIMIT)
		return ERR_LIMIT;
	out->rows[out->count++] = (struct timeout_row){type, seconds * 1000};
	if (seconds > 0 && (out->shortest_ms == 0 || seconds * 1000 < out->shortest_ms))
		out->shortest_ms = seconds * 1000;
	return ERR_OK;
}

static enum err rows_parse(struct timeouts *out)
{
	struct slice left = buf_view(&out->text);

	while (left.len > 0) {
		const uint8_t *blank = memchr(left.ptr, ' ', left.len);
		struct slice pair =
		    blank == NULL ? left : slice_first(left, (size_t)(blank - left.ptr));

		TRY(row_parse(pair, out));
		left = slice_after(left, pair.len + 1);
	}
	return ERR_OK;
}

enum err timeouts_parse(struct slice text, struct timeouts *out)
{
	AUTO(timeouts_wipe) struct timeouts timeouts = {.text = buf_empty(TIMEOUT_TEXT_LIMIT)};

	TRY(buf_append(&timeouts.text, text));
	TRY(rows_parse(&timeouts));
	*out = timeouts;
	timeouts.text = buf_empty(0);
	return ERR_OK;
}

void timeouts_wipe(struct timeouts *timeouts)
{
	buf_wipe(&timeouts->text);
	timeouts->count = 0;
}

uint64_t timeouts_find(const struct timeouts *timeouts, struct slice type, struct slice finer)
{
	for (size_t i = 0; i < timeouts->count; i++) {
		const struct timeout_row *row = &timeouts->rows[i];

		if (text_matches_pattern(type, row->pattern) ||
		    (finer.len > 0 && text_matches_pattern(finer, row->pattern)))
			return row->after_ms;
	}
	return 0;
}

static uint64_t look_after(uint64_t now_ms, uint64_t after_ms)
{
	return now_ms + after_ms / LOOKS_PER_TIMEOUT + 1;
}

void timeouts_next_look(const struct timeouts *timeouts, uint64_t now_ms, uint64_t *next_ms)
{
	uint64_t look = look_after(now_ms, timeouts->shortest_ms);

	if (timeouts->shortest_ms > 0 && look < *next_ms)
		*next_ms = look;
}

bool idle_watch_look(
    struct idle_watch *watch, bool was_used, uint64_t after_ms, uint64_t now_ms, uint64_t *next_ms)
{
	uint64_t end, look;

	if (was_used || !watch->is_begun) {
		watch->is_begun = true;
		watch->since_ms = now_ms;
	}
	if (after_ms == 0)
		return false;
	end = watch->since_ms + after_ms;
	if (now_ms >= end)
		return true;
	look = look_after(now_ms, after_ms);
	if (look > end)
		look = end;
	if (look < *next_ms)
		*next_ms = look;
	return false;
}
