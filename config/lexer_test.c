#include "config/lexer.h"

#include "sshd/base/buf.h"
#include "tests/support/suite.h"

static const struct {
	const char *why, *source;
	enum err expect;
	const char *name;
	const char *words; /* joined by | */
} cases[] = {
    /* clang-format off */
    {"double quote is not closed", "Banner \"a", ERR_MALFORMED, NULL, NULL},
    {"single quote is not closed", "Banner 'a\"", ERR_MALFORMED, NULL, NULL},
    {"an escaped quote closes nothing", "Banner \"a\\\"", ERR_MALFORMED, NULL, NULL},
    {"blank line", " \t\r", ERR_OK, "", ""},
    {"comment", "  # Port 22", ERR_OK, "", ""},
    {"keyword alone", "Port", ERR_OK, "Port", ""},
    {"blanks", "\t Port   22 \t", ERR_OK, "Port", "22"},
    {"equals", "Port=22", ERR_OK, "Port", "22"},
    {"equals among blanks", "Port = 22", ERR_OK, "Port", "22"},
    {"only one equals is skipped", "Port == 22", ERR_OK, "Port", "=|22"},
    {"carriage return and form feed at the end", "Port 22\r\f\r", ERR_OK, "Port", "22"},
    {"trailing comment", "AllowUsers a b # c d", ERR_OK, "AllowUsers", "a|b"},
    {"# within a word is no comment", "AllowUsers a#b", ERR_OK, "AllowUsers", "a#b"},
    {"# in quotes is no comment", "AllowUsers \"#a\"", ERR_OK, "AllowUsers", "#a"},
    {"quotes join", "SetEnv A=\"b c\"'d e'", ERR_OK, "SetEnv", "A=b cd e"},
    {"empty quotes are a word", "Banner \"\" x", ERR_OK, "Banner", "|x"},
    {"escaped blank", "Banner /a\\ b", ERR_OK, "Banner", "/a b"},
    {"escaped quote", "Banner \"a\\\"b\"", ERR_OK, "Banner", "a\"b"},
    {"escaped backslash", "Banner a\\\\b", ERR_OK, "Banner", "a\\b"},
    {"other backslashes stay", "Banner a\\nb", ERR_OK, "Banner", "a\\nb"},
    {"an escaped blank in quotes keeps the backslash", "Banner \"a\\ b\"", ERR_OK, "Banner", "a\\ b"},
    {"backslash at the end", "Banner a\\", ERR_OK, "Banner", "a\\"},
    {"a quote ends the keyword", "Banner\"x\"", ERR_OK, "Banner", "x"},
    /* clang-format on */
};

static void join(const struct line *line, struct buf *out)
{
	for (size_t i = 0; i < line->count; i++) {
		if (i > 0)
			ck_assert_int_eq(buf_append_text(out, "|"), ERR_OK);
		ck_assert_int_eq(buf_append(out, line->words[i].text), ERR_OK);
	}
}

START_TEST(lines_split)
{
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};
	AUTO(buf_wipe) struct buf joined = buf_empty(1024);
	enum err got = line_split(slice_text(cases[_i].source), &arena, &line);

	ck_assert_msg(got == cases[_i].expect, "%s: got %s", cases[_i].why, err_name(got));
	if (got != ERR_OK)
		return;
	join(&line, &joined);
	ck_assert_msg(slice_is(line.name, cases[_i].name), "%s: keyword %.*s", cases[_i].why,
	    (int)line.name.len, (const char *)line.name.ptr);
	ck_assert_msg(slice_is(buf_view(&joined), cases[_i].words), "%s: words %.*s", cases[_i].why,
	    (int)buf_len(&joined), (const char *)buf_view(&joined).ptr);
}
END_TEST

START_TEST(columns_point_at_words)
{
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};

	ck_assert_int_eq(line_split(LITERAL("  Banner \t= \"a b\" c"), &arena, &line), ERR_OK);
	ck_assert_uint_eq(line.name_column, 3);
	ck_assert_uint_eq(line.rest_column, 13);
	ck_assert_uint_eq(line.words[0].column, 13);
	ck_assert_uint_eq(line.words[0].width, 5);
	ck_assert_uint_eq(line.words[1].column, 19);
	ck_assert_int_eq(line_split(LITERAL("Banner a \"b"), &arena, &line), ERR_MALFORMED);
	ck_assert_uint_eq(line.fault_column, 10);
}
END_TEST

START_TEST(the_rest_keeps_quotes_and_comments)
{
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};

	ck_assert_int_eq(
	    line_split(LITERAL("ForceCommand echo \"a\" # b "), &arena, &line), ERR_OK);
	ck_assert(slice_is(line.rest, "echo \"a\" # b"));
}
END_TEST

START_TEST(lines_end_at_newlines)
{
	struct slice text = LITERAL("a\n\nb"), line;

	ck_assert(text_next_line(&text, &line));
	ck_assert(slice_is(line, "a"));
	ck_assert(text_next_line(&text, &line));
	ck_assert_uint_eq(line.len, 0);
	ck_assert(text_next_line(&text, &line));
	ck_assert(slice_is(line, "b"));
	ck_assert(!text_next_line(&text, &line));
}
END_TEST

static const char *const words[] = {
    "plain", "", "#x", "a b", "a\"b", "a'b", "back\\slash", "tab\t", "a#b"};

START_TEST(words_survive_printing)
{
	AUTO(buf_wipe) struct buf text = buf_empty(1024);
	AUTO(arena_wipe) struct arena arena = {0};
	AUTO(line_wipe) struct line line = {0};

	ck_assert_int_eq(buf_append_text(&text, "Banner "), ERR_OK);
	ck_assert_int_eq(word_append(&text, slice_text(words[_i])), ERR_OK);
	ck_assert_int_eq(line_split(buf_view(&text), &arena, &line), ERR_OK);
	ck_assert_uint_eq(line.count, 1);
	ck_assert_msg(slice_is(line.words[0].text, words[_i]), "%s came back as %.*s", words[_i],
	    (int)line.words[0].text.len, (const char *)line.words[0].text.ptr);
}
END_TEST

SUITE("lexer", LOOP_TEST(lines_split, COUNT_OF(cases)), TEST(columns_point_at_words),
    TEST(the_rest_keeps_quotes_and_comments), TEST(lines_end_at_newlines),
    LOOP_TEST(words_survive_printing, COUNT_OF(words)))
