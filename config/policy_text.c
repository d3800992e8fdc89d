/* Decisions in words: reasons, and the lines that OpenSSH writes of them. */
#include "config/policy.h"

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/text.h"

#define NAME_LIMIT 100u /* of a user, host or shell in a log line */

#define REASON_ROW(name, text) [REASON_##name] = {#name, text},
static const struct {
	const char *name, *text;
} rows[REASON_COUNT] = {POLICY_REASONS(REASON_ROW)};
#undef REASON_ROW

const char *policy_reason_name(enum policy_reason reason)
{
	return (unsigned)reason < REASON_COUNT ? rows[reason].name : "UNKNOWN";
}

const char *policy_reason_text(enum policy_reason reason)
{
	return (unsigned)reason < REASON_COUNT ? rows[reason].text : "for an unknown reason";
}

static enum err append_name(struct buf *out, const char *text)
{
	return text_append_escaped(out, slice_text(text ? text : "UNKNOWN"), NAME_LIMIT);
}

/* What stands behind "not allowed because"; {} is the shell. NULL: another form of line. */
static const struct {
	const char *because;
	bool names_host;
} lines[REASON_COUNT] = {
    [REASON_LOCKED] = {"account is locked", false},
    [REASON_SHELL_ABSENT] = {"does not exist", false},
    [REASON_SHELL_UNUSABLE] = {"is not executable", false},
    [REASON_IN_DENY_USERS] = {"listed in DenyUsers", true},
    [REASON_NOT_IN_ALLOW_USERS] = {"not listed in AllowUsers", true},
    [REASON_IN_NO_GROUP] = {"not in any group", true},
    [REASON_IN_DENY_GROUPS] = {"a group is listed in DenyGroups", true},
    [REASON_NOT_IN_ALLOW_GROUPS] = {"none of user's groups are listed in AllowGroups", true},
};

static enum err not_allowed_line(
    const struct decision *decision, const struct policy_facts *facts, struct buf *out)
{
	const struct match_facts *who = facts->connection;

	TRY(buf_append_text(out, "User "));
	TRY(append_name(out, who->user));
	if (lines[decision->reason].names_host) {
		TRY(buf_append_text(out, " from "));
		TRY(append_name(out, who->host ? who->host : who->address));
	}
	TRY(buf_append_text(out, " not allowed because "));
	if (decision->reason == REASON_SHELL_ABSENT || decision->reason == REASON_SHELL_UNUSABLE) {
		TRY(buf_append_text(out, "shell "));
		TRY(append_name(out, decision->detail));
		TRY(buf_append_text(out, " "));
	}
	return buf_append_text(out, lines[decision->reason].because);
}

static enum err append_source(struct buf *out, const struct policy_facts *facts)
{
	TRY(append_name(out, facts->connection->address));
	return buf_append_format(out, " port %u", facts->port);
}

enum err policy_log_line(
    const struct decision *decision, const struct policy_facts *facts, struct buf *out)
{
	const char *user = facts->connection->user;

	if (decision->verdict == PERMIT)
		return ERR_OK;
	if (lines[decision->reason].because != NULL)
		return not_allowed_line(decision, facts, out);
	switch (decision->reason) {
	case REASON_NO_ACCOUNT:
		TRY(buf_append_text(out, "Invalid user "));
		TRY(append_name(out, user));
		TRY(buf_append_text(out, " from "));
		return append_source(out, facts);
	case REASON_EXPIRED:
		TRY(buf_append_text(out, "Account "));
		TRY(append_name(out, user));
		return buf_append_text(out, " has expired");
	case REASON_ROOT_FORBIDDEN:
	case REASON_ROOT_NOT_BY_PASSWORD:
	case REASON_ROOT_ONLY_FORCED:
		TRY(buf_append_text(out, "ROOT LOGIN REFUSED FROM "));
		return append_source(out, facts);
	case REASON_CONNECTION_REFUSED:
		TRY(buf_append_text(out, "Administratively prohibited connection for "));
		TRY(buf_append_text(out, facts->exists ? "" : "invalid user "));
		TRY(append_name(out, user));
		TRY(buf_append_text(out, " from "));
		return append_source(out, facts);
	default:
		return ERR_OK;
	}
}
