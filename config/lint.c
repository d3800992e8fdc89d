#include "config/lint.h"

#include <stdlib.h>

#include "config/lint_checks.h"
#include "config/pattern.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define VALUE_LIMIT  65536u
#define WORK_LIMIT   20000000u /* blocks times entries */
#define SCOPES_LIMIT 10000u    /* beyond, blocks are not looked into */

#define DEFAULT PROFILE_DEFAULT
#define CIS     PROFILE_CIS
#define STIG    PROFILE_STIG
#define MOZILLA PROFILE_MOZILLA
#define AUDIT   PROFILE_AUDIT
#define EVERY   PROFILE_EVERY
#define RULE(id, severity, profiles, keyword, test, argument, reason, fix)                         \
	{id, SEVERITY_##severity, profiles, KEYWORD_##keyword, test, argument, reason, fix},
static const struct lint_rule rules[] = {
#include "config/lint_rules.def"
};
#undef RULE
#undef DEFAULT
#undef CIS
#undef STIG
#undef MOZILLA
#undef AUDIT
#undef EVERY

const struct lint_rule *lint_rules(size_t *count)
{
	*count = COUNT_OF(rules);
	return rules;
}

static const struct {
	const char *name;
	enum lint_profile profile;
} profiles[] = {
    {"default", PROFILE_DEFAULT},
    {"cis-l1", PROFILE_CIS},
    {"stig", PROFILE_STIG},
    {"mozilla", PROFILE_MOZILLA},
    {"ssh-audit", PROFILE_AUDIT},
};

bool lint_profile_parse(struct slice name, enum lint_profile *profile)
{
	for (size_t i = 0; i < COUNT_OF(profiles); i++) {
		if (!slice_is(name, profiles[i].name))
			continue;
		*profile = profiles[i].profile;
		return true;
	}
	return false;
}

const char *lint_profile_name(enum lint_profile profile)
{
	for (size_t i = 0; i < COUNT_OF(profiles); i++)
		if (profiles[i].profile == profile)
			return profiles[i].name;
	return "unknown";
}

void findings_wipe(struct findings *findings)
{
	arena_wipe(&findings->arena);
	*findings = (struct findings){0};
}

/* ---- telling ---- */

enum err lint_value(const struct conf *conf, enum keyword_id id, struct buf *out)
{
	AUTO(buf_wipe) struct buf dump = buf_empty(VALUE_LIMIT);
	size_t skip = strlen(keyword_of(id)->name) + 1;
	struct slice text, line;
	bool is_first = true;

	TRY(conf_dump_keyword(conf, id, &dump));
	text = buf_view(&dump);
	while (text_next_line(&text, &line)) {
		if (!is_first)
			TRY(buf_append_text(out, ", "));
		TRY(buf_append(out, slice_after(line, skip)));
		is_first = false;
	}
	return ERR_OK;
}

static const char *copy(struct findings *findings, const char *text)
{
	return text ? arena_text(&findings->arena, slice_text(text)) : NULL;
}

static void add(struct lint *lint, struct finding finding)
{
	struct findings *findings = lint->findings;
	struct finding *one = arena_alloc(&findings->arena, sizeof(*one));

	if (one == NULL) {
		lint->err = ERR_NO_MEMORY;
		return;
	}
	*one = finding;
	one->value = copy(findings, finding.value);
	one->detail = copy(findings, finding.detail);
	one->scope = copy(findings, finding.scope);
	findings->counts[finding.rule->severity]++;
	if (findings->last != NULL)
		findings->last->next = one;
	else
		findings->first = one;
	findings->last = one;
}

static const char *scope_text(const struct lint *lint, uint32_t scope)
{
	return scope != 0 ? lint->config->scopes[scope].text : NULL;
}

void lint_tell(struct lint *lint, const struct lint_rule *rule, const char *detail)
{
	AUTO(buf_wipe) struct buf value = buf_empty(VALUE_LIMIT);
	struct finding finding = {
	    .rule = rule, .detail = detail, .scope = scope_text(lint, lint->scope)};

	if (rule->keyword < KEYWORD_COUNT) {
		finding.origin = lint->conf->origins[rule->keyword];
		/* A value too long to show is left out. */
		if (lint_value(lint->conf, rule->keyword, &value) == ERR_OK &&
		    buf_c_string(&value, &finding.value) != ERR_OK)
			finding.value = NULL;
	}
	add(lint, finding);
}

void lint_tell_line(struct lint *lint, const struct lint_rule *rule, struct origin origin,
    struct origin shadowing, uint32_t scope, const char *detail)
{
	add(lint, (struct finding){.rule = rule,
	              .origin = origin,
	              .shadowing = shadowing,
	              .detail = detail,
	              .scope = scope_text(lint, scope)});
}

const struct entry *lint_first_line(const struct lint *lint, uint32_t scope, enum keyword_id id)
{
	uint32_t index =
	    scope < lint->first_scopes ? lint->first_lines[(size_t)scope * KEYWORD_COUNT + id] : 0;

	return index > 0 ? &lint->config->entries[index - 1] : NULL;
}

bool lint_sets(const struct lint *lint, enum keyword_id id)
{
	return lint_first_line(lint, lint->scope, id) != NULL;
}

/* One walk over the entries, so that no check needs to search them. */
static enum err index_first_lines(struct lint *lint)
{
	const struct config *config = lint->config;

	lint->first_scopes =
	    config->scope_count < SCOPES_LIMIT ? (uint32_t)config->scope_count : SCOPES_LIMIT;
	lint->first_lines =
	    calloc((size_t)lint->first_scopes * KEYWORD_COUNT, sizeof(*lint->first_lines));
	if (lint->first_lines == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];
		uint32_t *first;

		if (entry->scope >= lint->first_scopes)
			continue;
		first =
		    &lint->first_lines[(size_t)entry->scope * KEYWORD_COUNT + entry->keyword->id];
		if (*first == 0)
			*first = (uint32_t)i + 1;
	}
	return ERR_OK;
}

static void lint_wipe(struct lint *lint)
{
	free(lint->first_lines);
}

/* ---- tests of a value ---- */

/* The value of the rule's keyword; false: it cannot be shown, and nothing is said of it. */
static bool value_of(struct lint *lint, const struct lint_rule *rule, struct buf *value)
{
	return lint_value(lint->conf, rule->keyword, value) == ERR_OK;
}

LINT_TEST(one_of)
{
	AUTO(buf_wipe) struct buf value = buf_empty(VALUE_LIMIT);
	const char *choice = rule->argument;

	if (!value_of(lint, rule, &value))
		return;
	for (;;) {
		size_t len = strcspn(choice, "|");

		if (slice_equal(buf_view(&value), slice_over(choice, len)))
			return;
		if (choice[len] == 0)
			break;
		choice += len + 1;
	}
	lint_tell(lint, rule, NULL);
}

LINT_TEST(between)
{
	AUTO(buf_wipe) struct buf value = buf_empty(VALUE_LIMIT);
	size_t len = strcspn(rule->argument, "-");
	uint64_t low, high, number;

	if (!value_of(lint, rule, &value))
		return;
	if (text_parse_u64(slice_over(rule->argument, len), UINT64_MAX, &low) != ERR_OK ||
	    text_parse_u64(slice_text(rule->argument + len + 1), UINT64_MAX, &high) != ERR_OK ||
	    text_parse_u64(buf_view(&value), UINT64_MAX, &number) != ERR_OK)
		return;
	if (number < low || number > high)
		lint_tell(lint, rule, NULL);
}

static void tell_element(struct lint *lint, const struct lint_rule *rule, struct slice element)
{
	lint_tell(lint, rule, arena_text(&lint->findings->arena, element));
}

/* The first element that matches the patterns, or, `wanted` false, that does not. */
static void test_elements(struct lint *lint, const struct lint_rule *rule, bool wanted)
{
	AUTO(buf_wipe) struct buf value = buf_empty(VALUE_LIMIT);
	struct slice list, element, patterns = slice_text(rule->argument);

	if (!value_of(lint, rule, &value))
		return;
	list = buf_view(&value);
	while (list_next(&list, &element)) {
		if ((pattern_list_match(element, patterns, false) == MATCH_YES) == wanted)
			continue;
		tell_element(lint, rule, element);
		return;
	}
}

LINT_TEST(none_of)
{
	test_elements(lint, rule, false);
}

LINT_TEST(only)
{
	test_elements(lint, rule, true);
}

LINT_TEST(first_is)
{
	AUTO(buf_wipe) struct buf value = buf_empty(VALUE_LIMIT);
	struct slice list, element;

	if (!value_of(lint, rule, &value))
		return;
	list = buf_view(&value);
	if (list_next(&list, &element) &&
	    pattern_list_match(element, slice_text(rule->argument), false) != MATCH_YES)
		tell_element(lint, rule, element);
}

/* ---- running ---- */

static void run_rules(struct lint *lint, enum lint_profile profile)
{
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const struct lint_rule *rule = &rules[i];

		if ((rule->profiles & profile) == 0)
			continue;
		/* In a block only what the block says itself is looked at. */
		if (lint->scope != 0 &&
		    (rule->keyword >= KEYWORD_COUNT || !lint_sets(lint, rule->keyword)))
			continue;
		rule->test(lint, rule);
	}
}

static enum err run_block(struct lint *lint, uint32_t scope, enum lint_profile profile)
{
	AUTO(conf_release) struct conf *conf = NULL;

	TRY(conf_resolve_scope(lint->config, scope, &conf));
	lint->conf = conf;
	lint->scope = scope;
	run_rules(lint, profile);
	lint->conf = NULL;
	return lint->err;
}

enum err lint_run(struct config *config, const struct lint_world *world, enum lint_profile profile,
    struct findings *findings)
{
	AUTO(lint_wipe) struct lint lint = {.config = config, .world = world, .findings = findings};
	AUTO(conf_release) struct conf *conf = NULL;
	size_t work = 0;

	TRY(index_first_lines(&lint));
	TRY(conf_resolve(config, NULL, &conf, NULL));
	lint.conf = conf;
	run_rules(&lint, profile);
	for (uint32_t scope = 1; scope < lint.first_scopes && lint.err == ERR_OK; scope++) {
		work += config->entry_count + 1;
		if (work > WORK_LIMIT)
			break;
		if (!config->scopes[scope].is_static)
			TRY(run_block(&lint, scope, profile));
	}
	return lint.err;
}
