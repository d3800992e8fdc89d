/*
 * Scripted PAM stacks behind the real monitor: what reaches the client, in which order, and who
 * gets in. Needs root, and a place for a service in /etc/pam.d: else there is nothing to test.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;
static char service[64], service_path[128], trace_path[160];

static bool can_test(void)
{
	return getuid() == 0 && access("/etc/pam.d", W_OK) == 0;
}

/* The four lines of a stack; empty: permitted at once. */
struct stack {
	const char *auth, *account, *session, *password;
};

static void write_line(FILE *file, const char *kind, const char *script)
{
	char module[600];

	snprintf(module, sizeof(module), "%s", program_path("tests/integration/monitor/pam_script.so"));
	fprintf(file, "%s required %s trace=%s %s\n", kind, module, trace_path, script ? script : "");
}

/* Also when a test fails. */
static void remove_service(void)
{
	unlink(service_path);
}

static void start(const struct stack *stack, const char *conf)
{
	char text[1024];
	FILE *file;

	rig_make_dir(&rig);
	snprintf(service, sizeof(service), "sekisho-test-%d", getpid());
	snprintf(service_path, sizeof(service_path), "/etc/pam.d/%s", service);
	snprintf(trace_path, sizeof(trace_path), "%s/trace", rig.dir);
	ck_assert_int_eq(atexit(remove_service), 0);
	file = fopen(service_path, "w");
	ck_assert_ptr_nonnull(file);
	write_line(file, "auth", stack->auth);
	write_line(file, "account", stack->account);
	write_line(file, "session", stack->session);
	write_line(file, "password", stack->password);
	fclose(file);
	snprintf(text, sizeof(text), "%s\nUsePAM yes\nPAMServiceName %s\nPermitRootLogin yes\n"
				     "PasswordAuthentication yes\n", conf, service);
	rig_start(&rig, text);
}

static void stop(void)
{
	net_close(&net);
	rig_stop(&rig);
}

static void begin(const char *user)
{
	net_open(&rig, &net);
	net_exchange(&net);
	net_user(&net, user);
}

static char *trace(void)
{
	static char text[8192];
	FILE *file = fopen(trace_path, "r");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = 0;
	if (file != NULL)
		fclose(file);
	return text;
}

static void expect_trace(const char *expect)
{
	ck_assert_msg(strcmp(trace(), expect) == 0, "trace:\n%s", trace());
}

static void say_password(const char *password)
{
	NET_SAY(&net, NET_PASSWORD, net_password, .password = slice_text(password));
}

static void start_keyboard(void)
{
	NET_SAY(&net, NET_KBD_START, net_kbd_start, 0);
}

static void respond(const char *text)
{
	NET_SAY(&net, NET_KBD_RESPONSE, net_kbd_response, .count = 1, .response = slice_text(text));
}

static void acknowledge(void)
{
	NET_SAY(&net, NET_KBD_RESPONSE, net_kbd_response, .count = 0);
}

static void expect_prompt(const char *instruction, const char *prompt, bool echo)
{
	struct msg_net_prompt message;

	NET_HEAR(&net, NET_PROMPT, net_prompt, &message);
	ck_assert_msg(slice_is(message.instruction, instruction), "instruction: %.*s",
	    (int)message.instruction.len, (const char *)message.instruction.ptr);
	ck_assert_msg(slice_is(message.prompt, prompt), "prompt: %.*s", (int)message.prompt.len,
	    (const char *)message.prompt.ptr);
	ck_assert_int_eq(message.has_prompt, prompt[0] != 0);
	ck_assert_int_eq(message.echo, echo);
}

static void expect_success(void)
{
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	net_receive(&net, MSG_NET_OPEN);
}

#define METHODS "publickey,password,keyboard-interactive"

static void expect_failure(void)
{
	net_expect_result(&net, ATTEMPT_FAILED, METHODS);
}

/* ---------------------------------------------------------- one login, many stacks */

enum by { BY_PASSWORD, BY_KEYBOARD };

static const struct {
	const char *why;
	struct stack stack;
	enum by by;
	const char *answer;
	enum attempt_outcome outcome;
	const char *logged;
} logins[] = {
    {"the right password", {.auth = "off=Password:_ expect=secret"}, BY_PASSWORD, "secret", ATTEMPT_SUCCEEDED,
	"Accepted password for root from 127.0.0.1 port "},
    {"a wrong one", {.auth = "off=Password:_ expect=secret"}, BY_PASSWORD, "wrong", ATTEMPT_FAILED,
	"Failed password for root from 127.0.0.1 port "},
    {"a second hidden prompt gets nothing", {.auth = "off=Password:_ off=Code:_"}, BY_PASSWORD, "secret", ATTEMPT_FAILED,
	"Failed password"},
    {"a shown prompt gets nothing", {.auth = "on=Name:_"}, BY_PASSWORD, "secret", ATTEMPT_FAILED, "Failed password"},
    {"a stack that asks nothing permits", {0}, BY_PASSWORD, "x", ATTEMPT_SUCCEEDED, "Accepted password"},
    {"an empty password goes nowhere", {0}, BY_PASSWORD, "", ATTEMPT_FAILED, "Failed password"},
    {"texts do not matter", {.auth = "text=hello error=oh off=Password:_ expect=secret"}, BY_PASSWORD, "secret",
	ATTEMPT_SUCCEEDED, "Accepted password"},
    {"a module that fails", {.auth = "return=system_err"}, BY_PASSWORD, "x", ATTEMPT_FAILED, "Failed password"},
    {"an unknown kind of prompt", {.auth = "binary"}, BY_PASSWORD, "x", ATTEMPT_FAILED, "Failed password"},
    {"32 messages at once", {.auth = "many=32"}, BY_PASSWORD, "x", ATTEMPT_SUCCEEDED, "Accepted password"},
    {"33 messages at once", {.auth = "many=33"}, BY_PASSWORD, "x", ATTEMPT_FAILED, "Failed password"},
    {"no message at all", {.auth = "many=0"}, BY_PASSWORD, "x", ATTEMPT_FAILED, "Failed password"},
    {"an account that has expired", {.account = "return=acct_expired"}, BY_PASSWORD, "x", ATTEMPT_FAILED,
	"Access denied for user root by PAM account configuration"},
    {"an account that is denied", {.account = "return=perm_denied"}, BY_PASSWORD, "x", ATTEMPT_FAILED,
	"Access denied for user root by PAM account configuration"},
    {"a module that starts a program", {.auth = "fork"}, BY_PASSWORD, "x", ATTEMPT_SUCCEEDED, "Accepted password"},
    {"the right answer", {.auth = "off=Password:_ expect=secret"}, BY_KEYBOARD, "secret", ATTEMPT_SUCCEEDED,
	"Accepted keyboard-interactive/pam for root from 127.0.0.1 port "},
    {"a wrong answer", {.auth = "off=Password:_ expect=secret"}, BY_KEYBOARD, "wrong", ATTEMPT_FAILED,
	"error: PAM: Authentication failure for root from 127.0.0.1"},
    {"a wrong answer's line", {.auth = "off=Password:_ expect=secret"}, BY_KEYBOARD, "wrong", ATTEMPT_FAILED,
	"Failed keyboard-interactive/pam for root from 127.0.0.1 port "},
    {"too many tries, says the module", {.auth = "off=Password:_ return=maxtries"}, BY_KEYBOARD, "x", ATTEMPT_FAILED,
	"error: PAM: Have exhausted maximum number of retries for service for root"},
    {"refused before a question: asked all the same", {.auth = "return=perm_denied"}, BY_KEYBOARD, "x",
	ATTEMPT_FAILED, "Failed keyboard-interactive/pam"},
    {"an account that is denied", {.auth = "off=Password:_", .account = "return=perm_denied"}, BY_KEYBOARD, "x",
	ATTEMPT_FAILED, "Access denied for user root by PAM account configuration"},
};

START_TEST(a_stack_decides)
{
	if (!can_test())
		return;
	start(&logins[_i].stack, "");
	begin("root");
	if (logins[_i].by == BY_PASSWORD) {
		say_password(logins[_i].answer);
	} else {
		start_keyboard();
		expect_prompt("", "Password: ", false);
		respond(logins[_i].answer);
	}
	/* Texts come first. */
	if (logins[_i].stack.auth != NULL && (strstr(logins[_i].stack.auth, "text=") || strstr(logins[_i].stack.auth, "many=32")))
		net_receive(&net, MSG_NET_BANNER);
	if (logins[_i].outcome == ATTEMPT_SUCCEEDED)
		expect_success();
	else
		expect_failure();
	rig_expect_log(&rig, logins[_i].logged);
	stop();
}
END_TEST

/* ------------------------------------------------------------------- phases */

START_TEST(phases_come_in_order_and_once)
{
	static const struct stack stack = {.auth = "off=Password:_ data=kept", .account = "text=welcome",
	    .session = "text=message_of_the_day env=FROM=pam env=LD_PRELOAD=/x"};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	say_password("x");
	expect_success();
	expect_trace("auth:done\nacct:done\nsetcred:done\nopen:done\n");
	NET_SAY(&net, NET_SESSION, net_session, .request = 1, .channel = 1);
	net_receive(&net, MSG_NET_GRANTED);
	NET_SAY(&net, NET_START, net_start, .request = 2, .channel = 1, .kind = PROGRAM_EXEC,
	    .command = LITERAL("test \"$FROM\" = pam && test -z \"$LD_PRELOAD\""));
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	{
		struct msg_net_exited exited;

		NET_HEAR(&net, NET_EXITED, net_exited, &exited);
		ck_assert_uint_eq(exited.status, 0);
	}
	net_close(&net);
	expect_trace("auth:done\nacct:done\nsetcred:done\nopen:done\nclose:done\nsetcred-delete:done\nend:kept\n");
	rig_stop(&rig);
}
END_TEST

static const struct {
	const char *why;
	struct stack stack;
	const char *trace;
} broken_sessions[] = {
    {"credentials that cannot be set", {.auth = "setcred=cred_err"}, "auth:done\nacct:done\nsetcred:done\n"},
    {"a session that cannot be opened", {.session = "return=session_err"},
	"auth:done\nacct:done\nsetcred:done\nopen:done\nsetcred-delete:done\n"},
};

START_TEST(a_session_that_does_not_open_is_no_login)
{
	if (!can_test())
		return;
	start(&broken_sessions[_i].stack, "");
	begin("root");
	say_password("x");
	net_receive(&net, MSG_NET_GO);
	net_close(&net);
	expect_trace(broken_sessions[_i].trace);
	rig_stop(&rig);
}
END_TEST

/* I1, I3: what was decided was decided for this name. */
static const struct stack name_changers[] = {
    {.auth = "user=nobody"},
    {.account = "user=nobody"},
    {.session = "user=nobody"},
};

START_TEST(a_changed_name_ends_the_connection)
{
	if (!can_test())
		return;
	start(&name_changers[_i], "");
	begin("root");
	say_password("x");
	if (_i == 2)
		net_receive(&net, MSG_NET_GO);
	net_close(&net);
	ck_assert(!rig_has_logged(&rig, "Starting session"));
	rig_stop(&rig);
}
END_TEST

START_TEST(a_module_that_crashes_takes_its_connection_along)
{
	static const struct stack stack = {.auth = "crash"};
	siginfo_t info = {0};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	say_password("x");
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)net.monitor, &info, WEXITED), 0);
	ck_assert_int_eq(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED, true);
	kill(net.process, SIGKILL);
	waitpid(net.process, NULL, 0);
	close(net.channel.fd);
	close(net.status.fd);
	rig_stop(&rig);
}
END_TEST

/* A key needs no password, but the account phase and the session all the same. */
START_TEST(a_key_goes_through_account_and_session)
{
	static const struct stack stack = {.auth = "return=auth_err"};
	struct private_key *key = client_key(KEY_ED25519);

	if (!can_test())
		return;
	start(&stack, "");
	rig_authorize(&rig, "keys", "", key);
	begin("root");
	net_keysig(&net, key, "root", false);
	expect_success();
	expect_trace("acct:done\nsetcred:done\nopen:done\n");
	stop();
	private_key_free(key);
}
END_TEST

START_TEST(a_key_of_a_denied_account_is_refused)
{
	static const struct stack stack = {.account = "error=You_are_not_welcome return=perm_denied"};
	struct private_key *key = client_key(KEY_ED25519);
	struct msg_net_banner banner;

	if (!can_test())
		return;
	start(&stack, "");
	rig_authorize(&rig, "keys", "", key);
	begin("root");
	net_keysig(&net, key, "root", false);
	NET_HEAR(&net, NET_BANNER, net_banner, &banner);
	ck_assert(slice_is(banner.text, "You are not welcome\n"));
	expect_failure();
	net_keysig(&net, key, "root", false);
	expect_failure();
	expect_trace("acct:done\n");
	stop();
	private_key_free(key);
}
END_TEST

/* ------------------------------------------------------------- conversation */

START_TEST(prompts_come_one_at_a_time_with_their_texts)
{
	static const struct stack stack = {.auth = "text=first error=second off=Password:_ expect=a on=Code:_ expect=b text=bye"};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("first\nsecond\n", "Password: ", false);
	respond("a");
	expect_prompt("", "Code: ", true);
	respond("b");
	/* What is said last is shown by a request without a prompt. */
	expect_prompt("bye\n", "", false);
	acknowledge();
	expect_success();
	rig_expect_log(&rig, "Postponed keyboard-interactive/pam for root from 127.0.0.1 port ");
	stop();
}
END_TEST

START_TEST(the_keys_are_exchanged_again_while_a_prompt_waits)
{
	static const struct stack stack = {.auth = "off=Password:_ expect=a"};
	struct msg_net_rekeyed rekeyed;

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	NET_SAY(&net, NET_REKEY, net_rekey, 0);
	NET_HEAR(&net, NET_REKEYED, net_rekeyed, &rekeyed);
	buf_truncate(&net.I_S, 0);
	ck_assert_int_eq(buf_append(&net.I_S, rekeyed.I_S), ERR_OK);
	net_sign(&net);
	respond("a");
	expect_success();
	stop();
}
END_TEST

START_TEST(a_client_may_go_on_to_something_else)
{
	static const struct stack stack = {.auth = "off=Password:_ expect=a"};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	NET_SAY(&net, NET_KBD_ABORT, net_kbd_abort, 0);
	say_password("b");
	expect_failure();
	rig_expect_logs(&rig, "Failed keyboard-interactive/pam for root", 1);
	rig_expect_logs(&rig, "Failed password for root", 1);
	say_password("a");
	expect_success();
	stop();
}
END_TEST

static void say_two(void)
{
	NET_SAY(&net, NET_KBD_RESPONSE, net_kbd_response, .count = 2, .response = LITERAL("a"));
}

static void say_password_instead(void)
{
	say_password("a");
}

static void say_response_twice(void)
{
	respond("a");
	respond("a");
}

static void (*const wrong_in_conversation[])(void) = {acknowledge, say_two, say_password_instead, say_response_twice,
    start_keyboard};

START_TEST(a_wrong_message_in_a_conversation_is_a_breach)
{
	static const struct stack stack = {.auth = "off=Password:_ sleep=300 expect=b"};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	wrong_in_conversation[_i]();
	ck_assert_int_eq(net_outcome(&net), OUTCOME_CRASHED);
	rig_expect_log(&rig, "monitor_violation");
	stop();
}
END_TEST

START_TEST(a_client_that_leaves_a_prompt_is_gone)
{
	static const struct stack stack = {.auth = "data=kept off=Password:_"};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	net_close(&net);
	expect_trace("auth:Conversation error\nend:kept\n");
	rig_stop(&rig);
}
END_TEST

START_TEST(the_time_to_log_in_ends_a_prompt)
{
	static const struct stack stack = {.auth = "off=Password:_"};

	if (!can_test())
		return;
	start(&stack, "LoginGraceTime 1");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	ck_assert_int_eq(net_outcome(&net), OUTCOME_GRACE_EXCEEDED);
	stop();
}
END_TEST

/* An endless module gets an end. */
START_TEST(prompts_have_a_limit)
{
	static char auth[2048];
	struct stack stack = {.auth = auth};

	if (!can_test())
		return;
	auth[0] = 0;
	for (int i = 0; i < 70; i++)
		strcat(auth, "off=P ");
	start(&stack, "");
	begin("root");
	start_keyboard();
	for (int i = 0; i < 64; i++) {
		expect_prompt("", "P", false);
		respond("x");
	}
	expect_failure();
	stop();
}
END_TEST

/* --------------------------------------------------- those who may not log in */

static const struct {
	const char *why, *user, *conf;
} refused[] = {
    {"unknown", "no-such-user", ""},
    {"denied", "root", "DenyUsers root"},
    {"root may not by password", "root", "Match User root\nPermitRootLogin prohibit-password\nMatch all"},
};

/* The same prompts, and no module ever sees what they typed. */
START_TEST(answers_of_the_refused_are_replaced)
{
	static const struct stack stack = {.auth = "off=Password:_ expect=secret"};

	if (!can_test())
		return;
	start(&stack, refused[_i].conf);
	begin(refused[_i].user);
	say_password("secret");
	expect_failure();
	start_keyboard();
	expect_prompt("", "Password: ", false);
	respond("secret");
	expect_failure();
	expect_trace("auth:Authentication failure\nauth:Authentication failure\n");
	stop();
}
END_TEST

/* A stack that takes everybody lets in nobody who does not exist (CVE-2020-27780). */
START_TEST(a_permissive_stack_makes_no_account)
{
	static const struct stack stack = {0};

	if (!can_test())
		return;
	start(&stack, "");
	begin("no-such-user");
	say_password("x");
	expect_failure();
	start_keyboard();
	expect_failure();
	ck_assert(!rig_has_logged(&rig, "Accepted"));
	stop();
}
END_TEST

START_TEST(a_module_delays_the_refusal)
{
	static const struct stack stack = {.auth = "delay=400 off=Password:_ return=auth_err"};
	uint64_t asked;

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	asked = now_ms();
	say_password("x");
	expect_failure();
	/* libpam takes a quarter off or adds one. */
	ck_assert_uint_ge(now_ms() - asked, 290);
	ck_assert_uint_le(now_ms() - asked, 5000);
	stop();
}
END_TEST

/* ------------------------------------------------------------------- expired */

#define EXPIRED "once=/tmp/monitor-test-once"

static void forget_once(void)
{
	unlink("/tmp/monitor-test-once");
}

START_TEST(an_expired_password_is_changed_by_request)
{
	static const struct stack stack = {.auth = "off=Password:_", .account = EXPIRED,
	    .password = "off=Current_password:_ expect=old off=New_password:_ expect=new off=Retype_new_password:_ expect=new"};
	struct msg_net_changereq asked;

	if (!can_test())
		return;
	forget_once();
	start(&stack, "");
	begin("root");
	say_password("old");
	NET_HEAR(&net, NET_CHANGEREQ, net_changereq, &asked);
	ck_assert_uint_gt(asked.prompt.len, 0);
	NET_SAY(&net, NET_PASSWORD_CHANGE, net_password_change, .old_password = LITERAL("old"),
	    .new_password = LITERAL("new"));
	expect_success();
	expect_trace("auth:done\nacct:Authentication token is no longer valid; new one required\nchange:done\nacct:done\n"
		     "setcred:done\nopen:done\n");
	stop();
	forget_once();
}
END_TEST

START_TEST(an_expired_password_is_changed_in_the_conversation)
{
	static const struct stack stack = {.auth = "off=Password:_", .account = EXPIRED,
	    .password = "text=Expired. off=New_password:_ expect=new"};

	if (!can_test())
		return;
	forget_once();
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	respond("old");
	expect_prompt("Expired.\n", "New password: ", false);
	respond("new");
	expect_success();
	stop();
	forget_once();
}
END_TEST

START_TEST(a_key_with_an_expired_password_changes_it_by_keyboard)
{
	static const struct stack stack = {.auth = "off=Password:_", .account = EXPIRED,
	    .password = "off=New_password:_ expect=new"};
	struct private_key *key = client_key(KEY_ED25519);

	if (!can_test())
		return;
	forget_once();
	start(&stack, "");
	rig_authorize(&rig, "keys", "", key);
	begin("root");
	net_keysig(&net, key, "root", false);
	net_expect_result(&net, ATTEMPT_PARTIAL, "keyboard-interactive");
	/* Nothing else helps now. */
	net_keysig(&net, key, "root", false);
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	say_password("old");
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	start_keyboard();
	expect_prompt("", "New password: ", false);
	respond("new");
	expect_success();
	stop();
	forget_once();
	private_key_free(key);
}
END_TEST

START_TEST(a_change_that_fails_is_no_login)
{
	static const struct stack stack = {.auth = "off=Password:_", .account = "return=new_authtok",
	    .password = "error=Too_short off=New_password:_ return=authtok_err"};
	struct msg_net_changereq asked;
	struct msg_net_banner banner;

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	say_password("old");
	NET_HEAR(&net, NET_CHANGEREQ, net_changereq, &asked);
	NET_SAY(&net, NET_PASSWORD_CHANGE, net_password_change, .old_password = LITERAL("old"),
	    .new_password = LITERAL("new"));
	NET_HEAR(&net, NET_BANNER, net_banner, &banner);
	ck_assert(slice_is(banner.text, "Too short\n"));
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	stop();
}
END_TEST

/* A module that is never content does not ask for ever. */
START_TEST(one_change_must_do)
{
	static const struct stack stack = {.auth = "off=Password:_", .account = "return=new_authtok",
	    .password = "off=New_password:_"};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	start_keyboard();
	expect_prompt("", "Password: ", false);
	respond("old");
	expect_prompt("", "New password: ", false);
	respond("new");
	expect_failure();
	say_password("old");
	expect_failure();
	stop();
}
END_TEST

/* CVE-2012-5975: a change first thing. */
START_TEST(a_change_that_nobody_asked_for_fails)
{
	static const struct stack stack = {0};

	if (!can_test())
		return;
	start(&stack, "");
	begin("root");
	NET_SAY(&net, NET_PASSWORD_CHANGE, net_password_change, .old_password = LITERAL("x"),
	    .new_password = LITERAL("y"));
	expect_failure();
	expect_trace("");
	stop();
}
END_TEST

/* -------------------------------------------------------------------- factors */

START_TEST(a_key_and_then_a_code)
{
	static const struct stack stack = {.auth = "off=Code:_ expect=123"};
	struct private_key *key = client_key(KEY_ED25519);

	if (!can_test())
		return;
	start(&stack, "AuthenticationMethods publickey,keyboard-interactive:pam");
	rig_authorize(&rig, "keys", "restrict,command=\"true\"", key);
	begin("root");
	start_keyboard();
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	say_password("123");
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	net_keysig(&net, key, "root", false);
	net_expect_result(&net, ATTEMPT_PARTIAL, "keyboard-interactive");
	start_keyboard();
	expect_prompt("", "Code: ", false);
	respond("123");
	expect_success();
	/* The key's restrictions stay (CVE-2026-39828). */
	NET_SAY(&net, NET_SESSION, net_session, .request = 1, .channel = 1);
	net_receive(&net, MSG_NET_GRANTED);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("x"));
	net_receive(&net, MSG_NET_DENIED);
	stop();
	private_key_free(key);
}
END_TEST

START_TEST(empty_passwords_are_a_matter_of_the_configuration)
{
	static const struct stack stack = {.auth = "off=Password:_ expect="};

	if (!can_test())
		return;
	start(&stack, "PermitEmptyPasswords yes");
	begin("root");
	NET_SAY(&net, NET_NONE, net_none, 0);
	expect_success();
	expect_trace("auth-null:done\nacct:done\nsetcred:done\nopen:done\n");
	stop();
}
END_TEST

SUITE("pam", LOOP_TEST(a_stack_decides, COUNT_OF(logins)), TEST(phases_come_in_order_and_once),
    LOOP_TEST(a_session_that_does_not_open_is_no_login, COUNT_OF(broken_sessions)),
    LOOP_TEST(a_changed_name_ends_the_connection, COUNT_OF(name_changers)),
    TEST(a_module_that_crashes_takes_its_connection_along), TEST(a_key_goes_through_account_and_session),
    TEST(a_key_of_a_denied_account_is_refused), TEST(prompts_come_one_at_a_time_with_their_texts),
    TEST(the_keys_are_exchanged_again_while_a_prompt_waits), TEST(a_client_may_go_on_to_something_else),
    LOOP_TEST(a_wrong_message_in_a_conversation_is_a_breach, COUNT_OF(wrong_in_conversation)),
    TEST(a_client_that_leaves_a_prompt_is_gone), TEST(the_time_to_log_in_ends_a_prompt), TEST(prompts_have_a_limit),
    LOOP_TEST(answers_of_the_refused_are_replaced, COUNT_OF(refused)), TEST(a_permissive_stack_makes_no_account),
    TEST(a_module_delays_the_refusal), TEST(an_expired_password_is_changed_by_request),
    TEST(an_expired_password_is_changed_in_the_conversation),
    TEST(a_key_with_an_expired_password_changes_it_by_keyboard), TEST(a_change_that_fails_is_no_login),
    TEST(one_change_must_do), TEST(a_change_that_nobody_asked_for_fails), TEST(a_key_and_then_a_code),
    TEST(empty_passwords_are_a_matter_of_the_configuration))
