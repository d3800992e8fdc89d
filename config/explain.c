#include "config/explain.h"

#include "config/json.h"
#include "config/types.h"
#include "sshd/base/auto.h"

#define VALUE_LIMIT (1u << 20)

static bool is_same_line(struct origin a, struct origin b)
{
	return a.line > 0 && a.file == b.file && a.line == b.line;
}

/* Whether an item of the keyword's array was written on that line. */
static bool has_item_of(
    const struct conf *conf, const struct keyword *keyword, struct origin origin)
{
	struct conf_array array;

	if (keyword->merge != MERGE_APPEND && keyword->merge != MERGE_BY_NAME)
		return false;
	memcpy(&array, (const char *)conf + keyword->offset, sizeof(array));
	for (size_t i = 0; i < array.count; i++)
		if (is_same_line(array.origins[i], origin))
			return true;
	return false;
}

enum line_fate explain_fate(
    const struct conf *conf, const struct match_facts *facts, const struct entry *entry)
{
	const struct keyword *keyword = entry->keyword;

	if (!entry_holds(conf_config(conf), entry, facts))
		return LINE_CONDITION;
	/* Each line of these sets what the earlier ones left open. */
	if (keyword->merge == MERGE_FILL)
		return LINE_HOLDS;
	if (is_same_line(conf->origins[keyword->id], entry->origin) ||
	    has_item_of(conf, keyword, entry->origin))
		return LINE_HOLDS;
	return LINE_SHADOWED;
}

static const char *const fates[] = {
    [LINE_HOLDS] = "holds",
    [LINE_SHADOWED] = "shadowed",
    [LINE_CONDITION] = "not for this connection",
};

static enum err append_entry(
    const struct conf *conf, const struct entry *entry, enum line_fate fate, struct buf *out)
{
	const struct config *config = conf_config(conf);

	TRY(buf_append_format(out, "    %s: ", fates[fate]));
	TRY(conf_origin_append(conf, entry->origin, out));
	TRY(buf_append_format(out, ": %s", entry->text));
	if (entry->scope != 0)
		TRY(buf_append_format(out, " (%s, line %u)", config->scopes[entry->scope].text,
		    config->scopes[entry->scope].origin.line));
	return buf_append_text(out, "\n");
}

enum err explain_keyword(
    const struct conf *conf, const struct match_facts *facts, enum keyword_id id, struct buf *out)
{
	const struct config *config = conf_config(conf);
	size_t start = buf_len(out);
	bool is_written = false;

	TRY(conf_dump_keyword(conf, id, out));
	if (buf_len(out) == start)
		TRY(buf_append_format(out, "%s is not set\n", keyword_of(id)->name));
	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];
		enum line_fate fate;

		if (entry->keyword->id != id)
			continue;
		fate = explain_fate(conf, facts, entry);
		is_written = is_written || fate == LINE_HOLDS;
		TRY(append_entry(conf, entry, fate, out));
	}
	return is_written ? ERR_OK : buf_append_text(out, "    holds: built-in default\n");
}

/* The printed values, without the keyword in front of each, as a JSON array. */
static enum err append_values(const struct conf *conf, enum keyword_id id, struct buf *out)
{
	AUTO(buf_wipe) struct buf dump = buf_empty(VALUE_LIMIT);
	size_t skip = strlen(keyword_of(id)->name) + 1;
	struct slice text, line;
	bool is_first = true;

	TRY(conf_dump_keyword(conf, id, &dump));
	text = buf_view(&dump);
	TRY(buf_append_text(out, ",\"values\":["));
	while (text_next_line(&text, &line)) {
		TRY(buf_append_text(out, is_first ? "" : ","));
		TRY(json_append_string(out, slice_after(line, skip)));
		is_first = false;
	}
	return buf_append_text(out, "]");
}

static enum err append_entry_json(
    const struct conf *conf, const struct entry *entry, enum line_fate fate, struct buf *out)
{
	static const char *const names[] = {"holds", "shadowed", "condition"};
	const struct config *config = conf_config(conf);

	TRY(buf_append_text(out, "{"));
	TRY(json_append_member(out, true, "fate", names[fate]));
	TRY(json_append_member(out, false, "file", config_file_name(config, entry->origin)));
	TRY(json_append_number(out, false, "line", entry->origin.line));
	TRY(json_append_number(out, false, "column", entry->origin.column));
	TRY(json_append_member(out, false, "text", entry->text));
	if (entry->scope != 0)
		TRY(json_append_member(out, false, "match", config->scopes[entry->scope].text));
	return buf_append_text(out, "}");
}

enum err explain_keyword_json(
    const struct conf *conf, const struct match_facts *facts, enum keyword_id id, struct buf *out)
{
	const struct config *config = conf_config(conf);
	bool is_first = true;

	TRY(buf_append_text(out, "{"));
	TRY(json_append_member(out, true, "keyword", keyword_of(id)->name));
	TRY(append_values(conf, id, out));
	TRY(json_append_flag(out, false, "default", conf->origins[id].line == 0));
	TRY(json_append_member(out, false, "summary", keyword_of(id)->summary));
	TRY(buf_append_text(out, ",\"lines\":["));
	for (size_t i = 0; i < config->entry_count; i++) {
		const struct entry *entry = &config->entries[i];

		if (entry->keyword->id != id)
			continue;
		TRY(buf_append_text(out, is_first ? "" : ","));
		TRY(append_entry_json(conf, entry, explain_fate(conf, facts, entry), out));
		is_first = false;
	}
	return buf_append_text(out, "]}");
}

/* ---- decisions ---- */

const char *explain_line(const struct conf *conf, struct origin origin)
{
	const struct config *config = conf_config(conf);

	for (size_t i = 0; i < config->entry_count; i++)
		if (is_same_line(config->entries[i].origin, origin))
			return config->entries[i].text;
	return NULL;
}

enum err explain_decision(const struct conf *conf, const struct decision *decision, struct buf *out)
{
	const char *line = explain_line(conf, decision->origin);

	TRY(buf_append_format(out, "%s: %s", decision->verdict == PERMIT ? "permitted" : "denied",
	    policy_reason_text(decision->reason)));
	if (line != NULL) {
		TRY(buf_append_text(out, " ("));
		TRY(conf_origin_append(conf, decision->origin, out));
		return buf_append_format(out, ": %s)", line);
	}
	if (decision->keyword < KEYWORD_COUNT)
		return buf_append_format(
		    out, " (%s, by default)", keyword_of(decision->keyword)->name);
	return ERR_OK;
}

enum err explain_decision_json(
    const struct conf *conf, const struct decision *decision, struct buf *out)
{
	const struct config *config = conf_config(conf);
	bool has_keyword = decision->keyword < KEYWORD_COUNT;

	TRY(buf_append_text(out, "{"));
	TRY(json_append_flag(out, true, "permitted", decision->verdict == PERMIT));
	TRY(json_append_member(out, false, "reason", policy_reason_name(decision->reason)));
	TRY(json_append_member(out, false, "text", policy_reason_text(decision->reason)));
	TRY(json_append_member(
	    out, false, "keyword", has_keyword ? keyword_of(decision->keyword)->name : NULL));
	TRY(json_append_member(out, false, "detail", decision->detail));
	TRY(json_append_member(out, false, "file", config_file_name(config, decision->origin)));
	TRY(json_append_number(out, false, "line", decision->origin.line));
	return buf_append_text(out, "}");
}
