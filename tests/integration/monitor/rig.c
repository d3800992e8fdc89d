#include "tests/integration/monitor/rig.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/snapshot.h"
#include "privsep/ipc/handover.h"
#include "privsep/sandbox/sandbox.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"
#include "sshd/base/text.h"
#include "sshd/base/title.h"
#include "sshd/crypto/exchange_hash.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define PATIENCE_MS 15000

#define OK(expr) ck_assert_int_eq((expr), ERR_OK)

static uint8_t scratch[IPC_DATAGRAM_LIMIT], room[IPC_DATAGRAM_LIMIT];

struct span rig_scratch(void)
{
	return (struct span){scratch, sizeof(scratch)};
}

const char *program_path(const char *name)
{
	static char path[1024];
	const char *build = getenv("SEKISHO_BUILD");
	char here[512] = "";

	/* By hand from the build tree. */
	if (build == NULL)
		build = getcwd(here, sizeof(here));
	snprintf(path, sizeof(path), "%s/%s", build, name);
	return path;
}

const char *rig_user(void)
{
	const struct passwd *entry = getpwuid(getuid());

	ck_assert_ptr_nonnull(entry);
	return entry->pw_name;
}

void rig_write(const struct rig *rig, const char *name, struct slice content)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", rig->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	OK(fd_write_all(fd, content));
	close(fd);
}

/* ------------------------------------------------------------------- start */

/* Executes a program with descriptors from 3 up; dies with this test. */
static pid_t execute(const char *path, const int *fds, size_t count, const char *const *argv, int log)
{
	char *environment[] = {(char *)(uintptr_t)title_room, NULL};
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDERR_FILENO);
	if (fd_arrange(fds, count, 3) != ERR_OK)
		_exit(126);
	execve(path, (char *const *)(uintptr_t)argv, environment);
	_exit(127);
}

static int open_log(const struct rig *rig)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/log", rig->dir);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void make_host_key(const struct rig *rig)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(KEY_FILE_LIMIT);

	OK(private_key_generate(KEY_ED25519, 256, LITERAL("test"), &text));
	rig_write(rig, "host_key", buf_view(&text));
}

static void start_signer(struct rig *rig)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	AUTO(fd_release) int log = open_log(rig);
	char layers[LAYERS_TEXT_SIZE], path[128], uid[16], gid[16];
	const char *argv[] = {"sshd-signer", "--uid", uid, "--gid", gid, "--layers", layers, "--host-key", path,
	    NULL};
	struct msg_signer_keys keys;
	int ends[2];

	make_host_key(rig);
	OK(ipc_pair(ends));
	layers_format(LAYERS_REQUIRED, layers);
	snprintf(uid, sizeof(uid), "%u", getuid());
	snprintf(gid, sizeof(gid), "%u", getgid());
	snprintf(path, sizeof(path), "%s/host_key", rig->dir);
	rig->signer_process = execute(program_path("sshd-signer"), &ends[1], 1, argv, log);
	close(ends[1]);
	rig->signer = ipc_channel_over(ends[0], &listener_messages, DOWN, false);
	OK(ipc_receive(&rig->signer, STATE_READY, (struct span){room, sizeof(room)}, true, &message));
	ck_assert_int_eq(message.type, MSG_SIGNER_KEYS);
	OK(msg_signer_keys_parse(message.body, &keys));
	ck_assert_uint_eq(keys.complaints.len, 0);
	rig->host_keys = buf_empty(65536);
	OK(buf_append(&rig->host_keys, keys.host_keys));
}

static int make_handover(const struct rig *rig, const char *conf)
{
	AUTO(buf_wipe) struct buf text = buf_empty(65536);
	AUTO(buf_wipe) struct buf snapshot_bytes = buf_empty(1 << 20);
	AUTO(buf_wipe) struct buf bytes = buf_empty(1 << 21);
	AUTO(snapshot_release) struct snapshot *snapshot = NULL;
	struct handover handover = {
	    .V_S = LITERAL(RIG_V_S),
	    .is_root = getuid() == 0,
	    .layers = LAYERS_REQUIRED,
	    .net_uid = 65534,
	    .net_gid = 65534,
	    .log = HANDOVER_LOG_FILE,
	};
	char otp_dir[128];
	const char *options[2 + COUNT_OF(rig->options)] = {"RefusalDelay 40", otp_dir};
	size_t option_count = 2;
	int fd = memfd_create("handover", MFD_CLOEXEC);

	snprintf(otp_dir, sizeof(otp_dir), "OtpDir %s/otp", rig->dir);
	for (size_t i = 0; i < COUNT_OF(rig->options) && rig->options[i] != NULL; i++)
		options[option_count++] = rig->options[i];
	/* The first of two lines counts: the test's own come first. */
	OK(buf_append_format(&text, "%s\nLogLevel VERBOSE\nStrictModes no\nPasswordAuthentication no\nAuthorizedKeysFile %s/keys\n", conf,
	    rig->dir));
	OK(snapshot_of_text("test_config", buf_view(&text), options, option_count, &snapshot));
	OK(snapshot_encode(snapshot, &snapshot_bytes));
	OK(inheritance_save(&handover.inheritance));
	handover.snapshot = buf_view(&snapshot_bytes);
	handover.host_keys = buf_view(&rig->host_keys);
	OK(handover_encode(&handover, &bytes));
	ck_assert_int_ge(fd, 0);
	OK(fd_write_all(fd, buf_view(&bytes)));
	return fd;
}

static void start_template(struct rig *rig, const char *conf)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	AUTO(fd_release) int log = open_log(rig);
	const char *argv[] = {"sshd-monitor", NULL};
	int fds[3], ends[2];

	OK(ipc_pair(ends));
	fds[0] = ends[1];
	fds[1] = make_handover(rig, conf);
	fds[2] = open(rig->user_program ? rig->user_program : program_path("sshd-user"), O_PATH | O_CLOEXEC);
	ck_assert_int_ge(fds[2], 0);
	rig->template = execute(program_path("sshd-monitor"), fds, 3, argv, log);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	rig->control = ipc_channel_over(ends[0], &listener_messages, DOWN, true);
	OK(ipc_receive(&rig->control, STATE_READY, (struct span){room, sizeof(room)}, true, &message));
	ck_assert_int_eq(message.type, MSG_TEMPLATE_READY);
}

void rig_make_dir(struct rig *rig)
{
	snprintf(rig->dir, sizeof(rig->dir), "/tmp/monitor-test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(rig->dir));
	ck_assert_int_eq(chmod(rig->dir, 0711), 0);
}

void rig_start(struct rig *rig, const char *conf)
{
	if (rig->dir[0] == 0)
		rig_make_dir(rig);
	start_signer(rig);
	start_template(rig, conf);
}

static void expect_exit(pid_t pid)
{
	int status = 0;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
}

void rig_stop(struct rig *rig)
{
	char command[128];

	close(rig->control.fd);
	expect_exit(rig->template);
	close(rig->signer.fd);
	expect_exit(rig->signer_process);
	buf_wipe(&rig->host_keys);
	ck_assert_msg(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a process is left");
	snprintf(command, sizeof(command), "rm -rf %s", rig->dir);
	ck_assert_int_eq(system(command), 0);
	rig->dir[0] = 0;
}

/* --------------------------------------------------------------------- log */

char *rig_log(const struct rig *rig)
{
	AUTO(fd_release) int fd = open_log(rig);
	AUTO(buf_wipe) struct buf text = buf_empty(1 << 22);
	const char *content = NULL;

	OK(file_read(fd, &text));
	OK(buf_c_string(&text, &content));
	return strdup(content);
}

static unsigned count_in_log(const struct rig *rig, const char *text)
{
	char *log = rig_log(rig);
	unsigned count = 0;

	ck_assert_int_ne(text[0], 0);
	for (const char *at = log; (at = strstr(at, text)) != NULL; at++)
		count++;
	free(log);
	return count;
}

bool rig_has_logged(const struct rig *rig, const char *text)
{
	return count_in_log(rig, text) > 0;
}

void rig_expect_logs(const struct rig *rig, const char *text, unsigned count)
{
	for (int i = 0; i < PATIENCE_MS / 10; i++) {
		if (count_in_log(rig, text) >= count)
			break;
		poll(NULL, 0, 10);
	}
	if (count_in_log(rig, text) != count)
		ck_abort_msg("not %u times in the log: %s\nbut:\n%s", count, text, rig_log(rig));
}

void rig_expect_log(const struct rig *rig, const char *text)
{
	for (int i = 0; i < PATIENCE_MS / 10; i++) {
		if (rig_has_logged(rig, text))
			return;
		poll(NULL, 0, 10);
	}
	ck_abort_msg("not in the log: %s\nbut:\n%s", text, rig_log(rig));
}

/* --------------------------------------------------------------------- net */

/* A connected pair over TCP on the loopback address, so that there are addresses to be seen. */
static void connect_pair(int *server, int *client)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	AUTO(fd_release) int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);

	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&address, &len), 0);
	*client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(*client, (struct sockaddr *)&address, sizeof(address)), 0);
	*server = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(*server, 0);
}

static pid_t sleeping_child(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static void send_to_signer(struct rig *rig, int end)
{
	struct msg_signer_channel channel = {.connection = 1};

	OK(IPC_SEND_FDS(&rig->signer, STATE_READY, MSG_SIGNER_CHANNEL, signer_channel, &channel, rig_scratch(),
	    &end, 1, true));
}

void net_open(struct rig *rig, struct net *net)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	struct msg_start_monitor start = {.connection = 1, .is_socket = true, .version_is_sent = true};
	int connection, channel[2], signer[2], status[2], process, fds[6];

	*net = (struct net){.rig = rig, .I_S = buf_empty(65536), .process = sleeping_child()};
	connect_pair(&connection, &net->client);
	OK(ipc_pair(channel));
	OK(ipc_pair(signer));
	OK(ipc_pair(status));
	process = (int)syscall(SYS_pidfd_open, net->process, 0u);
	memcpy(fds, (int[]){connection, connection, channel[1], signer[0], status[1], process}, sizeof(fds));
	send_to_signer(rig, signer[1]);
	OK(IPC_SEND_FDS(&rig->control, STATE_READY, MSG_START_MONITOR, start_monitor, &start, rig_scratch(), fds,
	    6, true));
	for (size_t i = 1; i < COUNT_OF(fds); i++)
		close(fds[i]);
	close(signer[1]);
	net->channel = ipc_channel_over(channel[0], &net_messages, UP, true);
	net->status = ipc_channel_over(status[0], &listener_messages, DOWN, false);
	OK(ipc_receive(&rig->control, STATE_READY, (struct span){room, sizeof(room)}, true, &message));
	ck_assert_int_eq(message.type, MSG_STARTED);
	net->monitor = message.fds[0];
	message.fd_count = 0;
}

static bool becomes_readable(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	return poll(&wait, 1, PATIENCE_MS) > 0;
}

void net_receive(struct net *net, unsigned type)
{
	enum err err;

	ipc_message_wipe(&net->message);
	ck_assert_msg(becomes_readable(net->channel.fd), "no %s", message_name(&net_messages, type));
	err = ipc_receive(&net->channel, STATE_UNKNOWN, (struct span){room, sizeof(room)}, false, &net->message);
	if (err != ERR_OK)
		ck_abort_msg("instead of %s: %s; log:\n%s", message_name(&net_messages, type), err_text(err),
		    rig_log(net->rig));
	ck_assert_msg(net->message.type == type, "instead of %s: %s; log:\n%s",
	    message_name(&net_messages, type), message_name(&net_messages, net->message.type),
	    rig_log(net->rig));
}

enum connection_outcome net_outcome(struct net *net)
{
	AUTO(ipc_message_wipe) struct ipc_message message = {0};
	struct msg_outcome outcome = {0};

	for (;;) {
		if (!becomes_readable(net->status.fd) ||
		    ipc_receive(&net->status, STATE_READY, (struct span){room, sizeof(room)}, false,
			&message) != ERR_OK)
			return OUTCOME_NONE;
		if (message.type != MSG_OUTCOME)
			continue;
		OK(msg_outcome_parse(message.body, &outcome));
		return outcome.outcome;
	}
}

/* The monitor is this test's child, as it is the listener's. */
void net_expect_end(struct net *net)
{
	siginfo_t info = {0};
	int status = 0;

	ck_assert_msg(becomes_readable(net->monitor), "the monitor goes on; log:\n%s", rig_log(net->rig));
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)net->monitor, &info, WEXITED), 0);
	ck_assert_msg(info.si_code == CLD_EXITED && info.si_status == 0, "code %d status %d; log:\n%s",
	    info.si_code, info.si_status, rig_log(net->rig));
	ck_assert_int_eq(waitpid(net->process, &status, 0), net->process);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void net_close(struct net *net)
{
	ipc_message_wipe(&net->message);
	close(net->channel.fd);
	close(net->status.fd);
	close(net->client);
	net_expect_end(net);
	close(net->monitor);
	buf_wipe(&net->I_S);
}

/* ---------------------------------------------------------------- exchange */

void net_ready(struct net *net)
{
	struct msg_net_socket socket;
	struct msg_net_hello hello;

	NET_SAY(net, NET_READY, net_ready, .layers = LAYERS_REQUIRED);
	NET_HEAR(net, NET_HELLO, net_hello, &hello);
	ck_assert(slice_is(hello.V_S, RIG_V_S));
	ck_assert(slice_equal(hello.host_keys, buf_view(&net->rig->host_keys)));
	OK(buf_append(&net->I_S, hello.I_S));
	NET_HEAR(net, NET_SOCKET, net_socket, &socket);
	ck_assert_uint_eq(net->message.fd_count, 1);
}

static const uint8_t I_C[] = {20, 'c', 'o', 'o', 'k', 'i', 'e', '-', 'c', 'o', 'o', 'k', 'i', 'e', '-', '1', '6', 0};

static struct slice host_key_blob(const struct rig *rig)
{
	struct reader r = reader_over(buf_view(&rig->host_keys));

	(void)read_string(&r, 4096);
	return read_string(&r, 16384);
}

static void hash_exchange(const struct net *net, struct slice Q, struct digest *H)
{
	struct transcript transcript = {
	    .V_C = LITERAL(RIG_V_C),
	    .V_S = LITERAL(RIG_V_S),
	    .I_C = SLICE_OF(I_C),
	    .I_S = buf_view(&net->I_S),
	    .K_S = host_key_blob(net->rig),
	    .Q_C = Q,
	    .Q_S = Q,
	    .K = Q,
	};

	OK(exchange_hash(kex_algorithm_named(LITERAL("curve25519-sha256")), &transcript, H));
}

void net_sign(struct net *net)
{
	static const uint8_t Q[32] = {1, 2, 3};
	struct msg_net_signed made;
	struct digest H;

	hash_exchange(net, SLICE_OF(Q), &H);
	NET_SAY(net, NET_SIGN, net_sign, .kex = LITERAL("curve25519-sha256"),
	    .signature_algorithm = LITERAL("ssh-ed25519"), .V_C = LITERAL(RIG_V_C), .I_C = SLICE_OF(I_C),
	    .Q_C = SLICE_OF(Q), .Q_S = SLICE_OF(Q), .K = SLICE_OF(Q));
	NET_HEAR(net, NET_SIGNED, net_signed, &made);
	OK(signature_verify(signature_algorithm_named(LITERAL("ssh-ed25519")), host_key_blob(net->rig),
	    made.signature, digest_view(&H), NULL));
	if (net->session_id.len == 0)
		net->session_id = H;
}

void net_exchange(struct net *net)
{
	net_ready(net);
	net_sign(net);
}

/* ------------------------------------------------------------------ client */

struct private_key *client_key(enum key_kind kind)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(KEY_FILE_LIMIT);
	struct private_key *key = NULL;

	OK(private_key_generate(kind, kind == KEY_RSA ? 2048 : 256, LITERAL("client"), &text));
	OK(private_key_parse(buf_view(&text), &key));
	return key;
}

void rig_authorize(const struct rig *rig, const char *name, const char *options,
    const struct private_key *key)
{
	AUTO(buf_wipe) struct buf line = buf_empty(65536);
	struct reader r = reader_over(private_key_blob(key));
	struct slice type = read_string(&r, 64);

	OK(buf_append_format(&line, "%s%s%.*s ", options, *options ? " " : "", (int)type.len,
	    (const char *)type.ptr));
	OK(text_append_base64(&line, private_key_blob(key), true));
	OK(buf_append_text(&line, " somebody@somewhere\n"));
	rig_write(rig, name, buf_view(&line));
}

static struct slice lay_out(const struct net *net, const char *user, const char *algorithm, struct slice blob,
    bool is_hostbound, struct span place)
{
	struct writer w = writer_into(place);
	struct slice laid_out;

	write_string(&w, digest_view(&net->session_id));
	write_byte(&w, 50);
	write_text(&w, user);
	write_text(&w, "ssh-connection");
	write_text(&w, is_hostbound ? "publickey-hostbound-v00@openssh.com" : "publickey");
	write_byte(&w, 1);
	write_text(&w, algorithm);
	write_string(&w, blob);
	if (is_hostbound)
		write_string(&w, host_key_blob(net->rig));
	OK(writer_finish(&w, &laid_out));
	return laid_out;
}

void client_sign(const struct net *net, const struct private_key *key, const char *user,
    const char *algorithm, bool is_hostbound, struct buf *signature)
{
	uint8_t room_for_data[16384];
	struct slice data = lay_out(net, user, algorithm, private_key_blob(key), is_hostbound,
	    (struct span){room_for_data, sizeof(room_for_data)});

	OK(private_key_sign(key, signature_algorithm_named(slice_text(algorithm)), data, signature));
}

void client_sign_blob(const struct net *net, const struct private_key *key, const char *user,
    const char *algorithm, struct slice blob, const char *plain, struct buf *signature)
{
	uint8_t room_for_data[16384];
	struct slice data = lay_out(net, user, algorithm, blob, false,
	    (struct span){room_for_data, sizeof(room_for_data)});

	OK(private_key_sign(key, signature_algorithm_named(slice_text(plain)), data, signature));
}

void net_user(struct net *net, const char *user)
{
	NET_SAY(net, NET_USER, net_user, .name = slice_text(user));
}

static const char *algorithm_of(const struct private_key *key)
{
	struct reader r = reader_over(private_key_blob(key));

	return slice_is(read_string(&r, 64), "ssh-rsa") ? "rsa-sha2-256" : "ssh-ed25519";
}

void net_keysig(struct net *net, const struct private_key *key, const char *user, bool is_hostbound)
{
	AUTO(buf_wipe) struct buf signature = buf_empty(16384);
	const char *algorithm = algorithm_of(key);

	client_sign(net, key, user, algorithm, is_hostbound, &signature);
	NET_SAY(net, NET_KEYSIG, net_keysig, .algorithm = slice_text(algorithm), .blob = private_key_blob(key),
	    .is_hostbound = is_hostbound, .host_key = host_key_blob(net->rig), .signature = buf_view(&signature));
}

void net_expect_result(struct net *net, enum attempt_outcome outcome, const char *methods)
{
	struct msg_net_result result;

	NET_HEAR(net, NET_RESULT, net_result, &result);
	if (result.outcome != outcome)
		ck_abort_msg("outcome %d; log:\n%s", result.outcome, rig_log(net->rig));
	ck_assert_msg(slice_is(result.methods, methods), "methods %.*s", (int)result.methods.len,
	    (const char *)result.methods.ptr);
}

void net_login(struct rig *rig, struct net *net, const struct private_key *key)
{
	struct msg_net_open opened;

	net_open(rig, net);
	net_exchange(net);
	net_user(net, rig_user());
	net_keysig(net, key, rig_user(), true);
	net_expect_result(net, ATTEMPT_SUCCEEDED, "");
	NET_HEAR(net, NET_OPEN, net_open, &opened);
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
