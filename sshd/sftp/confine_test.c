/* What a confined session may not do, and that its work goes on all the same. */
#include "sshd/sftp/confine.h"

#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "config.h"
#include "privsep/sandbox/landlock.h"
#include "sshd/sftp/name_helper.h"
#include "sshd/sftp/test_client.h"
#include "tests/support/suite.h"

static long try_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_internet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_exec(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static long try_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static long try_kill(void)
{
	return kill(getppid(), 0);
}

static long try_trace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long try_memory_of_others(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static long try_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static long try_keyring(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
}

static long try_bpf(void)
{
	return syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 0);
}

static long try_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

#ifndef SEKISHO_SANITIZERS /* they need these two */
static long try_code(void)
{
	return (long)mmap(
	    NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long try_new_rights(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}
#endif

static long try_root(void)
{
	return chroot("/");
}

static long try_device(void)
{
	return mknod("device", S_IFIFO | 0600, 0);
}

static const struct {
	const char *what;
	long (*attempt)(void);
} attempts[] = {
    {"a local socket", try_socket},
    {"an internet socket", try_internet},
    {"a program", try_exec},
    {"a process", try_fork},
    {"a signal", try_kill},
    {"tracing", try_trace},
    {"the memory of another process", try_memory_of_others},
    {"a namespace", try_namespace},
    {"a keyring", try_keyring},
    {"bpf", try_bpf},
    {"io_uring", try_ring},
#ifndef SEKISHO_SANITIZERS
    {"memory to write and execute", try_code},
    {"becoming dumpable", try_new_rights},
#endif
    {"another root", try_root},
    {"a special file", try_device},
};

/* Runs `child` in a process of its own; its exit status. */
static int status_of(void (*child)(size_t argument), size_t argument)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		child(argument);
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static void attempt(size_t i)
{
	if (sftp_confine(-1) != ERR_OK)
		_exit(2);
	errno = 0;
	if (attempts[i].attempt() != -1)
		_exit(3);
	if (errno != EPERM)
		_exit(4);
}

START_TEST(a_session_may_not)
{
	int status = status_of(attempt, (size_t)_i);

	ck_assert_msg(status == 0, "%s: exit status %d", attempts[_i].what, status);
}
END_TEST

static void be_there(size_t unused)
{
	(void)unused;
	if (sftp_confine(-1) != ERR_OK)
		_exit(2);
	poll(NULL, 0, -1);
}

START_TEST(others_of_the_user_may_not_trace_it)
{
	pid_t pid;
	int status;

	give_up_root();
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0); /* the change of uid has taken it */
	pid = fork();
	if (pid == 0)
		be_there(0);
	ck_assert_int_gt(pid, 0);
	/* Dumpable to the last moment before: wait until it is not. */
	for (unsigned i = 0; i < 300; i++) {
		char path[64], target[64];

		snprintf(path, sizeof(path), "/proc/%d/exe", pid);
		if (readlink(path, target, sizeof(target)) < 0)
			break;
		usleep(10000);
	}
	ck_assert_int_eq(ptrace(PTRACE_ATTACH, pid, NULL, NULL), -1);
	ck_assert_int_eq(errno, EPERM);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}
END_TEST

/* One of each kind of request; the exit status is the line that failed, or so. */
#define MUST(condition) ((condition) ? (void)0 : _exit(__LINE__ % 200 + 20))

static struct scratch scratch;

static void work(size_t is_jailed)
{
	AUTO(client_wipe) struct client client = {0};
	bool has_landlock = landlock_abi() >= 2;
	struct name file, copy, directory;

	client_start(&client, is_jailed ? scratch.jail : NULL);
	MUST(sftp_confine(client.session.paths.jail) == ERR_OK);
	MUST(name_of(ask(&client, OPEN, STR("new"), U32(0x1b), NO_ATTRS), &file));
	MUST(ask(&client, WRITE, HANDLE(file), U64(0), STR("text")).status == SSH_FX_OK);
	MUST(ask(&client, READ, HANDLE(file), U64(0), U32(9)).type == SSH_FXP_DATA);
	MUST(ask(&client, FSETSTAT, HANDLE(file), U32(0x0d), U64(2), U32(0600), U32(1), U32(1))
	         .status == SSH_FX_OK);
	MUST(ask_extended(&client, "fsync@openssh.com", HANDLE(file)).status == SSH_FX_OK);
	MUST(ask_extended(&client, "fstatvfs@openssh.com", HANDLE(file)).type ==
	     SSH_FXP_EXTENDED_REPLY);
	MUST(name_of(ask(&client, OPEN, STR("copy"), U32(0x0a), NO_ATTRS), &copy));
	MUST(ask_extended(&client, "copy-data", HANDLE(file), U64(0), U64(0), HANDLE(copy), U64(0))
	         .status == SSH_FX_OK);
	MUST(ask(&client, MKDIR, STR("folder"), NO_ATTRS).status == SSH_FX_OK);
	MUST(ask(&client, RENAME, STR("new"), STR("folder/new")).status == SSH_FX_OK);
	MUST(ask_extended(&client, "posix-rename@openssh.com", STR("folder/new"), STR("copy"))
	         .status == SSH_FX_OK);
	MUST(
	    ask_extended(&client, "hardlink@openssh.com", STR("copy"), STR("folder/hard")).status ==
	    SSH_FX_OK);
	MUST(ask(&client, SYMLINK, STR("copy"), STR("folder/soft")).status == SSH_FX_OK);
	MUST(ask(&client, READLINK, STR("folder/soft")).type == SSH_FXP_NAME);
	MUST(ask(&client, REALPATH, STR("folder/..")).type == SSH_FXP_NAME);
	MUST(ask(&client, SETSTAT, STR("copy"), U32(0x0f), U64(1), U32(getuid()), U32(getgid()),
	         U32(0640), U32(1), U32(1))
	         .status == SSH_FX_OK);
	MUST(ask_extended(
	         &client, "lsetstat@openssh.com", STR("folder/soft"), U32(8), U32(1), U32(1))
	         .status == SSH_FX_OK);
	MUST(ask_extended(&client, "lsetstat@openssh.com", STR("copy"), U32(4), U32(0600)).status ==
	     SSH_FX_OK);
	MUST(ask_extended(&client, "statvfs@openssh.com", STR(".")).type == SSH_FXP_EXTENDED_REPLY);
	MUST(ask(&client, STAT, STR("copy")).type == SSH_FXP_ATTRS);
	MUST(ask(&client, LSTAT, STR("folder/soft")).type == SSH_FXP_ATTRS);
	MUST(name_of(ask(&client, OPENDIR, STR("folder")), &directory));
	MUST(ask(&client, READDIR, HANDLE(directory)).type == SSH_FXP_NAME);
	MUST(ask(&client, REMOVE, STR("folder/soft")).status == SSH_FX_OK);
	MUST(ask(&client, REMOVE, STR("folder/hard")).status == SSH_FX_OK);
	MUST(ask(&client, RMDIR, STR("folder")).status == SSH_FX_OK);
	if (is_jailed && has_landlock)
		MUST(open("/etc/passwd", O_RDONLY) < 0 && open(scratch.secret, O_RDONLY) < 0);
}

START_TEST(the_work_goes_on)
{
	int status;

	scratch_make(&scratch);
	status = status_of(work, (size_t)_i);
	scratch_wipe(&scratch);
	ck_assert_msg(status == 0, "exit status %d, from line N with N %% 200 + 20", status);
}
END_TEST

static enum err find_long(
    struct sftp_names *names, enum sftp_name_kind kind, uint32_t id, struct buf *name)
{
	(void)names;
	if (kind == SFTP_GROUP_NAME)
		return ERR_NOT_FOUND;
	for (uint32_t i = 0; i < id; i++)
		TRY(buf_append_text(name, "x"));
	return ERR_OK;
}

static enum err find_no_home(struct sftp_names *names, struct slice user, struct buf *home)
{
	(void)names;
	if (slice_is(user, "ender"))
		_exit(0);
	if (!slice_is(user, "alice"))
		return ERR_NOT_FOUND;
	return buf_append_text(home, "/home/alice");
}

START_TEST(a_helper_knows_names)
{
	struct sftp_names source = {find_long, find_no_home};
	struct sftp_name_helper helper;
	struct sftp_names *names = &helper.names;

	ck_assert_int_eq(sftp_name_helper_start(&helper, &source), ERR_OK);
	for (uint32_t len = 0; len < 600; len += 51) {
		AUTO(buf_wipe) struct buf name = buf_empty(SFTP_NAME_LIMIT + 1);
		enum err err = names->find(names, SFTP_USER_NAME, len, &name);

		ck_assert_int_eq(err, len > 0 && len <= SFTP_NAME_LIMIT ? ERR_OK : ERR_NOT_FOUND);
		ck_assert_uint_eq(buf_len(&name), err == ERR_OK ? len : 0);
		ck_assert_int_eq(names->find(names, SFTP_GROUP_NAME, 5, &name), ERR_NOT_FOUND);
	}
	{
		AUTO(buf_wipe) struct buf home = buf_empty(64);
		char long_name[SFTP_NAME_LIMIT + 2];

		memset(long_name, 'a', sizeof(long_name));
		ck_assert_int_ne(
		    names->find_home(names, slice_over(long_name, sizeof(long_name)), &home),
		    ERR_OK);
		ck_assert_int_eq(names->find_home(names, LITERAL("bob"), &home), ERR_NOT_FOUND);
		ck_assert_int_eq(names->find_home(names, LITERAL("alice"), &home), ERR_OK);
		ck_assert(slice_is(buf_view(&home), "/home/alice"));
	}
	sftp_name_helper_stop(&helper);
	ck_assert_int_gt(wait(NULL), 0); /* it ends by itself */
}
END_TEST

START_TEST(a_helper_that_ended_knows_nothing)
{
	AUTO(buf_wipe) struct buf home = buf_empty(64);
	struct sftp_names source = {find_long, find_no_home};
	struct sftp_name_helper helper;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(sftp_name_helper_start(&helper, &source), ERR_OK);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(
		    helper.names.find_home(&helper.names, LITERAL("ender"), &home), ERR_NOT_FOUND);
	sftp_name_helper_stop(&helper);
}
END_TEST

SUITE("confine", LOOP_TEST(a_session_may_not, COUNT_OF(attempts)),
    TEST(others_of_the_user_may_not_trace_it), LOOP_TEST(the_work_goes_on, 2),
    TEST(a_helper_knows_names), TEST(a_helper_that_ended_knows_nothing))
