/* Public keys and what must not get in; counting, times and lines of the log. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/wire/writer.h"
#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;
static struct private_key *key, *other;

static void start(const char *conf)
{
	key = client_key(KEY_ED25519);
	other = client_key(KEY_ED25519);
	rig_start(&rig, conf);
	rig_authorize(&rig, "keys", "", key);
}

static void stop(void)
{
	rig_stop(&rig);
	private_key_free(key);
	private_key_free(other);
}

/* The other key behind the first one. */
static void authorize_other(const char *options)
{
	char command[256];

	rig_authorize(&rig, "other", options, other);
	snprintf(command, sizeof(command), "cat %s/other >> %s/keys", rig.dir, rig.dir);
	ck_assert_int_eq(system(command), 0);
}

static void begin(const char *user)
{
	net_open(&rig, &net);
	net_exchange(&net);
	net_user(&net, user);
}

static void probe(const struct private_key *with)
{
	NET_SAY(&net, NET_PROBE, net_probe, .algorithm = LITERAL("ssh-ed25519"), .blob = private_key_blob(with));
}

/* ---------------------------------------------------------------- signatures */

static void say_signature(const struct private_key *with, const char *algorithm, struct slice signature,
    bool is_hostbound)
{
	NET_SAY(&net, NET_KEYSIG, net_keysig, .algorithm = slice_text(algorithm), .blob = private_key_blob(with),
	    .signature = signature, .is_hostbound = is_hostbound);
}

static void sign_for_other_user(struct buf *signature)
{
	client_sign(&net, key, "somebody-else", "ssh-ed25519", false, signature);
	say_signature(key, "ssh-ed25519", buf_view(signature), false);
}

static void sign_in_other_session(struct buf *signature)
{
	struct net elsewhere = net;

	elsewhere.session_id.bytes[0] ^= 1;
	client_sign(&elsewhere, key, rig_user(), "ssh-ed25519", false, signature);
	say_signature(key, "ssh-ed25519", buf_view(signature), false);
}

static void sign_plain_and_say_bound(struct buf *signature)
{
	client_sign(&net, key, rig_user(), "ssh-ed25519", false, signature);
	say_signature(key, "ssh-ed25519", buf_view(signature), true);
}

static void sign_with_another_key(struct buf *signature)
{
	client_sign(&net, other, rig_user(), "ssh-ed25519", false, signature);
	say_signature(key, "ssh-ed25519", buf_view(signature), false);
}

static void sign_with_an_unlisted_key(struct buf *signature)
{
	client_sign(&net, other, rig_user(), "ssh-ed25519", false, signature);
	say_signature(other, "ssh-ed25519", buf_view(signature), false);
}

static void sign_under_another_name(struct buf *signature)
{
	client_sign(&net, key, rig_user(), "ssh-ed25519", false, signature);
	say_signature(key, "rsa-sha2-512", buf_view(signature), false);
}

static void sign_nothing(struct buf *signature)
{
	(void)signature;
	say_signature(key, "ssh-ed25519", (struct slice){0}, false);
}

static const struct {
	const char *why;
	void (*say)(struct buf *signature);
} bad_signatures[] = {
    {"of another user", sign_for_other_user},
    {"of another session", sign_in_other_session},
    {"plain, where host-bound is said", sign_plain_and_say_bound},
    {"of another key", sign_with_another_key},
    {"of a key that is not listed", sign_with_an_unlisted_key},
    {"under another algorithm", sign_under_another_name},
    {"none", sign_nothing},
};

START_TEST(a_signature_must_be_over_this_very_request)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(16384);

	start("");
	begin(rig_user());
	bad_signatures[_i].say(&signature);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	/* And the right one still does. */
	net_keysig(&net, key, rig_user(), false);
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	net_close(&net);
	stop();
}
END_TEST

/* The identity is that of the signature, not of an earlier question (CVE-2024-45337). */
START_TEST(restrictions_are_those_of_the_key_that_signed)
{
	start("");
	authorize_other("restrict");
	begin(rig_user());
	probe(key);
	net_receive(&net, MSG_NET_KEY_OK);
	net_keysig(&net, other, rig_user(), false);
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	net_receive(&net, MSG_NET_OPEN);
	NET_SAY(&net, NET_SESSION, net_session, .request = 1, .channel = 0);
	net_receive(&net, MSG_NET_GRANTED);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 0, .term = LITERAL("xterm"));
	net_receive(&net, MSG_NET_DENIED);
	net_close(&net);
	stop();
}
END_TEST

/* ------------------------------------------------------------------- options */

static const struct {
	const char *why;
	const char *options;
	const char *logged;
	bool is_accepted;
} options[] = {
    {"from elsewhere", "from=\"10.0.0.0/8,!127.0.0.1\"", "not from a permitted host", false},
    {"from here, but refused", "from=\"127.0.0.*,!127.0.0.1\"", "not from a permitted host", false},
    {"from here", "from=\"10.0.0.0/8,127.0.0.1\"", "Accepted publickey", true},
    {"expired", "expiry-time=\"20200101Z\"", "has expired", false},
    {"good for some time", "expiry-time=\"20990101Z\"", "Accepted publickey", true},
    {"an authority", "cert-authority", "Failed publickey for ", false},
    {"nonsense", "nonsense", "bad key options: unknown key option", false},
};

START_TEST(options_of_the_line_count)
{
	start("");
	rig_authorize(&rig, "keys", options[_i].options, key);
	begin(rig_user());
	net_keysig(&net, key, rig_user(), false);
	if (options[_i].is_accepted)
		net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	else
		net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	rig_expect_log(&rig, options[_i].logged);
	net_close(&net);
	stop();
}
END_TEST

/* -------------------------------------------------------------------- rules */

static const struct {
	const char *why;
	const char *before, *after; /* of the user's name */
	const char *logged;
} refusals[] = {
    {"denied by name", "DenyUsers ", "", "not allowed because listed in DenyUsers"},
    {"not among the allowed", "AllowUsers nobody-", "", "not allowed because not listed in AllowUsers"},
    {"allowed from elsewhere", "AllowUsers ", "@10.0.0.0/8", "not allowed because not listed in AllowUsers"},
    {"in no allowed group", "AllowGroups nobody-", "", "groups are listed in AllowGroups"},
    {"denied for the address", "Match Address 127.0.0.1\nDenyUsers ", "\nMatch all", "listed in DenyUsers"},
};

/* All is done in vain, and looks on the wire as it does for everybody. */
START_TEST(an_account_that_may_not_log_in_has_no_key_that_fits)
{
	char conf[256];

	snprintf(conf, sizeof(conf), "%s%s%s", refusals[_i].before, rig_user(), refusals[_i].after);
	start(conf);
	begin(rig_user());
	probe(key);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	net_keysig(&net, key, rig_user(), false);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	rig_expect_log(&rig, refusals[_i].logged);
	rig_expect_log(&rig, "Failed publickey for invalid user ");
	ck_assert(!rig_has_logged(&rig, "Accepted publickey"));
	net_close(&net);
	stop();
}
END_TEST

/* 127.0.0.1 is called localhost wherever /etc/hosts says so. */
START_TEST(a_name_counts_only_where_it_is_asked_for)
{
	for (int uses_dns = 0; uses_dns < 2; uses_dns++) {
		start(uses_dns ? "UseDNS yes" : "UseDNS no");
		rig_authorize(&rig, "keys", "from=\"localhost*\"", key);
		begin(rig_user());
		net_keysig(&net, key, rig_user(), false);
		net_expect_result(&net, uses_dns ? ATTEMPT_SUCCEEDED : ATTEMPT_FAILED, uses_dns ? "" : "publickey");
		net_close(&net);
		stop();
	}
}
END_TEST

START_TEST(a_refused_connection_ends)
{
	start("Match Address 127.0.0.1\nRefuseConnection yes\nMatch all");
	begin(rig_user());
	ck_assert_int_eq(net_outcome(&net), OUTCOME_REFUSED);
	rig_expect_log(&rig, "Administratively prohibited connection for ");
	net_close(&net);
	stop();
}
END_TEST

START_TEST(an_unknown_user_looks_like_any_other)
{
	start("");
	begin("no-such-user");
	NET_SAY(&net, NET_NONE, net_none, 0);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	probe(key);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	net_keysig(&net, key, "no-such-user", false);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	rig_expect_log(&rig, "Invalid user no-such-user from 127.0.0.1 port ");
	rig_expect_log(&rig, "Failed publickey for invalid user no-such-user from 127.0.0.1 port ");
	NET_SAY(&net, NET_BYE, net_bye, .end = END_CLOSED);
	rig_expect_log(&rig, "Connection closed by invalid user no-such-user 127.0.0.1 port ");
	ck_assert_int_eq(net_outcome(&net), OUTCOME_INVALID_USER);
	net_close(&net);
	stop();
}
END_TEST

/* -------------------------------------------------------------------- modes */

START_TEST(the_obstacle_of_modes_is_named)
{
	char expect[256];

	start("StrictModes yes");
	begin(rig_user());
	probe(key);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	rig_expect_log(&rig, "Authentication refused: bad ownership or modes for directory /tmp\n");
	snprintf(expect, sizeof(expect), "%s/keys", rig.dir);
	ck_assert_int_eq(chmod(expect, 0666), 0);
	net_close(&net);
	begin(rig_user());
	probe(key);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	snprintf(expect, sizeof(expect), "Authentication refused: bad ownership or modes for file %s/keys\n", rig.dir);
	rig_expect_log(&rig, expect);
	net_close(&net);
	stop();
}
END_TEST

/* ----------------------------------------------------------------- counting */

START_TEST(too_many_tries_end_the_connection)
{
	struct msg_net_go go;

	start("MaxAuthTries 3");
	begin(rig_user());
	NET_SAY(&net, NET_NONE, net_none, 0);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	for (int i = 0; i < 2; i++) {
		probe(other);
		net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	}
	probe(other);
	NET_HEAR(&net, NET_GO, net_go, &go);
	ck_assert_uint_eq(go.reason, 2);
	ck_assert(slice_is(go.text, "Too many authentication failures"));
	NET_SAY(&net, NET_BYE, net_bye, .end = END_NONE);
	ck_assert_int_eq(net_outcome(&net), OUTCOME_FAILED);
	rig_expect_log(&rig, "error: maximum authentication attempts exceeded for ");
	rig_expect_log(&rig, "Disconnecting authenticating user ");
	rig_expect_log(&rig, ": Too many authentication failures [preauth]\n");
	net_close(&net);
	stop();
}
END_TEST

START_TEST(a_net_that_does_not_go_is_killed)
{
	start("MaxAuthTries 1");
	begin(rig_user());
	probe(other);
	net_receive(&net, MSG_NET_GO);
	net_expect_end(&net);
	close(net.channel.fd);
	close(net.status.fd);
	close(net.client);
	close(net.monitor);
	buf_wipe(&net.I_S);
	ipc_message_wipe(&net.message);
	stop();
}
END_TEST

START_TEST(two_keys_are_two_different_keys)
{
	start("AuthenticationMethods publickey,publickey");
	authorize_other("");
	begin(rig_user());
	net_keysig(&net, key, rig_user(), false);
	net_expect_result(&net, ATTEMPT_PARTIAL, "publickey");
	rig_expect_log(&rig, "Partial publickey for ");
	net_keysig(&net, key, rig_user(), false);
	net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	net_keysig(&net, other, rig_user(), false);
	net_expect_result(&net, ATTEMPT_SUCCEEDED, "");
	net_close(&net);
	stop();
}
END_TEST

/* --------------------------------------------------------------------- times */

START_TEST(the_time_to_log_in_ends)
{
	uint64_t began;

	start("LoginGraceTime 1");
	began = now_ms();
	begin(rig_user());
	ck_assert_int_eq(net_outcome(&net), OUTCOME_GRACE_EXCEEDED);
	ck_assert_uint_ge(now_ms() - began, 990);
	rig_expect_log(&rig, "Timeout before authentication for connection from 127.0.0.1 to 127.0.0.1, pid = ");
	net_close(&net);
	net_login(&rig, &net, key);
	usleep(1200 * 1000);
	NET_SAY(&net, NET_SESSION, net_session, .request = 1, .channel = 0);
	net_receive(&net, MSG_NET_GRANTED);
	net_close(&net);
	stop();
}
END_TEST

/* I13: no refusal of a key before 20 ms, none of a first `none` later than at once. */
START_TEST(refusals_keep_their_time)
{
	uint64_t asked;

	start("");
	begin(rig_user());
	for (int i = 0; i < 3; i++) {
		asked = now_ms();
		probe(other);
		net_expect_result(&net, ATTEMPT_FAILED, "publickey");
		ck_assert_uint_ge(now_ms() - asked, 19);
	}
	net_close(&net);
	stop();
}
END_TEST

START_TEST(no_method_left_is_said)
{
	struct msg_net_go go;

	start("PubkeyAuthentication no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
	      "AuthenticationMethods any");
	begin(rig_user());
	NET_SAY(&net, NET_NONE, net_none, 0);
	net_expect_result(&net, ATTEMPT_FAILED, "");
	net_close(&net);
	stop();
	start("Match all\nAuthenticationMethods password\nPasswordAuthentication no");
	begin(rig_user());
	NET_HEAR(&net, NET_GO, net_go, &go);
	ck_assert_uint_eq(go.reason, 14);
	net_close(&net);
	stop();
}
END_TEST

START_TEST(a_banner_comes_before_the_first_answer)
{
	struct msg_net_banner banner;
	char conf[128];

	snprintf(conf, sizeof(conf), "Banner /tmp/monitor-test-banner.%d", getpid());
	start(conf);
	{
		char path[128];
		FILE *file;

		snprintf(path, sizeof(path), "/tmp/monitor-test-banner.%d", getpid());
		file = fopen(path, "w");
		fputs("Mind the gap\n", file);
		fclose(file);
		begin("no-such-user");
		NET_HEAR(&net, NET_BANNER, net_banner, &banner);
		ck_assert(slice_is(banner.text, "Mind the gap\n"));
		unlink(path);
	}
	net_close(&net);
	stop();
}
END_TEST

SUITE("auth", LOOP_TEST(a_signature_must_be_over_this_very_request, COUNT_OF(bad_signatures)),
    TEST(restrictions_are_those_of_the_key_that_signed), LOOP_TEST(options_of_the_line_count, COUNT_OF(options)),
    LOOP_TEST(an_account_that_may_not_log_in_has_no_key_that_fits, COUNT_OF(refusals)),
    TEST(a_name_counts_only_where_it_is_asked_for), TEST(a_refused_connection_ends), TEST(an_unknown_user_looks_like_any_other), TEST(the_obstacle_of_modes_is_named),
    TEST(too_many_tries_end_the_connection), TEST(a_net_that_does_not_go_is_killed),
    TEST(two_keys_are_two_different_keys), TEST(the_time_to_log_in_ends), TEST(refusals_keep_their_time),
    TEST(no_method_left_is_said), TEST(a_banner_comes_before_the_first_answer))
