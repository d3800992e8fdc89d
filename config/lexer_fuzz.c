/* Any line: words stay inside it, and what word_append prints reads back as the same word. */
#include <assert.h>

#include "config/lexer.h"
#include "sshd/base/auto.h"
#include "sshd/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_word(struct slice word)
{
	AUTO(buf_wipe) struct buf text = buf_empty(1u << 24);
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};

	if (buf_append_text(&text, "k ") != ERR_OK || word_append(&text, word) != ERR_OK)
		return;
	assert(line_split(buf_view(&text), &arena, &line) == ERR_OK);
	assert(line.count == 1 && slice_equal(line.words[0].text, word));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};
	struct slice text = slice_over(data, size), source;

	while (text_next_line(&text, &source)) {
		enum err err = line_split(source, &arena, &line);

		assert(err == ERR_OK || err == ERR_MALFORMED);
		if (err == ERR_MALFORMED) {
			assert(line.fault_column >= 1 && line.fault_column <= source.len);
			continue;
		}
		for (size_t i = 0; i < line.count; i++) {
			assert(line.words[i].column + line.words[i].width <= source.len + 1);
			assert(line.words[i].text.len <= line.words[i].width);
			check_word(line.words[i].text);
		}
	}
	return 0;
}
