#include "config/ctl/report.h"

#include "config/json.h"
#include "sshd/base/auto.h"
#include "sshd/base/text.h"

#define SHOWN_LIMIT 400u

size_t report_count(const struct report *report, enum severity severity)
{
	return report->diagnostics->counts[severity] + report->findings->counts[severity];
}

/* ---- for people ---- */

static const char *const colours[] = {
    [SEVERITY_NOTE] = "\033[36m",
    [SEVERITY_WARNING] = "\033[33m",
    [SEVERITY_ERROR] = "\033[31m",
};

static enum err append_severity(
    const struct report *report, enum severity severity, struct buf *out)
{
	if (report->is_coloured)
		return buf_append_format(
		    out, "%s%s\033[0m", colours[severity], severity_name(severity));
	return buf_append_text(out, severity_name(severity));
}

static enum err append_place(const struct report *report, struct origin origin, struct buf *out)
{
	const char *file = config_file_name(report->config, origin);

	if (file == NULL)
		return ERR_OK;
	TRY(text_append_escaped(out, slice_text(file), 4096));
	return buf_append_format(out, ":%u", origin.line);
}

static enum err append_labelled(struct buf *out, const char *label, const char *text)
{
	if (text == NULL || *text == 0)
		return ERR_OK;
	TRY(buf_append_format(out, "    %s: ", label));
	TRY(text_append_escaped(out, slice_text(text), SHOWN_LIMIT));
	return buf_append_text(out, "\n");
}

static enum err append_finding(
    const struct report *report, const struct finding *one, struct buf *out)
{
	if (one->origin.line > 0) {
		TRY(append_place(report, one->origin, out));
		TRY(buf_append_text(out, ": "));
	}
	TRY(append_severity(report, one->rule->severity, out));
	TRY(buf_append_format(out, ": %s [%s]\n", one->rule->reason, one->rule->id));
	if (one->rule->keyword < KEYWORD_COUNT && one->value != NULL) {
		TRY(buf_append_format(out, "    %s: ", keyword_of(one->rule->keyword)->name));
		TRY(text_append_escaped(out, slice_text(one->value), SHOWN_LIMIT));
		TRY(buf_append_text(out, one->origin.line > 0 ? "\n" : " (default)\n"));
	}
	TRY(append_labelled(out, "about", one->detail));
	TRY(append_labelled(out, "where", one->scope));
	if (one->shadowing.line > 0) {
		TRY(buf_append_text(out, "    see: "));
		TRY(append_place(report, one->shadowing, out));
		TRY(buf_append_text(out, "\n"));
	}
	return append_labelled(out, "fix", one->rule->fix);
}

enum err report_text(const struct report *report, struct buf *out)
{
	TRY(diagnostics_render(report->diagnostics, out));
	for (const struct finding *one = report->findings->first; one != NULL; one = one->next)
		TRY(append_finding(report, one, out));
	return buf_append_format(out, "%zu errors, %zu warnings, %zu notes\n",
	    report_count(report, SEVERITY_ERROR), report_count(report, SEVERITY_WARNING),
	    report_count(report, SEVERITY_NOTE));
}

/* ---- JSON ---- */

static enum err append_profiles(unsigned profiles, struct buf *out)
{
	bool is_first = true;

	TRY(buf_append_text(out, ",\"profiles\":["));
	for (unsigned bit = 1; bit <= PROFILE_EVERY; bit <<= 1) {
		if ((profiles & bit) == 0)
			continue;
		TRY(buf_append_format(out, "%s\"%s\"", is_first ? "" : ",",
		    lint_profile_name((enum lint_profile)bit)));
		is_first = false;
	}
	return buf_append_text(out, "]");
}

static enum err diagnostic_json(const struct diagnostic *one, struct buf *out)
{
	TRY(buf_append_text(out, "{"));
	TRY(json_append_member(out, true, "id", "configuration"));
	TRY(json_append_member(out, false, "severity", severity_name(one->severity)));
	TRY(json_append_member(out, false, "file", one->file));
	TRY(json_append_number(out, false, "line", one->line));
	TRY(json_append_number(out, false, "column", one->column));
	TRY(json_append_member(out, false, "reason", one->text));
	TRY(json_append_member(out, false, "fix", one->hint));
	return buf_append_text(out, "}");
}

static enum err finding_json(
    const struct report *report, const struct finding *one, struct buf *out)
{
	const struct lint_rule *rule = one->rule;
	bool has_keyword = rule->keyword < KEYWORD_COUNT;

	TRY(buf_append_text(out, "{"));
	TRY(json_append_member(out, true, "id", rule->id));
	TRY(json_append_member(out, false, "severity", severity_name(rule->severity)));
	TRY(json_append_member(out, false, "file", config_file_name(report->config, one->origin)));
	TRY(json_append_number(out, false, "line", one->origin.line));
	TRY(json_append_number(out, false, "column", one->origin.column));
	TRY(json_append_member(
	    out, false, "shadowing_file", config_file_name(report->config, one->shadowing)));
	TRY(json_append_number(out, false, "shadowing_line", one->shadowing.line));
	TRY(json_append_member(
	    out, false, "keyword", has_keyword ? keyword_of(rule->keyword)->name : NULL));
	TRY(json_append_member(out, false, "value", one->value));
	TRY(json_append_member(out, false, "detail", one->detail));
	TRY(json_append_member(out, false, "scope", one->scope ? one->scope : "global"));
	TRY(json_append_member(out, false, "reason", rule->reason));
	TRY(json_append_member(out, false, "fix", rule->fix));
	TRY(append_profiles(rule->profiles, out));
	return buf_append_text(out, "}");
}

enum err report_json(const struct report *report, struct buf *out)
{
	const char *between = "\n";

	TRY(buf_append_text(out, "{\"findings\":["));
	for (const struct diagnostic *one = report->diagnostics->first; one; one = one->next) {
		TRY(buf_append_text(out, between));
		TRY(diagnostic_json(one, out));
		between = ",\n";
	}
	for (const struct finding *one = report->findings->first; one; one = one->next) {
		TRY(buf_append_text(out, between));
		TRY(finding_json(report, one, out));
		between = ",\n";
	}
	return buf_append_format(out, "\n],\"errors\":%zu,\"warnings\":%zu,\"notes\":%zu}\n",
	    report_count(report, SEVERITY_ERROR), report_count(report, SEVERITY_WARNING),
	    report_count(report, SEVERITY_NOTE));
}

/* ---- SARIF ---- */

static enum err sarif_location(const char *file, uint32_t line, uint32_t column, struct buf *out)
{
	if (file == NULL)
		return ERR_OK;
	TRY(buf_append_text(out, ",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{"));
	TRY(json_append_member(out, true, "uri", file));
	TRY(buf_append_text(out, "}"));
	if (line > 0) {
		TRY(buf_append_text(out, ",\"region\":{"));
		TRY(json_append_number(out, true, "startLine", line));
		TRY(json_append_number(out, false, "startColumn", column > 0 ? column : 1));
		TRY(buf_append_text(out, "}"));
	}
	return buf_append_text(out, "}}]");
}

static enum err sarif_result(
    const char *rule, enum severity severity, const char *text, const char *detail, struct buf *out)
{
	AUTO(buf_wipe) struct buf message = buf_empty(65536);

	TRY(buf_append_text(&message, text));
	if (detail != NULL)
		TRY(buf_append_format(&message, ": %s", detail));
	TRY(buf_append_text(out, "{"));
	TRY(json_append_member(out, true, "ruleId", rule));
	TRY(json_append_member(out, false, "level", severity_name(severity)));
	TRY(buf_append_text(out, ",\"message\":{\"text\":"));
	TRY(json_append_string(out, buf_view(&message)));
	return buf_append_text(out, "}");
}

/* A row for each name; of names that stand twice, for different profiles, the first. */
static enum err sarif_rules(struct buf *out)
{
	size_t count;
	const struct lint_rule *rules = lint_rules(&count);

	TRY(buf_append_text(out, "{\"id\":\"configuration\"}"));
	for (size_t i = 0; i < count; i++) {
		bool is_known = false;

		for (size_t k = 0; k < i; k++)
			is_known = is_known || strcmp(rules[i].id, rules[k].id) == 0;
		if (is_known)
			continue;
		TRY(buf_append_text(out, ",\n{"));
		TRY(json_append_member(out, true, "id", rules[i].id));
		TRY(buf_append_text(out, ",\"shortDescription\":{"));
		TRY(json_append_member(out, true, "text", rules[i].reason));
		TRY(buf_append_text(out, "},\"help\":{"));
		TRY(json_append_member(out, true, "text", rules[i].fix));
		TRY(buf_append_text(out, "}}"));
	}
	return ERR_OK;
}

enum err report_sarif(const struct report *report, struct buf *out)
{
	const char *between = "\n";

	TRY(buf_append_text(out,
	    "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
	    "\"runs\":[{\"tool\":{\"driver\":{\"name\":\"sshdctl\",\"rules\":["));
	TRY(sarif_rules(out));
	TRY(buf_append_text(out, "]}},\"results\":["));
	for (const struct diagnostic *one = report->diagnostics->first; one; one = one->next) {
		TRY(buf_append_text(out, between));
		TRY(sarif_result("configuration", one->severity, one->text, one->hint, out));
		TRY(sarif_location(one->file, one->line, one->column, out));
		TRY(buf_append_text(out, "}"));
		between = ",\n";
	}
	for (const struct finding *one = report->findings->first; one; one = one->next) {
		TRY(buf_append_text(out, between));
		TRY(sarif_result(one->rule->id, one->rule->severity, one->rule->reason,
		    one->detail ? one->detail : one->value, out));
		TRY(sarif_location(config_file_name(report->config, one->origin), one->origin.line,
		    one->origin.column, out));
		TRY(buf_append_text(out, "}"));
		between = ",\n";
	}
	return buf_append_text(out, "\n]}]}\n");
}
