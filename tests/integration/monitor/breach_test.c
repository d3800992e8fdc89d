/*
 * Every message in every state: what the table does not permit, and what it permits but cannot
 * be right, ends the connection at once, is logged, and counts as a crash.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "privsep/sandbox/sandbox.h"
#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct private_key *key;
static unsigned breaches;

static void start(void)
{
	key = client_key(KEY_ED25519);
	breaches = 0;
	rig_start(&rig, "LoginGraceTime 60");
	rig_authorize(&rig, "keys", "", key);
}

static void stop(void)
{
	rig_stop(&rig);
	private_key_free(key);
}

/* ---------------------------------------------------------------- in a state */

static void enter_auth(struct net *net)
{
	struct msg_net_result result;

	net_exchange(net);
	NET_SAY(net, NET_USER, net_user, .name = slice_text(rig_user()));
	NET_SAY(net, NET_NONE, net_none, 0);
	NET_HEAR(net, NET_RESULT, net_result, &result);
}

static void enter_open(struct net *net)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(16384);
	struct msg_net_result result;
	struct msg_net_open opened;

	enter_auth(net);
	client_sign(net, key, rig_user(), "ssh-ed25519", false, &signature);
	NET_SAY(net, NET_KEYSIG, net_keysig, .algorithm = LITERAL("ssh-ed25519"), .blob = private_key_blob(key),
	    .signature = buf_view(&signature));
	NET_HEAR(net, NET_RESULT, net_result, &result);
	ck_assert_int_eq(result.outcome, ATTEMPT_SUCCEEDED);
	NET_HEAR(net, NET_OPEN, net_open, &opened);
}

static void enter_start(struct net *net)
{
	(void)net;
}

static const struct {
	enum monitor_state state;
	void (*enter)(struct net *net);
} states[] = {
    {STATE_START, enter_start},
    {STATE_KEX, net_ready},
    {STATE_KEYED, net_exchange},
    {STATE_AUTH, enter_auth},
    {STATE_OPEN, enter_open},
};

/* A datagram with the next number and an arbitrary type and body. */
static void say_raw(struct net *net, unsigned type, struct slice body)
{
	uint8_t datagram[4096] = {(uint8_t)type, 0, 0, 0};
	uint32_t number = net->channel.next_sent++;

	for (int i = 0; i < 4; i++)
		datagram[4 + i] = (uint8_t)(number >> (24 - 8 * i));
	if (body.len > 0)
		memcpy(datagram + 8, body.ptr, body.len);
	ck_assert_int_gt(send(net->channel.fd, datagram, 8 + body.len, MSG_NOSIGNAL), 0);
}

static void expect_breach(struct net *net, const char *why)
{
	ck_assert_msg(net_outcome(net) == OUTCOME_CRASHED, "%s", why);
	net_close(net);
	rig_expect_logs(&rig, "monitor_violation", ++breaches);
}

/* ------------------------------------------------------------------- the matrix */

/* The table itself says what is forbidden; a state that permits a message is another test's. */
START_TEST(what_the_table_forbids_is_a_breach)
{
	enum monitor_state state = states[_i].state;
	unsigned tried = 0;

	start();
	for (unsigned type = 0; type <= MSG_NET_COUNT + 1; type++) {
		struct net net;

		if (message_permit(&net_messages, type, UP, state, IPC_HEADER_LEN, 0) == ERR_OK)
			continue;
		net_open(&rig, &net);
		states[_i].enter(&net);
		say_raw(&net, type, (struct slice){0});
		expect_breach(&net, message_name(&net_messages, type));
		tried++;
	}
	ck_assert_uint_gt(tried, 20);
	stop();
}
END_TEST

/* A permitted type with a body that is too short, too long, or both. */
START_TEST(a_malformed_body_is_a_breach)
{
	static const uint8_t ones[64] = {[0 ... 63] = 0xff};
	enum monitor_state state = states[_i].state;

	start();
	for (unsigned type = 1; type < MSG_NET_COUNT; type++) {
		struct net net;

		if (message_permit(&net_messages, type, UP, state, IPC_HEADER_LEN, 0) != ERR_OK)
			continue;
		net_open(&rig, &net);
		states[_i].enter(&net);
		say_raw(&net, type, SLICE_OF(ones));
		expect_breach(&net, message_name(&net_messages, type));
	}
	stop();
}
END_TEST

/* -------------------------------------------------------------- the transport */

static void open_in_auth(struct net *net)
{
	net_open(&rig, net);
	enter_auth(net);
}

START_TEST(a_datagram_out_of_turn_is_a_breach)
{
	static const int skips[] = {1, -1, 1000};

	start();
	for (size_t i = 0; i < COUNT_OF(skips); i++) {
		struct net net;

		open_in_auth(&net);
		net.channel.next_sent += (uint32_t)skips[i];
		NET_SAY(&net, NET_NONE, net_none, 0);
		expect_breach(&net, "sequence");
	}
	stop();
}
END_TEST

START_TEST(a_descriptor_from_net_is_a_breach)
{
	struct net net;
	int fd = 0;

	start();
	open_in_auth(&net);
	ck_assert_int_eq(ipc_send_datagram(&net.channel, STATE_UNKNOWN, MSG_NET_NONE, rig_scratch(), 0, &fd, 1, true),
	    ERR_BREACH);
	/* The table of this side would not send it; the kernel does. */
	{
		uint8_t datagram[] = {MSG_NET_NONE, 0, 0, 0, 0, 0, 0, (uint8_t)net.channel.next_sent};
		union {
			struct cmsghdr header;
			char bytes[CMSG_SPACE(sizeof(int))];
		} control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
		struct iovec part = {datagram, sizeof(datagram)};
		struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
		    .msg_controllen = sizeof(control)};

		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		ck_assert_int_gt(sendmsg(net.channel.fd, &header, MSG_NOSIGNAL), 0);
	}
	expect_breach(&net, "descriptor");
	stop();
}
END_TEST

START_TEST(a_second_question_before_the_answer_is_a_breach)
{
	struct net net;

	start();
	open_in_auth(&net);
	for (int i = 0; i < 2; i++)
		NET_SAY(&net, NET_UNKNOWN, net_unknown, .method = LITERAL("hostbased"));
	expect_breach(&net, "two questions");
	stop();
}
END_TEST

/* ------------------------------------------------------------- permitted, but wrong */

static const uint8_t Q[32] = {1}, I_C[18] = {20};

static void sign_with(struct net *net, const char *kex, const char *algorithm, uint32_t host_key, size_t Q_C_len)
{
	NET_SAY(net, NET_SIGN, net_sign, .kex = slice_text(kex), .signature_algorithm = slice_text(algorithm),
	    .host_key = host_key, .V_C = LITERAL(RIG_V_C), .I_C = SLICE_OF(I_C), .Q_C = slice_over(Q, Q_C_len),
	    .Q_S = SLICE_OF(Q), .K = SLICE_OF(Q));
}

static const struct {
	const char *why;
	const char *kex, *algorithm;
	uint32_t host_key;
	size_t Q_C_len;
} bad_signs[] = {
    {"a method that does not exist", "curve25519", "ssh-ed25519", 0, 32},
    {"a method that was not offered", "diffie-hellman-group14-sha256", "ssh-ed25519", 0, 32},
    {"an algorithm that does not exist", "curve25519-sha256", "ssh-ed448", 0, 32},
    {"an algorithm the key does not have", "curve25519-sha256", "rsa-sha2-512", 0, 32},
    {"a key that does not exist", "curve25519-sha256", "ssh-ed25519", 1, 32},
    {"a public value too short", "curve25519-sha256", "ssh-ed25519", 0, 31},
    {"no public value", "curve25519-sha256", "ssh-ed25519", 0, 0},
};

START_TEST(a_sign_that_cannot_be_is_a_breach)
{
	struct net net;

	start();
	net_open(&rig, &net);
	net_ready(&net);
	sign_with(&net, bad_signs[_i].kex, bad_signs[_i].algorithm, bad_signs[_i].host_key, bad_signs[_i].Q_C_len);
	expect_breach(&net, bad_signs[_i].why);
	stop();
}
END_TEST

/* I4: as many signatures as cookies. */
START_TEST(a_cookie_is_signed_once)
{
	struct net net;

	start();
	net_open(&rig, &net);
	net_exchange(&net);
	sign_with(&net, "curve25519-sha256", "ssh-ed25519", 0, 32);
	expect_breach(&net, "two signatures for a cookie");
	net_open(&rig, &net);
	net_exchange(&net);
	for (int i = 0; i < 2; i++) {
		struct msg_net_rekeyed rekeyed;

		NET_SAY(&net, NET_REKEY, net_rekey, 0);
		if (i == 0)
			NET_HEAR(&net, NET_REKEYED, net_rekeyed, &rekeyed);
	}
	expect_breach(&net, "two cookies for a signature");
	stop();
}
END_TEST

START_TEST(the_user_is_fixed_once)
{
	struct net net;

	start();
	open_in_auth(&net);
	NET_SAY(&net, NET_USER, net_user, .name = slice_text(rig_user()));
	expect_breach(&net, "the user twice");
	stop();
}
END_TEST

static void open_session(struct net *net, uint32_t channel)
{
	struct msg_net_granted granted;

	NET_SAY(net, NET_SESSION, net_session, .request = 1, .channel = channel);
	NET_HEAR(net, NET_GRANTED, net_granted, &granted);
}

static void say_start_twice(struct net *net)
{
	open_session(net, 1);
	for (int i = 0; i < 2; i++)
		NET_SAY(net, NET_PTY, net_pty, .request = 5, .channel = 1, .term = LITERAL("xterm"));
}

static void say_same_channel(struct net *net)
{
	open_session(net, 1);
	NET_SAY(net, NET_SESSION, net_session, .request = 2, .channel = 1);
}

static void say_unknown_channel(struct net *net)
{
	open_session(net, 1);
	NET_SAY(net, NET_START, net_start, .request = 2, .channel = 2, .kind = PROGRAM_SHELL);
}

static void say_closed_channel(struct net *net)
{
	open_session(net, 1);
	NET_SAY(net, NET_CLOSE, net_close, .channel = 1);
	NET_SAY(net, NET_CLOSE, net_close, .channel = 1);
}

static void say_unknown_proof(struct net *net)
{
	NET_SAY(net, NET_PROVE, net_prove, .request = 1, .blob = LITERAL("not a host key"));
}

static void say_event_none(struct net *net)
{
	NET_SAY(net, NET_EVENT, net_event, .event = NET_EVENT_NONE);
}

static const struct {
	const char *why;
	void (*say)(struct net *net);
} wrong_in_open[] = {
    {"a terminal asked for twice", say_start_twice},
    {"a channel opened twice", say_same_channel},
    {"a channel that is not open", say_unknown_channel},
    {"a channel closed twice", say_closed_channel},
    {"a proof of a key that is none of ours", say_unknown_proof},
    {"an event that is none", say_event_none},
};

START_TEST(a_request_that_cannot_be_is_a_breach)
{
	struct net net;

	start();
	net_open(&rig, &net);
	enter_open(&net);
	wrong_in_open[_i].say(&net);
	expect_breach(&net, wrong_in_open[_i].why);
	stop();
}
END_TEST

START_TEST(a_sandbox_that_is_not_whole_serves_nobody)
{
	struct net net;

	start();
	net_open(&rig, &net);
	NET_SAY(&net, NET_READY, net_ready, .layers = LAYERS_REQUIRED & ~(uint32_t)LAYER_SECCOMP);
	ck_assert_int_ne(net_outcome(&net), OUTCOME_AUTHENTICATED);
	net_close(&net);
	rig_expect_log(&rig, "sandbox");
	stop();
}
END_TEST

SUITE("breach", LOOP_TEST(what_the_table_forbids_is_a_breach, COUNT_OF(states)),
    LOOP_TEST(a_malformed_body_is_a_breach, COUNT_OF(states)), TEST(a_datagram_out_of_turn_is_a_breach),
    TEST(a_descriptor_from_net_is_a_breach), TEST(a_second_question_before_the_answer_is_a_breach),
    LOOP_TEST(a_sign_that_cannot_be_is_a_breach, COUNT_OF(bad_signs)), TEST(a_cookie_is_signed_once),
    TEST(the_user_is_fixed_once), LOOP_TEST(a_request_that_cannot_be_is_a_breach, COUNT_OF(wrong_in_open)),
    TEST(a_sandbox_that_is_not_whole_serves_nobody))
