/* A login by public key through real processes, and what of it must not work. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;

static void say_user(const char *user)
{
	NET_SAY(&net, NET_USER, net_user, .name = slice_text(user));
}

static void say_keysig(const struct private_key *key, const char *user, bool is_hostbound)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(16384);

	client_sign(&net, key, user, "ssh-ed25519", is_hostbound, &signature);
	NET_SAY(&net, NET_KEYSIG, net_keysig, .algorithm = LITERAL("ssh-ed25519"),
	    .blob = private_key_blob(key), .is_hostbound = is_hostbound, .signature = buf_view(&signature));
}

static void expect_result(enum attempt_outcome outcome, const char *methods)
{
	struct msg_net_result result;

	NET_HEAR(&net, NET_RESULT, net_result, &result);
	ck_assert_int_eq(result.outcome, outcome);
	ck_assert_msg(slice_is(result.methods, methods), "methods %.*s", (int)result.methods.len,
	    (const char *)result.methods.ptr);
}

static void open_connection(const struct private_key *key, const char *options)
{
	struct msg_net_open opened;
	struct msg_net_key_ok ok;

	rig_authorize(&rig, "keys", options, key);
	net_open(&rig, &net);
	net_exchange(&net);
	say_user(rig_user());
	NET_SAY(&net, NET_NONE, net_none, 0);
	expect_result(ATTEMPT_FAILED, "publickey");
	NET_SAY(&net, NET_PROBE, net_probe, .algorithm = LITERAL("ssh-ed25519"), .blob = private_key_blob(key));
	NET_HEAR(&net, NET_KEY_OK, net_key_ok, &ok);
	say_keysig(key, rig_user(), true);
	expect_result(ATTEMPT_SUCCEEDED, "");
	NET_HEAR(&net, NET_OPEN, net_open, &opened);
}

static void run_command(uint32_t channel, const char *command, char *output, size_t size)
{
	struct msg_net_granted granted;
	struct msg_net_granted_pipes pipes;
	struct msg_net_exited exited;
	size_t got = 0;

	NET_SAY(&net, NET_SESSION, net_session, .request = 1, .channel = channel);
	NET_HEAR(&net, NET_GRANTED, net_granted, &granted);
	NET_SAY(&net, NET_START, net_start, .request = 2, .channel = channel, .kind = PROGRAM_EXEC,
	    .command = slice_text(command));
	NET_HEAR(&net, NET_GRANTED_PIPES, net_granted_pipes, &pipes);
	ck_assert_uint_eq(pipes.request, 2);
	close(net.message.fds[0]);
	net.message.fds[0] = -1;
	for (;;) {
		struct pollfd wait = {.fd = net.message.fds[1], .events = POLLIN};
		ssize_t n;

		ck_assert_int_gt(poll(&wait, 1, 10000), 0);
		n = read(net.message.fds[1], output + got, size - 1 - got);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	output[got] = 0;
	NET_HEAR(&net, NET_EXITED, net_exited, &exited);
	ck_assert_uint_eq(exited.channel, channel);
	ck_assert_uint_eq(exited.status, 7);
	NET_SAY(&net, NET_CLOSE, net_close, .channel = channel);
}

START_TEST(a_command_runs_after_a_login)
{
	struct private_key *key = client_key(KEY_ED25519);
	char output[4096];

	rig_start(&rig, "");
	open_connection(key, "");
	run_command(5, "echo $SSH_CONNECTION; echo \"$USER\"; exit 7", output, sizeof(output));
	ck_assert_msg(strstr(output, "127.0.0.1") != NULL, "%s", output);
	ck_assert_msg(strstr(output, rig_user()) != NULL, "%s", output);
	rig_expect_log(&rig, "Accepted publickey for ");
	rig_expect_log(&rig, "Starting session: command for ");
	NET_SAY(&net, NET_BYE, net_bye, .end = END_PEER_DISCONNECT, .reason = 11,
	    .text = LITERAL("disconnected by user"));
	rig_expect_log(&rig, "Received disconnect from 127.0.0.1 port ");
	rig_expect_log(&rig, ":11: disconnected by user\n");
	ck_assert_int_eq(net_outcome(&net), OUTCOME_AUTHENTICATED);
	net_close(&net);
	rig_stop(&rig);
	private_key_free(key);
}
END_TEST

SUITE("login", TEST(a_command_runs_after_a_login))
