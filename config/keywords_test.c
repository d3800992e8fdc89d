#include "config/keywords.h"

#include <stdio.h>

#include "config/resolve.h"
#include "config/test_conf.h"
#include "config/types.h"

static const struct {
	const char *why, *word, *expect;
} near[] = {
    /* clang-format off */
    {"too far from everything", "Foo", NULL},
    {"a word too short to guess from", "X", NULL},
    {"a letter changed", "MaxAuthTrys", "MaxAuthTries"},
    {"case does not count", "permitrootlogn", "PermitRootLogin"},
    {"an alias is suggested too", "ChallengeResponseAuthenticaton", "ChallengeResponseAuthentication"},
    /* clang-format on */
};

START_TEST(name_suggest_finds_typos)
{
	const char *got = name_suggest(slice_text(near[_i].word));

	if (near[_i].expect == NULL)
		ck_assert_msg(got == NULL, "%s: got %s", near[_i].why, got);
	else
		ck_assert_msg(got != NULL && strcmp(got, near[_i].expect) == 0, "%s: got %s",
		    near[_i].why, got ? got : "nothing");
}
END_TEST

START_TEST(names_are_unique)
{
	size_t count;
	const struct name_row *rows = name_rows(&count);

	for (size_t i = 0; i < count; i++)
		ck_assert_msg(name_find(slice_text(rows[i].name)) == &rows[i],
		    "%s stands twice in keywords.def", rows[i].name);
}
END_TEST

START_TEST(names_are_found_in_any_case)
{
	const struct name_row *row = name_find(LITERAL("chaLLengeRESPONSEauthentication"));

	ck_assert_ptr_nonnull(row);
	ck_assert_int_eq(row->kind, NAME_KEYWORD);
	ck_assert_int_eq(row->keyword->id, KEYWORD_KbdInteractiveAuthentication);
	ck_assert(row->is_alias);
	ck_assert_ptr_null(name_find(LITERAL("Por")));
	ck_assert_ptr_null(name_find(LITERAL("")));
}
END_TEST

/* The settings of a configuration without a line. */
static struct conf *defaults(struct diagnostics *d)
{
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	AUTO(config_release) struct config *config = NULL;
	struct conf *conf = NULL;

	ck_assert_int_eq(snapshot_of_text("empty", LITERAL(""), NULL, 0, &snapshot), ERR_OK);
	ck_assert_int_eq(config_parse(snapshot, &config, d), ERR_OK);
	ck_assert_int_eq(conf_resolve(config, NULL, &conf, d), ERR_OK);
	return conf;
}

START_TEST(defaults_parse_without_a_word)
{
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(conf_release) struct conf *conf = defaults(&d);

	ck_assert_ptr_null(d.first);
	for (unsigned id = 0; id < KEYWORD_COUNT; id++)
		ck_assert_uint_eq(conf->origins[id].line, 0);
}
END_TEST

/* What stands in the table could stand in a file, and means the same there. */
START_TEST(defaults_could_be_written)
{
	const struct keyword *keyword = keyword_of((enum keyword_id)_i);
	AUTO(diagnostics_wipe) struct diagnostics d = {0};
	AUTO(conf_release) struct conf *expected = defaults(&d);
	AUTO(conf_release) struct conf *conf = NULL;
	AUTO(buf_wipe)
	struct buf text = buf_empty(65536),
	           first = buf_empty(65536), second = buf_empty(65536);
	const char *line;

	/* HostKey names one file a line, and some keywords are at home elsewhere. */
	if (keyword->default_value == NULL || keyword_is_ours(keyword) ||
	    keyword->id == KEYWORD_HostKey)
		return;
	ck_assert_int_eq(
	    buf_append_format(&text, "%s %s\n", keyword->name, keyword->default_value), ERR_OK);
	ck_assert_int_eq(buf_c_string(&text, &line), ERR_OK);
	conf = conf_from(line, NULL);
	ck_assert_uint_eq(conf->origins[keyword->id].line, 1);
	ck_assert_int_eq(conf_dump_keyword(expected, keyword->id, &first), ERR_OK);
	ck_assert_int_eq(conf_dump_keyword(conf, keyword->id, &second), ERR_OK);
	ck_assert_msg(slice_equal(buf_view(&first), buf_view(&second)), "%s: %.*s", line,
	    (int)buf_len(&second), (const char *)buf_view(&second).ptr);
}
END_TEST

START_TEST(pending_keywords_are_counted)
{
	unsigned pending = 0, off = 0, foreign = 0;

	for (unsigned id = 0; id < KEYWORD_COUNT; id++) {
		pending += keyword_of(id)->state == STATE_PENDING;
		off += keyword_of(id)->state == STATE_OFF;
		foreign += keyword_of(id)->state == STATE_FOREIGN;
		ck_assert_msg(
		    keyword_of(id)->summary[0] != 0, "%s has no summary", keyword_of(id)->name);
	}
	printf("keywords: %d; accepted, no effect yet: %u; of build options that are off: %u; "
	       "of OpenSSH's own: %u\n",
	    (int)KEYWORD_COUNT, pending, off, foreign);
}
END_TEST

SUITE("keywords", LOOP_TEST(name_suggest_finds_typos, COUNT_OF(near)), TEST(names_are_unique),
    TEST(names_are_found_in_any_case), TEST(defaults_parse_without_a_word),
    LOOP_TEST(defaults_could_be_written, KEYWORD_COUNT), TEST(pending_keywords_are_counted))
