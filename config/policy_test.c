#include "config/policy.h"

#include "config/test_conf.h"

/* The facts most cases share: alice, group staff, from 192.0.2.7. */
static const char *const groups[] = {"staff", "users"};
static const struct match_facts alice = {.user = "alice",
    .groups = groups,
    .group_count = 2,
    .host = "client.example",
    .address = "192.0.2.7"};
static const struct match_facts loner = {
    .user = "loner", .host = "192.0.2.7", .address = "192.0.2.7"};

#define ALICE                                                                                      \
	{                                                                                          \
		.connection = &alice, .exists = true, .port = 4242                                 \
	}
#define LONER                                                                                      \
	{                                                                                          \
		.connection = &loner, .exists = true                                               \
	}
#define ROOT                                                                                       \
	{                                                                                          \
		.connection = &alice, .exists = true, .is_root = true, .port = 4242                \
	}

static const struct {
	const char *why, *text;
	struct policy_facts facts;
	struct policy_question ask;
	enum verdict expect;
	enum policy_reason reason;
	uint32_t line; /* that decided; 0: none or a default */
} cases[] = {
    /* clang-format off */
    /* accounts */
    {"an account that does not exist", "", {.connection = &alice}, {.ask = ASK_ACCOUNT}, DENY, REASON_NO_ACCOUNT, 0},
    {"locked without PAM", "UsePAM no\n", {.connection = &alice, .exists = true, .is_locked = true}, {.ask = ASK_ACCOUNT}, DENY, REASON_LOCKED, 1},
    {"expired without PAM", "", {.connection = &alice, .exists = true, .is_expired = true}, {.ask = ASK_ACCOUNT}, DENY, REASON_EXPIRED, 0},
    {"no shell", "", {.connection = &alice, .exists = true, .shell_state = SHELL_MISSING}, {.ask = ASK_ACCOUNT}, DENY, REASON_SHELL_ABSENT, 0},
    {"shell cannot be run", "", {.connection = &alice, .exists = true, .shell_state = SHELL_NOT_EXECUTABLE}, {.ask = ASK_ACCOUNT}, DENY, REASON_SHELL_UNUSABLE, 0},
    {"denied user", "\nDenyUsers bob al*\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_IN_DENY_USERS, 2},
    {"DenyUsers comes before AllowUsers", "AllowUsers alice\nDenyUsers alice\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_IN_DENY_USERS, 2},
    {"not an allowed user", "AllowUsers bob\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_NOT_IN_ALLOW_USERS, 1},
    {"allowed from elsewhere only", "AllowUsers alice@10.0.0.0/8\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_NOT_IN_ALLOW_USERS, 1},
    {"the host part may refuse", "AllowUsers alice@*,!192.0.2.0/24\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_NOT_IN_ALLOW_USERS, 1},
    {"in no group", "AllowGroups staff\n", LONER, {.ask = ASK_ACCOUNT}, DENY, REASON_IN_NO_GROUP, 1},
    {"in no group, and none allowed", "DenyGroups staff\n", LONER, {.ask = ASK_ACCOUNT}, DENY, REASON_IN_NO_GROUP, 1},
    {"a denied group", "DenyGroups x users\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_IN_DENY_GROUPS, 1},
    {"no allowed group", "AllowGroups wheel\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_NOT_IN_ALLOW_GROUPS, 1},
    {"an allowed user in no allowed group", "AllowUsers alice\nAllowGroups wheel\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_NOT_IN_ALLOW_GROUPS, 2},
    {"case counts", "AllowUsers Alice\n", ALICE, {.ask = ASK_ACCOUNT}, DENY, REASON_NOT_IN_ALLOW_USERS, 1},
    {"locked, but PAM decides", "UsePAM yes\n", {.connection = &alice, .exists = true, .is_locked = true, .is_expired = true}, {.ask = ASK_ACCOUNT}, PERMIT, REASON_NO_OBJECTION, 0},
    {"no shell needed in a chroot", "ChrootDirectory /srv\n", {.connection = &alice, .exists = true, .shell_state = SHELL_MISSING}, {.ask = ASK_ACCOUNT}, PERMIT, REASON_NO_OBJECTION, 0},
    {"no lists", "", ALICE, {.ask = ASK_ACCOUNT}, PERMIT, REASON_NO_OBJECTION, 0},
    {"an allowed user", "AllowUsers bob\nAllowUsers alice\n", ALICE, {.ask = ASK_ACCOUNT}, PERMIT, REASON_LISTED, 2},
    {"allowed by address", "AllowUsers alice@192.0.2.0/24\n", ALICE, {.ask = ASK_ACCOUNT}, PERMIT, REASON_LISTED, 1},
    {"allowed by host name in any case", "AllowUsers *@*.EXAMPLE\n", ALICE, {.ask = ASK_ACCOUNT}, PERMIT, REASON_LISTED, 1},
    {"an allowed group", "AllowGroups wheel st?ff\n", ALICE, {.ask = ASK_ACCOUNT}, PERMIT, REASON_LISTED, 1},
    {"connections refused", "RefuseConnection yes\n", ALICE, {.ask = ASK_CONNECTION}, DENY, REASON_CONNECTION_REFUSED, 1},
    {"connections not refused", "", ALICE, {.ask = ASK_CONNECTION}, PERMIT, REASON_NO_OBJECTION, 0},

    /* methods */
    {"a method that does not exist", "", ALICE, {.ask = ASK_METHOD, .method = BY_COUNT}, DENY, REASON_METHOD_OFF, 0},
    {"passwords off", "PasswordAuthentication no\n", ALICE, {.ask = ASK_METHOD, .method = BY_PASSWORD}, DENY, REASON_METHOD_OFF, 1},
    {"none without empty passwords", "", ALICE, {.ask = ASK_METHOD, .method = BY_NONE}, DENY, REASON_METHOD_OFF, 0},
    {"keyboard-interactive without PAM", "UsePAM no\n", ALICE, {.ask = ASK_METHOD, .method = BY_KEYBOARD_INTERACTIVE}, DENY, REASON_METHOD_NO_DEVICE, 1},
    {"a method no list names", "AuthenticationMethods publickey\n", ALICE, {.ask = ASK_METHOD, .method = BY_PASSWORD}, DENY, REASON_METHOD_NOT_LISTED, 1},
    {"a code that nobody asked for", "UsePAM yes\n", ALICE, {.ask = ASK_METHOD, .method = BY_KEYBOARD_INTERACTIVE, .is_one_time = true}, DENY, REASON_METHOD_NOT_LISTED, 0},
    {"pam where the list names otp", "UsePAM yes\nAuthenticationMethods publickey,keyboard-interactive:otp\n", ALICE, {.ask = ASK_METHOD, .method = BY_KEYBOARD_INTERACTIVE}, DENY, REASON_METHOD_NOT_LISTED, 2},
    {"a code the list names", "AuthenticationMethods publickey,keyboard-interactive:otp\n", ALICE, {.ask = ASK_METHOD, .method = BY_KEYBOARD_INTERACTIVE, .is_one_time = true}, PERMIT, REASON_LISTED, 1},
    {"publickey by default", "", ALICE, {.ask = ASK_METHOD, .method = BY_PUBLICKEY}, PERMIT, REASON_SETTING_PERMITS, 0},
    {"root at all", "PermitRootLogin no\n", ROOT, {.ask = ASK_METHOD, .method = BY_PUBLICKEY}, DENY, REASON_ROOT_FORBIDDEN, 1},
    {"root by password", "", ROOT, {.ask = ASK_METHOD, .method = BY_PASSWORD}, DENY, REASON_ROOT_NOT_BY_PASSWORD, 0},
    {"root by PAM", "UsePAM yes\n", ROOT, {.ask = ASK_METHOD, .method = BY_KEYBOARD_INTERACTIVE}, DENY, REASON_ROOT_NOT_BY_PASSWORD, 0},
    {"root without a forced command", "PermitRootLogin forced-commands-only\n", ROOT, {.ask = ASK_METHOD, .method = BY_PUBLICKEY}, DENY, REASON_ROOT_ONLY_FORCED, 1},
    {"root with one", "PermitRootLogin forced-commands-only\n", ROOT, {.ask = ASK_METHOD, .method = BY_PUBLICKEY, .has_forced_command = true}, PERMIT, REASON_SETTING_PERMITS, 1},
    {"root by key", "", ROOT, {.ask = ASK_METHOD, .method = BY_PUBLICKEY}, PERMIT, REASON_SETTING_PERMITS, 0},
    {"root's second factor is no password", "AuthenticationMethods publickey,keyboard-interactive:otp\n", ROOT, {.ask = ASK_METHOD, .method = BY_KEYBOARD_INTERACTIVE, .is_one_time = true}, PERMIT, REASON_SETTING_PERMITS, 0},

    /* sessions */
    {"too many sessions", "MaxSessions 1\n", ALICE, {.ask = ASK_SESSION, .number = 1}, DENY, REASON_TOO_MANY, 1},
    {"no session at all", "MaxSessions 0\n", ALICE, {.ask = ASK_SESSION}, DENY, REASON_TOO_MANY, 1},
    {"one more", "MaxSessions 1\n", ALICE, {.ask = ASK_SESSION}, PERMIT, REASON_NO_OBJECTION, 0},
    {"no terminal", "PermitTTY no\n", ALICE, {.ask = ASK_TERMINAL}, DENY, REASON_SETTING_FORBIDS, 1},
    {"no rc", "PermitUserRC no\n", ALICE, {.ask = ASK_USER_RC}, DENY, REASON_SETTING_FORBIDS, 1},
    {"no such subsystem", "Subsystem sftp internal-sftp\n", ALICE, {.ask = ASK_SUBSYSTEM, .text = "scp"}, DENY, REASON_NO_SUBSYSTEM, 1},
    {"a subsystem", "\nSubsystem sftp internal-sftp\n", ALICE, {.ask = ASK_SUBSYSTEM, .text = "sftp"}, PERMIT, REASON_LISTED, 2},
    {"a variable nobody accepts", "AcceptEnv LANG LC_*\n", ALICE, {.ask = ASK_ENVIRONMENT, .text = "LD_PRELOAD"}, DENY, REASON_NOT_ACCEPTED, 1},
    {"an accepted variable", "AcceptEnv LANG LC_*\n", ALICE, {.ask = ASK_ENVIRONMENT, .text = "LC_ALL"}, PERMIT, REASON_LISTED, 1},
    {"user's variables off", "", ALICE, {.ask = ASK_USER_ENVIRONMENT, .text = "A"}, DENY, REASON_SETTING_FORBIDS, 0},
    {"a user's variable not named", "PermitUserEnvironment A*,!AB\n", ALICE, {.ask = ASK_USER_ENVIRONMENT, .text = "AB"}, DENY, REASON_NOT_ACCEPTED, 1},
    {"a user's variable", "PermitUserEnvironment A*\n", ALICE, {.ask = ASK_USER_ENVIRONMENT, .text = "AB"}, PERMIT, REASON_SETTING_PERMITS, 1},

    /* forwarding */
    {"everything off: agent", "DisableForwarding yes\n", ALICE, {.ask = ASK_AGENT}, DENY, REASON_FORWARDING_OFF, 1},
    {"everything off: X11", "X11Forwarding yes\nDisableForwarding yes\n", ALICE, {.ask = ASK_X11}, DENY, REASON_FORWARDING_OFF, 2},
    {"everything off: tun", "PermitTunnel yes\nDisableForwarding yes\n", ALICE, {.ask = ASK_TUNNEL, .number = TUNNEL_ETHERNET}, DENY, REASON_FORWARDING_OFF, 2},
    {"everything off: TCP", "DisableForwarding yes\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 1}, DENY, REASON_FORWARDING_OFF, 1},
    {"everything off: sockets", "DisableForwarding yes\n", ALICE, {.ask = ASK_LISTEN_STREAMLOCAL, .text = "/s"}, DENY, REASON_FORWARDING_OFF, 1},
    {"X11 by default", "", ALICE, {.ask = ASK_X11}, DENY, REASON_SETTING_FORBIDS, 0},
    {"tun of the other kind", "PermitTunnel ethernet\n", ALICE, {.ask = ASK_TUNNEL, .number = TUNNEL_POINT_TO_POINT}, DENY, REASON_SETTING_FORBIDS, 1},
    {"tun of no kind", "PermitTunnel yes\n", ALICE, {.ask = ASK_TUNNEL}, DENY, REASON_SETTING_FORBIDS, 1},
    {"remote only", "AllowTcpForwarding remote\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 1}, DENY, REASON_SETTING_FORBIDS, 1},
    {"local only", "AllowTcpForwarding local\n", ALICE, {.ask = ASK_LISTEN_TCP, .text = "h", .port = 2000}, DENY, REASON_SETTING_FORBIDS, 1},
    {"a destination not named", "PermitOpen h:80\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 81}, DENY, REASON_NOT_PERMITTED_OPEN, 1},
    {"a host not named", "PermitOpen h:80\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "H", .port = 80}, DENY, REASON_NOT_PERMITTED_OPEN, 1},
    {"no destination at all", "PermitOpen none\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 80}, DENY, REASON_NOT_PERMITTED_OPEN, 1},
    {"a socket where PermitOpen restricts", "PermitOpen h:80\n", ALICE, {.ask = ASK_OPEN_STREAMLOCAL, .text = "/s"}, DENY, REASON_NOT_PERMITTED_OPEN, 1},
    {"an address not named", "PermitListen localhost:8080\n", ALICE, {.ask = ASK_LISTEN_TCP, .text = "", .port = 8080}, DENY, REASON_NOT_PERMITTED_LISTEN, 1},
    {"a socket where PermitListen restricts", "PermitListen 8080\n", ALICE, {.ask = ASK_LISTEN_STREAMLOCAL, .text = "/s"}, DENY, REASON_NOT_PERMITTED_LISTEN, 1},
    {"a privileged port", "", ALICE, {.ask = ASK_LISTEN_TCP, .text = "", .port = 80}, DENY, REASON_PRIVILEGED_PORT, 0},
    {"a privileged port for root", "", ROOT, {.ask = ASK_LISTEN_TCP, .text = "", .port = 80}, PERMIT, REASON_SETTING_PERMITS, 0},
    {"any free port", "", ALICE, {.ask = ASK_LISTEN_TCP, .text = "", .port = 0}, PERMIT, REASON_SETTING_PERMITS, 0},
    {"a destination named", "PermitOpen x:1 h:80\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 80}, PERMIT, REASON_LISTED, 1},
    {"any port of a host", "PermitOpen h:*\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 80}, PERMIT, REASON_LISTED, 1},
    {"a port of any host", "PermitOpen *:80\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "h", .port = 80}, PERMIT, REASON_LISTED, 1},
    {"an IPv6 destination", "PermitOpen [::1]:80\n", ALICE, {.ask = ASK_OPEN_TCP, .text = "::1", .port = 80}, PERMIT, REASON_LISTED, 1},
    {"a port to listen on", "PermitListen 8080\n", ALICE, {.ask = ASK_LISTEN_TCP, .text = "0.0.0.0", .port = 8080}, PERMIT, REASON_LISTED, 1},
    {"a pattern to listen on", "PermitListen *host:8080\n", ALICE, {.ask = ASK_LISTEN_TCP, .text = "localhost", .port = 8080}, PERMIT, REASON_LISTED, 1},
    {"sockets by default", "", ALICE, {.ask = ASK_OPEN_STREAMLOCAL, .text = "/s"}, PERMIT, REASON_SETTING_PERMITS, 0},
    {"a question of no kind", "", ALICE, {.ask = ASK_COUNT}, DENY, REASON_UNDECIDED, 0},
    /* clang-format on */
};

START_TEST(policy_decides)
{
	AUTO(conf_release) struct conf *conf = conf_from(cases[_i].text, NULL);
	struct decision got = policy_decide(conf, &cases[_i].facts, &cases[_i].ask);

	ck_assert_msg(got.verdict == cases[_i].expect && got.reason == cases[_i].reason,
	    "%s: %s, %s", cases[_i].why, got.verdict == PERMIT ? "permitted" : "denied",
	    policy_reason_name(got.reason));
	ck_assert_msg(got.origin.line == cases[_i].line, "%s: decided by line %u", cases[_i].why,
	    got.origin.line);
}
END_TEST

static const struct {
	const char *text;
	struct policy_facts facts;
	struct policy_question ask;
	const char *line;
} lines[] = {
    /* clang-format off */
    {"", ALICE, {.ask = ASK_ACCOUNT}, ""},
    {"AllowUsers bob\n", ALICE, {.ask = ASK_ACCOUNT}, "User alice from client.example not allowed because not listed in AllowUsers"},
    {"DenyUsers alice\n", ALICE, {.ask = ASK_ACCOUNT}, "User alice from client.example not allowed because listed in DenyUsers"},
    {"AllowGroups x\n", LONER, {.ask = ASK_ACCOUNT}, "User loner from 192.0.2.7 not allowed because not in any group"},
    {"DenyGroups staff\n", ALICE, {.ask = ASK_ACCOUNT}, "User alice from client.example not allowed because a group is listed in DenyGroups"},
    {"AllowGroups x\n", ALICE, {.ask = ASK_ACCOUNT}, "User alice from client.example not allowed because none of user's groups are listed in AllowGroups"},
    {"", {.connection = &alice, .exists = true, .is_locked = true}, {.ask = ASK_ACCOUNT}, "User alice not allowed because account is locked"},
    {"", {.connection = &alice, .exists = true, .shell = "/bin/x", .shell_state = SHELL_MISSING}, {.ask = ASK_ACCOUNT}, "User alice not allowed because shell /bin/x does not exist"},
    {"", {.connection = &alice, .exists = true, .shell = "/bin/x", .shell_state = SHELL_NOT_EXECUTABLE}, {.ask = ASK_ACCOUNT}, "User alice not allowed because shell /bin/x is not executable"},
    {"", {.connection = &alice, .exists = true, .is_expired = true}, {.ask = ASK_ACCOUNT}, "Account alice has expired"},
    {"", {.connection = &alice, .port = 99}, {.ask = ASK_ACCOUNT}, "Invalid user alice from 192.0.2.7 port 99"},
    {"PermitRootLogin no\n", ROOT, {.ask = ASK_METHOD, .method = BY_PUBLICKEY}, "ROOT LOGIN REFUSED FROM 192.0.2.7 port 4242"},
    {"RefuseConnection yes\n", ALICE, {.ask = ASK_CONNECTION}, "Administratively prohibited connection for alice from 192.0.2.7 port 4242"},
    /* clang-format on */
};

START_TEST(log_lines_are_those_of_openssh)
{
	AUTO(conf_release) struct conf *conf = conf_from(lines[_i].text, NULL);
	AUTO(buf_wipe) struct buf out = buf_empty(1024);
	struct decision decision = policy_decide(conf, &lines[_i].facts, &lines[_i].ask);

	ck_assert_int_eq(policy_log_line(&decision, &lines[_i].facts, &out), ERR_OK);
	ck_assert_msg(slice_is(buf_view(&out), lines[_i].line), "got %.*s", (int)buf_len(&out),
	    (const char *)buf_view(&out).ptr);
}
END_TEST

static const struct {
	const char *gateway, *asked;
	enum listen_where expect;
} listens[] = {
    {"no", "", LISTEN_LOOPBACK},
    {"no", "0.0.0.0", LISTEN_LOOPBACK},
    {"no", "127.0.0.1", LISTEN_AS_ASKED},
    {"yes", "127.0.0.1", LISTEN_WILDCARD},
    {"clientspecified", "", LISTEN_WILDCARD},
    {"clientspecified", "*", LISTEN_WILDCARD},
    {"clientspecified", "localhost", LISTEN_LOOPBACK},
    {"clientspecified", "192.0.2.1", LISTEN_AS_ASKED},
};

START_TEST(gateway_ports_choose_the_address)
{
	char text[64];

	stpcpy(stpcpy(text, "GatewayPorts "), listens[_i].gateway);
	AUTO(conf_release) struct conf *conf = conf_from(text, NULL);

	ck_assert_int_eq(policy_listen_where(conf, listens[_i].asked), listens[_i].expect);
}
END_TEST

static const struct {
	const char *why, *text;
	bool expect;
	const char *obstacle;
} possible[] = {
    /* clang-format off */
    {"password is off", "PasswordAuthentication no\nAuthenticationMethods publickey,password\n", false, "password"},
    {"no PAM for keyboard-interactive", "AuthenticationMethods publickey,keyboard-interactive\n", false, "keyboard-interactive"},
    {"nothing is left", "PubkeyAuthentication no\nPasswordAuthentication no\n", false, NULL},
    {"hostbased is off", "AuthenticationMethods hostbased\n", false, "hostbased"},
    {"the second list works", "PasswordAuthentication no\nAuthenticationMethods password publickey\n", true, NULL},
    {"key and code", "AuthenticationMethods publickey,keyboard-interactive:otp\n", true, NULL},
    {"key and PAM", "UsePAM yes\nAuthenticationMethods publickey,keyboard-interactive:pam\n", true, NULL},
    {"the default", "", true, NULL},
    /* clang-format on */
};

START_TEST(method_lists_can_be_completed)
{
	AUTO(conf_release) struct conf *conf = conf_from(possible[_i].text, NULL);
	struct slice obstacle = {0};
	bool got = policy_methods_are_possible(conf, &obstacle);

	ck_assert_msg(got == possible[_i].expect, "%s", possible[_i].why);
	if (possible[_i].obstacle != NULL)
		ck_assert_msg(slice_is(obstacle, possible[_i].obstacle), "%s: %.*s",
		    possible[_i].why, (int)obstacle.len, (const char *)obstacle.ptr);
}
END_TEST

SUITE("policy", LOOP_TEST(policy_decides, COUNT_OF(cases)),
    LOOP_TEST(log_lines_are_those_of_openssh, COUNT_OF(lines)),
    LOOP_TEST(gateway_ports_choose_the_address, COUNT_OF(listens)),
    LOOP_TEST(method_lists_can_be_completed, COUNT_OF(possible)))
