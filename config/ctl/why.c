/* sshdctl why: whether a login could succeed, and if not, what stops it. */
#include "config/ctl/why.h"

#include <stdio.h>

#include "config/ctl/verbs.h"
#include "config/explain.h"
#include "config/json.h"
#include "config/pattern.h"
#include "sshd/base/auto.h"

#define OUTPUT_LIMIT (1u << 20)

static struct policy_facts policy_facts_of(const struct why *why)
{
	return (struct policy_facts){
	    .connection = why->facts,
	    .exists = why->account.exists,
	    .is_root = why->account.exists && why->account.uid == 0,
	    .is_locked = why->account.is_locked,
	    .shell = why->account.shell,
	    .shell_state = why->account.shell_state,
	};
}

/* Tells the decision. False: it denies. */
static bool ask(
    struct why *why, const char *what, struct policy_question question, enum outcome when_denied)
{
	AUTO(buf_wipe) struct buf text = buf_empty(65536);
	struct policy_facts facts = policy_facts_of(why);
	struct decision decision = policy_decide(why->conf, &facts, &question);
	const char *told = "";

	if (explain_decision(why->conf, &decision, &text) == ERR_OK)
		IGNORE(buf_c_string(&text, &told)); /* "" where it holds a zero byte */
	why_step(
	    why, decision.verdict == PERMIT ? STEP_OK : when_denied, NULL, "%s: %s", what, told);
	return decision.verdict == PERMIT;
}

/* Which methods could succeed, as bits; keys are looked for, secrets nobody can try here. */
static unsigned possible_methods(struct why *why)
{
	unsigned possible = 0;

	for (unsigned method = BY_PUBLICKEY; method < BY_COUNT; method++) {
		struct policy_question question = {
		    .ask = ASK_METHOD, .method = (enum policy_method)method};
		struct decision setting = policy_method_setting(why->conf, question.method, false);

		/* What is off by default is no news. */
		if (setting.verdict != PERMIT && setting.origin.line == 0)
			continue;
		if (why->is_wary && why->account.has_no_password &&
		    (method == BY_PASSWORD || method == BY_KEYBOARD_INTERACTIVE)) {
			why_step(why, STEP_INFO, NULL, "%s: the account has no password",
			    policy_method_name(question.method));
			continue;
		}
		if (method == BY_PUBLICKEY && setting.verdict == PERMIT && !why_public_key(why))
			continue;
		question.has_forced_command = why->is_command_forced;
		if (ask(why, policy_method_name(question.method), question, STEP_INFO))
			possible |= 1u << method;
	}
	return possible;
}

static bool is_one_time(struct slice factor)
{
	return factor.len > 4 && slice_is(slice_after(factor, factor.len - 4), ":otp");
}

/* Whether each method of a list is among the possible ones. */
static bool can_complete(const struct why *why, unsigned possible, struct slice list)
{
	struct slice one;

	while (list_next(&list, &one)) {
		bool is_possible = false;

		for (unsigned method = 0; method < BY_COUNT; method++)
			if (slice_starts(one, policy_method_name(method)))
				is_possible = is_possible || (possible & 1u << method) != 0;
		/* Only the user can know his codes. */
		if (is_one_time(one) && why->conf->kbd_interactive_authentication)
			is_possible = true;
		if (!is_possible)
			return false;
	}
	return true;
}

static bool can_finish(struct why *why, unsigned possible)
{
	const struct conf_texts *lists = &why->conf->authentication_methods;

	for (size_t i = 0; i < lists->count; i++) {
		const char *list = lists->items[i];

		if (why->has_key && strstr(list, "publickey") == NULL)
			continue;
		if (can_complete(why, possible, slice_text(list))) {
			why_step(
			    why, STEP_OK, NULL, "AuthenticationMethods: %s can be completed", list);
			return true;
		}
	}
	if (lists->count > 0) {
		why_step(why, STEP_FAILS, NULL, "AuthenticationMethods: no list can be completed");
		return false;
	}
	if (why->has_key)
		possible &= 1u << BY_PUBLICKEY;
	if (possible == 0)
		why_step(why, STEP_FAILS, NULL,
		    why->has_key ? "the key does not log in" : "no method can log in");
	return possible != 0;
}

static bool decide(struct why *why, const struct arguments *arguments)
{
	unsigned possible;

	if (!why->account.exists)
		return false;
	if (arguments->key != NULL && !why_read_key(why, arguments->key))
		return false;
	if (!ask(why, "connection", (struct policy_question){.ask = ASK_CONNECTION}, STEP_FAILS) ||
	    !ask(why, "account", (struct policy_question){.ask = ASK_ACCOUNT}, STEP_FAILS))
		return false;
	possible = possible_methods(why);
	return can_finish(why, possible);
}

/* ---- telling ---- */

static const char *const marks[] = {[STEP_OK] = "ok", [STEP_FAILS] = "FAILS", [STEP_INFO] = "-"};

enum err why_text(const struct why *why, bool can_log_in, struct buf *out)
{
	const struct step *obstacle = NULL;

	for (const struct step *step = why->first; step != NULL; step = step->next) {
		TRY(buf_append_format(out, "  %-6s %s\n", marks[step->outcome], step->text));
		if (step->fix != NULL)
			TRY(buf_append_format(out, "         mend it with: %s\n", step->fix));
		if (step->outcome == STEP_FAILS && obstacle == NULL)
			obstacle = step;
	}
	if (can_log_in)
		return buf_append_format(out, "%s can log in\n", why->account.name);
	return buf_append_format(out, "%s cannot log in: %s\n", why->account.name,
	    obstacle ? obstacle->text : "no method is possible");
}

static enum err print_json(const struct why *why, bool can_log_in, struct buf *out)
{
	static const char *const names[] = {"ok", "fails", "info"};

	TRY(buf_append_text(out, "{"));
	TRY(json_append_member(out, true, "user", why->account.name));
	TRY(json_append_flag(out, false, "can_log_in", can_log_in));
	TRY(buf_append_text(out, ",\"steps\":["));
	for (const struct step *step = why->first; step != NULL; step = step->next) {
		TRY(buf_append_text(out, step == why->first ? "\n{" : ",\n{"));
		TRY(json_append_member(out, true, "outcome", names[step->outcome]));
		TRY(json_append_member(out, false, "text", step->text));
		TRY(json_append_member(out, false, "fix", step->fix));
		TRY(buf_append_text(out, "}"));
	}
	return buf_append_text(out, "]}\n");
}

enum err why_evaluate(struct config *config, const struct arguments *arguments, struct why *why,
    bool *can_log_in)
{
	TRY(facts_of(arguments, &why->arena, &why->known));
	why_look_up_account(why, arguments->user);
	why->known.is_invalid_user = !why->account.exists;
	TRY(conf_resolve(config, &why->known, &why->resolved, NULL));
	why->conf = why->resolved;
	why->facts = &why->known;
	*can_log_in = decide(why, arguments);
	return why->is_out_of_memory ? ERR_NO_MEMORY : ERR_OK;
}

static enum err explain_login(const struct arguments *arguments, bool *can_log_in)
{
	AUTO(input_wipe) struct input input = {0};
	AUTO(why_wipe) struct why why = {0};
	AUTO(buf_wipe) struct buf out = buf_empty(OUTPUT_LIMIT);
	enum err err = input_read(arguments, &input);

	if (err == ERR_CONFIG || (err == ERR_OK && diagnostics_has_errors(&input.diagnostics)))
		return input_complain(&input);
	TRY(err);
	TRY(why_evaluate(input.config, arguments, &why, can_log_in));
	TRY(arguments->output == OUTPUT_JSON ? print_json(&why, *can_log_in, &out)
	                                     : why_text(&why, *can_log_in, &out));
	return output_write(&out) ? ERR_OK : ERR_SYSTEM;
}

enum status verb_why(int argc, char **argv)
{
	struct arguments arguments = {0};
	bool can_log_in = false;
	enum err err;

	if (!arguments_parse(argc, argv, &arguments) || arguments.rest_count != 1) {
		fputs("usage: sshdctl why [--from ADDR] [--key FILE] [--json] [-f FILE] USER\n",
		    stderr);
		return STATUS_FAILED;
	}
	arguments.user = arguments.rest[0];
	err = explain_login(&arguments, &can_log_in);
	if (err != ERR_OK && err != ERR_CONFIG)
		output_failed("why", err);
	if (err != ERR_OK)
		return STATUS_FAILED;
	return can_log_in ? STATUS_OK : STATUS_FINDINGS;
}
