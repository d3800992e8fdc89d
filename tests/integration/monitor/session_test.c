/* Sessions through the real sshd-user, and through one that its user has taken over. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/integration/monitor/rig.h"
#include "tests/support/suite.h"

static struct rig rig;
static struct net net;
static struct private_key *key;

static void start(const char *conf, const char *options)
{
	key = client_key(KEY_ED25519);
	rig_start(&rig, conf);
	rig_authorize(&rig, "keys", options, key);
	net_login(&rig, &net, key);
}

static void stop(void)
{
	net_close(&net);
	rig_stop(&rig);
	private_key_free(key);
}

static void open_session(uint32_t channel)
{
	NET_SAY(&net, NET_SESSION, net_session, .request = 100 + channel, .channel = channel);
	net_receive(&net, MSG_NET_GRANTED);
}

static void say_start(uint32_t channel, enum program_kind kind, const char *command)
{
	NET_SAY(&net, NET_START, net_start, .request = 200 + channel, .channel = channel, .kind = (uint8_t)kind,
	    .command = slice_text(command));
}

/* Reads from a descriptor until it ends, or until the text is there. */
static void expect_output(int fd, const char *text)
{
	char output[4096] = "";
	size_t got = 0;

	while (strstr(output, text) == NULL) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		ssize_t n;

		ck_assert_msg(poll(&wait, 1, 10000) > 0, "instead of %s: %s", text, output);
		n = read(fd, output + got, sizeof(output) - 1 - got);
		ck_assert_msg(n > 0, "instead of %s: %s", text, output);
		got += (size_t)n;
	}
}

static struct msg_net_exited expect_exit(uint32_t channel)
{
	struct msg_net_exited exited;

	NET_HEAR(&net, NET_EXITED, net_exited, &exited);
	ck_assert_uint_eq(exited.channel, channel);
	return exited;
}

/* Runs a command whose output shows the text. */
static void expect_command(enum program_kind kind, const char *command, const char *output)
{
	open_session(1);
	say_start(1, kind, command);
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	expect_output(net.message.fds[1], output);
	close(net.message.fds[0]);
	net.message.fds[0] = -1;
	expect_exit(1);
	NET_SAY(&net, NET_CLOSE, net_close, .channel = 1);
}

/* ------------------------------------------------------------------ policy */

START_TEST(no_more_sessions_than_permitted)
{
	start("MaxSessions 2", "");
	open_session(1);
	open_session(2);
	NET_SAY(&net, NET_SESSION, net_session, .request = 9, .channel = 3);
	net_receive(&net, MSG_NET_DENIED);
	NET_SAY(&net, NET_CLOSE, net_close, .channel = 1);
	open_session(3);
	stop();
}
END_TEST

static void say_env(const char *name, const char *value)
{
	NET_SAY(&net, NET_ENV, net_env, .request = 5, .channel = 1, .name = slice_text(name),
	    .value = slice_text(value));
}

START_TEST(only_accepted_variables_are_taken)
{
	start("AcceptEnv GOOD_* HOME\nSetEnv ADMIN=yes GOOD_B=admin\nPermitUserEnvironment yes", "environment=\"KEY=1\"");
	open_session(1);
	say_env("GOOD_A", "from the client");
	net_receive(&net, MSG_NET_GRANTED);
	say_env("GOOD_B", "from the client");
	net_receive(&net, MSG_NET_GRANTED);
	say_env("HOME", "/elsewhere");
	net_receive(&net, MSG_NET_GRANTED);
	say_env("BAD", "x");
	net_receive(&net, MSG_NET_DENIED);
	say_env("GOOD_=X", "x");
	net_receive(&net, MSG_NET_DENIED);
	say_env("", "x");
	net_receive(&net, MSG_NET_DENIED);
	say_start(1, PROGRAM_EXEC, "echo \"<$GOOD_A|$GOOD_B|$ADMIN|$KEY|$BAD|$HOME>\"");
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	expect_output(net.message.fds[1], "<from the client|admin|yes|1||/");
	expect_exit(1);
	stop();
}
END_TEST

START_TEST(a_key_may_force_a_command)
{
	start("", "command=\"echo \\\"forced <$SSH_ORIGINAL_COMMAND>\\\"\"");
	expect_command(PROGRAM_EXEC, "rm -rf x", "forced <rm -rf x>");
	expect_command(PROGRAM_SHELL, "", "forced <>");
	rig_expect_log(&rig, "Starting session: forced-command (key-option) 'echo ");
	stop();
}
END_TEST

START_TEST(the_administrator_forces_more_than_a_key)
{
	start("ForceCommand echo admin", "command=\"echo key\"");
	expect_command(PROGRAM_EXEC, "ls", "admin");
	rig_expect_log(&rig, "Starting session: forced-command (config) 'echo admin' for ");
	stop();
}
END_TEST

static size_t read_exactly(int fd, uint8_t *bytes, size_t len)
{
	size_t got = 0;

	while (got < len) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		ssize_t n = poll(&wait, 1, 10000) > 0 ? read(fd, bytes + got, len - got) : -1;

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

START_TEST(a_subsystem_is_found_by_its_whole_name)
{
	uint8_t reply[5];

	start("Subsystem one echo first\nSubsystem onetwo echo second\nSubsystem sftp /no/such/sftp-server -e", "");
	expect_command(PROGRAM_SUBSYSTEM, "onetwo", "second");
	expect_command(PROGRAM_SUBSYSTEM, "one", "first");
	open_session(1);
	say_start(1, PROGRAM_SUBSYSTEM, "on");
	net_receive(&net, MSG_NET_DENIED);
	rig_expect_log(&rig, "subsystem request for on by user ");
	rig_expect_log(&rig, "failed, subsystem not found");
	say_start(1, PROGRAM_SUBSYSTEM, "sftp");
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	rig_expect_log(&rig, "subsystem sftp: /no/such/sftp-server is not there, internal-sftp is used instead");
	/* SSH_FXP_INIT is answered by SSH_FXP_VERSION. */
	ck_assert_int_eq(write(net.message.fds[0], "\0\0\0\5\1\0\0\0\3", 9), 9);
	ck_assert_int_eq(read_exactly(net.message.fds[1], reply, 5), 5);
	ck_assert_uint_eq(reply[4], 2);
	stop();
}
END_TEST

START_TEST(a_terminal_can_be_forbidden_twice)
{
	start("PermitTTY no", "");
	open_session(1);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("xterm"));
	net_receive(&net, MSG_NET_DENIED);
	stop();
	start("", "no-pty");
	open_session(1);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("xterm"));
	net_receive(&net, MSG_NET_DENIED);
	stop();
}
END_TEST

/* ---------------------------------------------------------------- terminals */

START_TEST(a_terminal_is_resized_signalled_and_hung_up)
{
	int master;

	start("", "");
	open_session(1);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("vt100"), .columns = 81, .rows = 25);
	net_receive(&net, MSG_NET_GRANTED_STREAM);
	master = net.message.fds[0];
	net.message.fds[0] = -1;
	say_start(1, PROGRAM_EXEC, "trap 'echo HANGUP > $PWD/x; exit' HUP; stty size; echo $TERM; read x; stty size; "
				   "trap 'echo got-usr1' USR1; echo ready; while :; do sleep 0.05; done");
	net_receive(&net, MSG_NET_GRANTED);
	rig_expect_log(&rig, "Starting session: command on pts/");
	expect_output(master, "25 81");
	NET_SAY(&net, NET_RESIZE, net_resize, .channel = 1, .columns = 132, .rows = 50);
	NET_SAY(&net, NET_BREAK, net_break, .request = 3, .channel = 1);
	net_receive(&net, MSG_NET_GRANTED);
	ck_assert_int_eq(write(master, "\n", 1), 1);
	expect_output(master, "ready");
	NET_SAY(&net, NET_SIGNAL, net_signal, .request = 4, .channel = 1, .name = LITERAL("USR1"));
	net_receive(&net, MSG_NET_GRANTED);
	expect_output(master, "got-usr1");
	NET_SAY(&net, NET_SIGNAL, net_signal, .request = 4, .channel = 1, .name = LITERAL("STOP"));
	net_receive(&net, MSG_NET_DENIED);
	close(master);
	NET_SAY(&net, NET_CLOSE, net_close, .channel = 1);
	rig_expect_log(&rig, "Close session: user ");
	stop();
}
END_TEST

START_TEST(a_signal_ends_a_program_by_its_name)
{
	struct msg_net_exited exited;

	start("", "");
	open_session(4);
	say_start(4, PROGRAM_EXEC, "kill -TERM $$");
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	exited = expect_exit(4);
	ck_assert(slice_is(exited.signal, "TERM"));
	stop();
}
END_TEST

START_TEST(forced_commands_and_subsystems_take_no_signals)
{
	start("Subsystem sleeper sleep 100", "");
	open_session(1);
	say_start(1, PROGRAM_SUBSYSTEM, "sleeper");
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	NET_SAY(&net, NET_SIGNAL, net_signal, .request = 4, .channel = 1, .name = LITERAL("TERM"));
	net_receive(&net, MSG_NET_DENIED);
	stop();
}
END_TEST

/* I10: whatever net does, a session of its does not outlive it. */
START_TEST(a_lost_connection_hangs_up)
{
	int master;

	start("", "");
	open_session(1);
	NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("vt100"));
	net_receive(&net, MSG_NET_GRANTED_STREAM);
	master = net.message.fds[0];
	net.message.fds[0] = -1;
	say_start(1, PROGRAM_EXEC, "echo pid=$$.; exec sleep 1000");
	net_receive(&net, MSG_NET_GRANTED);
	{
		char output[256] = "";
		struct pollfd wait = {.fd = master, .events = POLLIN};
		int pid = 0;

		ck_assert_int_gt(poll(&wait, 1, 10000), 0);
		ck_assert_int_gt(read(master, output, sizeof(output) - 1), 0);
		ck_assert_int_eq(sscanf(output, "pid=%d.", &pid), 1);
		close(master);
		net_close(&net);
		for (int i = 0; i < 500 && kill(pid, 0) == 0; i++)
			usleep(10000);
		ck_assert_int_ne(kill(pid, 0), 0);
	}
	rig_stop(&rig);
	private_key_free(key);
}
END_TEST

/* A monitor that is told to end closes in order. */
START_TEST(a_signal_ends_the_monitor_in_order)
{
	start("", "");
	open_session(1);
	say_start(1, PROGRAM_EXEC, "sleep 1000");
	net_receive(&net, MSG_NET_GRANTED_PIPES);
	ck_assert_int_eq(syscall(SYS_pidfd_send_signal, net.monitor, SIGTERM, NULL, 0u), 0);
	ck_assert_int_eq(net_outcome(&net), OUTCOME_AUTHENTICATED);
	rig_expect_log(&rig, "Close session: user ");
	stop();
}
END_TEST

/* ------------------------------------------------------------ a hostile user */

static void copy_program(const char *name)
{
	char command[1024];

	snprintf(command, sizeof(command), "cp %s %s", program_path(name), rig.dir);
	ck_assert_int_eq(system(command), 0);
}

static void start_hostile(const char *behaviour, bool in_lookup)
{
	static char program[128];

	key = client_key(KEY_ED25519);
	rig_make_dir(&rig);
	snprintf(program, sizeof(program), "%s/hostile_user", rig.dir);
	copy_program("tests/integration/monitor/hostile_user");
	copy_program("sshd-user");
	rig_write(&rig, "behaviour", slice_text(behaviour));
	if (in_lookup)
		rig_write(&rig, "role", LITERAL("look-up"));
	rig.user_program = program;
	rig_start(&rig, "");
	rig_authorize(&rig, "keys", "", key);
}

static const struct {
	const char *behaviour;
	const char *logged;
} in_lookup[] = {
    {"exits_at_once", "could not be looked up"},
    {"fails", "could not be looked up"},
    {"readies_twice", "could not be looked up"},
    {"finds_unasked", "could not be looked up"},
    {"parts_without_found", "could not be looked up"},
    {"sends_parts_without_end", "could not be looked up"},
    {"starts_unasked", "could not be looked up"},
};

START_TEST(a_hostile_look_up_finds_no_key)
{
	start_hostile(in_lookup[_i].behaviour, true);
	net_open(&rig, &net);
	net_exchange(&net);
	net_user(&net, rig_user());
	for (int i = 0; i < 2; i++) {
		net_keysig(&net, key, rig_user(), false);
		net_expect_result(&net, ATTEMPT_FAILED, "publickey");
	}
	rig_expect_log(&rig, in_lookup[_i].logged);
	stop();
}
END_TEST

static const struct {
	const char *behaviour;
	bool wants_terminal;
} in_sessions[] = {
    {"exits_at_once", false},
    {"fails", false},
    {"readies_twice", false},
    {"finds_unasked", false},
    {"starts_unasked", false},
    {"gives_a_file_as_terminal", true},
    {"gives_null_as_terminal", true},
    {"gives_files_as_pipes", false},
    {"exits_unstarted", false},
    {"refuses_all", false},
};

/* It can refuse to work, and nothing else: the connection goes on, requests are denied. */
START_TEST(a_hostile_process_only_hurts_itself)
{
	start_hostile(in_sessions[_i].behaviour, false);
	net_login(&rig, &net, key);
	open_session(1);
	if (in_sessions[_i].wants_terminal)
		NET_SAY(&net, NET_PTY, net_pty, .request = 2, .channel = 1, .term = LITERAL("x"));
	else
		say_start(1, PROGRAM_EXEC, "true");
	net_receive(&net, MSG_NET_DENIED);
	rig_expect_log(&rig, "error: the process of user ");
	open_session(2);
	say_start(2, PROGRAM_EXEC, "true");
	net_receive(&net, MSG_NET_DENIED);
	stop();
}
END_TEST

/* No answer at all: rekeying does not wait for it, and the end does not either. */
START_TEST(a_silent_process_holds_nothing_up)
{
	struct msg_net_rekeyed rekeyed;

	start_hostile("stays_silent", false);
	net_login(&rig, &net, key);
	open_session(1);
	say_start(1, PROGRAM_EXEC, "true");
	NET_SAY(&net, NET_REKEY, net_rekey, 0);
	NET_HEAR(&net, NET_REKEYED, net_rekeyed, &rekeyed);
	stop();
}
END_TEST

SUITE("session", TEST(no_more_sessions_than_permitted), TEST(only_accepted_variables_are_taken),
    TEST(a_key_may_force_a_command), TEST(the_administrator_forces_more_than_a_key),
    TEST(a_subsystem_is_found_by_its_whole_name), TEST(a_terminal_can_be_forbidden_twice),
    TEST(a_terminal_is_resized_signalled_and_hung_up), TEST(a_signal_ends_a_program_by_its_name),
    TEST(forced_commands_and_subsystems_take_no_signals), TEST(a_lost_connection_hangs_up),
    TEST(a_signal_ends_the_monitor_in_order),
    LOOP_TEST(a_hostile_look_up_finds_no_key, COUNT_OF(in_lookup)),
    LOOP_TEST(a_hostile_process_only_hurts_itself, COUNT_OF(in_sessions)), TEST(a_silent_process_holds_nothing_up))
