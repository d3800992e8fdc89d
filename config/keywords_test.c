#include "config/keywords.h"

#include <stdio.h>

#include "config/resolve.h"
#include "config/types.h"
#include "tests/support/suite.h"

static const struct {
	const char *why, *word, *expect;
} near[] = {
    {"too far from everything", "Foo", NULL},
    {"a word too short to guess from", "X", NULL},
    {"a letter changed", "MaxAuthTrys", "MaxAuthTries"},
    {"case does not count", "permitrootlogn", "PermitRootLogin"},
    {"an alias is suggested too", "ChallengeResponseAuthenticaton", "ChallengeResponseAuthentication"},
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

START_TEST(pending_keywords_are_counted)
{
	unsigned pending = 0, off = 0;

	for (unsigned id = 0; id < KEYWORD_COUNT; id++) {
		pending += keyword_of(id)->state == STATE_PENDING;
		off += keyword_of(id)->state == STATE_OFF;
		ck_assert_msg(keyword_of(id)->summary[0] != 0, "%s has no summary",
		    keyword_of(id)->name);
	}
	printf("keywords: %d; accepted, no effect yet: %u; of build options that are off: %u\n",
	    (int)KEYWORD_COUNT, pending, off);
}
END_TEST

SUITE("keywords", LOOP_TEST(name_suggest_finds_typos, COUNT_OF(near)), TEST(names_are_unique),
    TEST(names_are_found_in_any_case), TEST(defaults_parse_without_a_word),
    TEST(pending_keywords_are_counted))
