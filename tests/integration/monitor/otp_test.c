/* One-time passwords behind the real monitor: never alone, never twice, the same for everybody. */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sshd/auth/evidence/otp.h"
#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;
static struct private_key *key;

#define SECRET "12345678901234567890"

/* The code of now, or of a step nearby. */
static const char *code_now(int steps)
{
	static char code[OTP_DIGITS_MOST + 1];
	struct otp otp = {.kind = OTP_TIME, .hash = HASH_SHA1, .digits = 6, .period_s = 30, .secret_len = 20};

	memcpy(otp.secret, SECRET, 20);
	ck_assert_int_eq(otp_code(&otp, (uint64_t)(time(NULL) / 30 + steps), code), ERR_OK);
	return code;
}

static void enrol(const char *user)
{
	char directory[128], name[300];

	snprintf(directory, sizeof(directory), "%s/otp", rig.dir);
	(void)mkdir(directory, 0700);
	snprintf(name, sizeof(name), "otp/%s", user);
	rig_write(&rig, name,
	    LITERAL("sekisho-otp 1\nkind totp\nhash sha1\ndigits 6\nperiod 30\n"
		    "secret GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\nmark 0\nbudget 10 0\n"));
}

static void start(const char *conf, const char *option)
{
	key = client_key(KEY_ED25519);
	rig.options[0] = option;
	rig_start(&rig, conf);
	rig_authorize(&rig, "keys", "", key);
}

static void stop(void)
{
	net_close(&net);
	rig_stop(&rig);
	private_key_free(key);
}

static void begin(const char *user)
{
	net_open(&rig, &net);
	net_exchange(&net);
	net_user(&net, user);
}

static void start_keyboard(void)
{
	struct msg_net_prompt prompt;

	NET_SAY(&net, NET_KBD_START, net_kbd_start, 0);
	NET_HEAR(&net, NET_PROMPT, net_prompt, &prompt);
	ck_assert(slice_is(prompt.prompt, "One-time password: "));
	ck_assert(prompt.has_prompt && !prompt.echo && prompt.instruction.len == 0);
}

static void respond(const char *text)
{
	NET_SAY(&net, NET_KBD_RESPONSE, net_kbd_response, .count = 1, .response = slice_text(text));
}

static void earn_key(void)
{
	net_keysig(&net, key, rig_user(), false);
	net_expect_result(&net, ATTEMPT_PARTIAL, "keyboard-interactive");
}

#define KEY_AND_CODE "AuthenticationMethods publickey,keyboard-interactive:otp"

START_TEST(a_key_and_a_code)
{
	start(KEY_AND_CODE, NULL);
	enrol(rig_user());
	begin(rig_user());
	earn_key();
	start_keyboard();
	respond("000000");
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	rig_expect_log(&rig, "Failed keyboard-interactive/otp for ");
	start_keyboard();
	respond(code_now(0));
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	rig_expect_log(&rig, "Accepted keyboard-interactive/otp for ");
	/* Codes are not for the log. */
	ck_assert(!rig_has_logged(&rig, "000000"));
	net_close(&net);
	/* The same code, or an older one, does not count again. */
	begin(rig_user());
	earn_key();
	start_keyboard();
	respond(code_now(0));
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	start_keyboard();
	respond(code_now(-1));
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	stop();
}
END_TEST

/* A list of codes alone is refused with the configuration; the other ways to ask first thing are these. */
static const struct {
	const char *conf, *option;
} alone[] = {
    {"", NULL},
    {"AuthenticationMethods any", NULL},
    {"AuthenticationMethods any", "SecondFactor otp"},
    {"", "SecondFactor otp"},
    {"AuthenticationMethods publickey", "SecondFactor otp"},
    {KEY_AND_CODE, NULL},
};

START_TEST(a_code_alone_is_no_login)
{
	start(alone[_i].conf, alone[_i].option);
	enrol(rig_user());
	begin(rig_user());
	NET_SAY(&net, NET_KBD_START, net_kbd_start, 0);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	stop();
}
END_TEST

START_TEST(the_second_factor_is_asked_of_every_method)
{
	start("", "SecondFactor otp");
	enrol(rig_user());
	begin(rig_user());
	earn_key();
	/* The key again is not the second factor. */
	net_keysig(&net, key, rig_user(), false);
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	start_keyboard();
	respond(code_now(0));
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	stop();
}
END_TEST

static const struct {
	const char *why, *option, *logged;
	bool is_accepted;
} without_record[] = {
    {"refused", NULL, "no record", false},
    {"in grace", "OtpGraceUntil 20990101", "no record yet, in grace", true},
    {"behind grace", "OtpGraceUntil 20200101", "no record", false},
};

START_TEST(without_a_record_nobody_gets_in)
{
	char directory[128];

	start(KEY_AND_CODE, without_record[_i].option);
	snprintf(directory, sizeof(directory), "%s/otp", rig.dir);
	ck_assert_int_eq(mkdir(directory, 0700), 0);
	begin(rig_user());
	earn_key();
	start_keyboard();
	respond("123456");
	net_expect_result(&net, without_record[_i].is_accepted ? ATTEMPT_SUCCEEDED : ATTEMPT_FAILED,
	    without_record[_i].is_accepted ? "" : "keyboard-interactive");
	rig_expect_log(&rig, without_record[_i].logged);
	stop();
}
END_TEST

/* A store that is not as it should be is named in the log, and lets nobody in, grace or not. */
START_TEST(a_store_that_cannot_be_trusted_refuses)
{
	char path[400];

	start(KEY_AND_CODE, "OtpGraceUntil 20990101");
	enrol(rig_user());
	snprintf(path, sizeof(path), "%s/otp/%s", rig.dir, rig_user());
	ck_assert_int_eq(chmod(path, 0644), 0);
	begin(rig_user());
	earn_key();
	start_keyboard();
	respond(code_now(0));
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	rig_expect_log(&rig, "owner or permissions are not acceptable");
	stop();
}
END_TEST

START_TEST(tries_run_out)
{
	start(KEY_AND_CODE "\nMaxAuthTries 40", NULL);
	enrol(rig_user());
	begin(rig_user());
	earn_key();
	for (int i = 0; i < 10; i++) {
		start_keyboard();
		respond("000000");
		net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	}
	start_keyboard();
	respond(code_now(0));
	net_expect_result(&net, ATTEMPT_FAILED, "keyboard-interactive");
	rig_expect_log(&rig, "too many tries");
	stop();
}
END_TEST

SUITE("otp", TEST(a_key_and_a_code), LOOP_TEST(a_code_alone_is_no_login, COUNT_OF(alone)),
    TEST(the_second_factor_is_asked_of_every_method), LOOP_TEST(without_a_record_nobody_gets_in, COUNT_OF(without_record)),
    TEST(a_store_that_cannot_be_trusted_refuses), TEST(tries_run_out))
