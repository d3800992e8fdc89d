/*
 * The one engine that decides: settings and facts in, a decision with its reason and the line
 * that made it out. It looks at nothing else, so that the monitor, `sshdctl why`, explain and
 * lint cannot differ.
 *
 * Key options and certificates narrow further what is permitted here: that is the business of
 * sshd/auth/evidence.
 */
#pragma once

#include "config/conf.h"
#include "config/match.h"
#include "sshd/base/verdict.h"

enum shell_state { SHELL_USABLE, SHELL_MISSING, SHELL_NOT_EXECUTABLE };

/* What is known of who asks. What a question does not need may stay zero. */
struct policy_facts {
	const struct match_facts *connection; /* user, groups, address, host */
	uint16_t port;                        /* of the client, for log lines */
	bool exists;                          /* the account */
	bool is_root;                         /* its uid is 0 */
	bool is_locked;                       /* the password field of shadow says so */
	bool is_expired;
	const char *shell; /* for log lines */
	enum shell_state shell_state;
};

/* In the order of enum auth_method of sshd/auth/evidence. */
enum policy_method {
	BY_NONE,
	BY_PUBLICKEY,
	BY_PASSWORD,
	BY_KEYBOARD_INTERACTIVE,
	BY_HOSTBASED,
	BY_GSSAPI,
	BY_COUNT,
};

enum policy_ask {
	ASK_CONNECTION, /* may it authenticate at all? */
	ASK_ACCOUNT,    /* may this account log in from there? */
	ASK_METHOD,     /* may it by `method`? */
	ASK_SESSION,    /* one session more, with `number` open? */
	ASK_TERMINAL,
	ASK_USER_RC,
	ASK_SUBSYSTEM,        /* `text`: its name */
	ASK_ENVIRONMENT,      /* `text`: a variable the client sends */
	ASK_USER_ENVIRONMENT, /* `text`: a variable of the user's own files */
	ASK_AGENT,
	ASK_X11,
	ASK_TUNNEL,             /* `number`: enum conf_tunnel */
	ASK_OPEN_TCP,           /* `text` and `port`: the destination */
	ASK_LISTEN_TCP,         /* `text` and `port`: the address asked for; port 0: any free one */
	ASK_OPEN_STREAMLOCAL,   /* `text`: the path */
	ASK_LISTEN_STREAMLOCAL, /* `text`: the path */
	ASK_COUNT,
};

struct policy_question {
	enum policy_ask ask;
	const char *text;
	uint16_t port;
	unsigned number;
	enum policy_method method;
	bool is_one_time;        /* keyboard-interactive with the device otp */
	bool has_forced_command; /* of the key or certificate */
};

/* REASON(name, text): completes "permitted: ..." or "denied: ..." */
#define POLICY_REASONS(REASON)                                                                     \
	REASON(UNDECIDED, "no rule was asked")                                                     \
	REASON(NO_OBJECTION, "no rule forbids it")                                                 \
	REASON(SETTING_PERMITS, "a setting permits it")                                            \
	REASON(SETTING_FORBIDS, "a setting forbids it")                                            \
	REASON(LISTED, "it is listed")                                                             \
	REASON(CONNECTION_REFUSED, "the connection is refused")                                    \
	REASON(NO_ACCOUNT, "there is no such account")                                             \
	REASON(EXPIRED, "the account has expired")                                                 \
	REASON(LOCKED, "the account is locked")                                                    \
	REASON(SHELL_ABSENT, "the login shell does not exist")                                     \
	REASON(SHELL_UNUSABLE, "the login shell is not executable")                                \
	REASON(IN_DENY_USERS, "the user is listed in DenyUsers")                                   \
	REASON(NOT_IN_ALLOW_USERS, "the user is not listed in AllowUsers")                         \
	REASON(IN_NO_GROUP, "the user is not in any group")                                        \
	REASON(IN_DENY_GROUPS, "a group of the user is listed in DenyGroups")                      \
	REASON(NOT_IN_ALLOW_GROUPS, "no group of the user is listed in AllowGroups")               \
	REASON(METHOD_OFF, "the method is turned off")                                             \
	REASON(METHOD_NO_DEVICE, "keyboard-interactive has no device: UsePAM is no")               \
	REASON(METHOD_NOT_LISTED, "no list of AuthenticationMethods names the method")             \
	REASON(ROOT_FORBIDDEN, "root may not log in")                                              \
	REASON(ROOT_NOT_BY_PASSWORD, "root may not log in with a password")                        \
	REASON(ROOT_ONLY_FORCED, "root may only log in for a forced command")                      \
	REASON(FORWARDING_OFF, "DisableForwarding turns all forwarding off")                       \
	REASON(NOT_PERMITTED_OPEN, "PermitOpen does not name the destination")                     \
	REASON(NOT_PERMITTED_LISTEN, "PermitListen does not name the address")                     \
	REASON(PRIVILEGED_PORT, "only root may listen on a port below 1024")                       \
	REASON(TOO_MANY, "the limit is reached")                                                   \
	REASON(NO_SUBSYSTEM, "there is no such subsystem")                                         \
	REASON(NOT_ACCEPTED, "no pattern accepts the variable")

#define REASON_ROW(name, text) REASON_##name,
enum policy_reason { POLICY_REASONS(REASON_ROW) REASON_COUNT };
#undef REASON_ROW

struct decision {
	enum verdict verdict;
	enum policy_reason reason;
	enum keyword_id keyword; /* whose setting decided; KEYWORD_COUNT: none did */
	struct origin origin;    /* the line; line 0: a built-in default, or none */
	const char *detail;      /* the pattern, command or shell it turned on; or NULL */
};

/* conf: resolved for this user and connection. Strings of the answer are those of the inputs. */
struct decision policy_decide(const struct conf *conf, const struct policy_facts *facts,
    const struct policy_question *question);

/* ASK_ACCOUNT needs the names of the user's groups. */
bool policy_wants_groups(const struct conf *conf);

/* ASK_METHOD as the settings alone answer it, whoever asks. */
struct decision policy_method_setting(
    const struct conf *conf, enum policy_method method, bool is_one_time);

/* Bits 1 << enum policy_method: what the configuration turns on. */
unsigned policy_methods_enabled(const struct conf *conf);

/*
 * Whether one of the lists of AuthenticationMethods (or, with none, any method) can be
 * completed. If not, `obstacle` (may be NULL) is the first method in the way.
 */
bool policy_methods_are_possible(const struct conf *conf, struct slice *obstacle);

/* Where a remote forward listens: what the client asked for, seen through GatewayPorts. */
enum listen_where { LISTEN_LOOPBACK, LISTEN_WILDCARD, LISTEN_AS_ASKED };
enum listen_where policy_listen_where(const struct conf *conf, const char *asked);

const char *policy_reason_name(enum policy_reason reason);
const char *policy_reason_text(enum policy_reason reason);
const char *policy_method_name(enum policy_method method);

/*
 * The line that OpenSSH writes of a refused account, connection or root login, word for word,
 * as log parsers know it. Appends nothing for other decisions.
 */
struct buf;
enum err policy_log_line(
    const struct decision *decision, const struct policy_facts *facts, struct buf *out);
