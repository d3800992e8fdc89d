/*
 * Each layer of the sandbox is put on in a child process, which then tries what it must not be
 * able to do. What needs root is left out without it; what this host does not give, too.
 */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "config.h"
#include "privsep/sandbox/empty_root.h"
#include "privsep/sandbox/filter.h"
#include "privsep/sandbox/identity.h"
#include "privsep/sandbox/landlock.h"
#include "privsep/sandbox/limits.h"
#include "privsep/sandbox/probe.h"
#include "privsep/sandbox/process.h"
#include "sshd/base/fd.h"
#include "tests/support/child.h"

#define NOBODY      65534
#define SETUP_FAILS 99

/* In a deed: the number of the first thing that went wrong. */
#define EXPECT(number, condition)                                                                  \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return number;                                                             \
	} while (0)

static bool is_root(void)
{
	return geteuid() == 0;
}

/* --------------------------------------------------------------- identity */

static bool has_no_capability(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	return syscall(SYS_capget, &header, data) == 0 && data[0].effective == 0 && data[0].permitted == 0 &&
	    data[1].effective == 0 && data[1].permitted == 0;
}

static int become_nobody(void *context)
{
	static const gid_t groups[] = {4242, 17, 4242000};
	gid_t found[8];

	(void)context;
	identity_drop_bounding();
	EXPECT(1, identity_become(NOBODY, NOBODY, groups, COUNT_OF(groups)) == ERR_OK);
	EXPECT(2, getuid() == NOBODY && geteuid() == NOBODY && getgid() == NOBODY && getegid() == NOBODY);
	EXPECT(3, getgroups(8, found) == COUNT_OF(groups));
	EXPECT(4, setuid(0) != 0 && seteuid(0) != 0 && setreuid(0, 0) != 0 && setresuid(0, 0, 0) != 0);
	EXPECT(5, setgid(0) != 0 && setegid(0) != 0 && setgroups(0, NULL) != 0);
	EXPECT(6, has_no_capability());
	EXPECT(7, open("/etc/shadow", O_RDONLY) < 0);
	EXPECT(8, kill(1, 0) != 0 && errno == EPERM);
	EXPECT(9, chroot("/") != 0);
	EXPECT(10, prctl(PR_CAPBSET_READ, CAP_SETUID) == 0);
	EXPECT(11, identity_drop_capabilities() == ERR_OK);
	return 0;
}

static int become_root(void *context)
{
	(void)context;
	EXPECT(1, identity_become(0, 0, NULL, 0) == ERR_OK);
	EXPECT(2, !has_no_capability());
	EXPECT(3, getgroups(0, NULL) == 0);
	return 0;
}

/* Without root there is nobody else to become, and the own identity is no change. */
static int become_without_root(void *context)
{
	(void)context;
	if (is_root())
		EXPECT(1, setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
	EXPECT(2, identity_become(0, 0, NULL, 0) == ERR_SANDBOX);
	EXPECT(3, identity_become(getuid() + 1, getgid(), NULL, 0) == ERR_SANDBOX);
	EXPECT(4, identity_become(getuid(), getgid() + 1, NULL, 0) == ERR_SANDBOX);
	EXPECT(5, identity_become(getuid(), getgid(), NULL, 0) == ERR_OK);
	EXPECT(6, !identity_can_become(0));
	return 0;
}

/* A process that keeps its capabilities over the change has a way back: the proof must see it. */
static int become_with_kept_capabilities(void *context)
{
	(void)context;
	EXPECT(1, prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
	EXPECT(2, identity_become(NOBODY, NOBODY, NULL, 0) == ERR_SANDBOX);
	return 0;
}

START_TEST(identity_is_for_good)
{
	ck_assert_int_eq(child_do(become_without_root, NULL), 0);
	if (!is_root())
		return;
	ck_assert_int_eq(child_do(become_nobody, NULL), 0);
	ck_assert_int_eq(child_do(become_with_kept_capabilities, NULL), 0);
	ck_assert_int_eq(child_do(become_root, NULL), 0);
}
END_TEST

/* -------------------------------------------------------------- empty root */

static int enter_unfit_roots(void *context)
{
	const char *dir = context;
	char path[256];

	EXPECT(1, chdir(dir) == 0);
	EXPECT(2, mkdir("full", 0755) == 0 && mkdir("full/x", 0755) == 0);
	EXPECT(3, empty_root_enter("full") == ERR_EXISTS);
	EXPECT(4, mkdir("writable", 0755) == 0 && chmod("writable", 0777) == 0);
	EXPECT(5, empty_root_enter("writable") == ERR_MODE);
	EXPECT(6, mkdir("theirs", 0755) == 0 && chown("theirs", NOBODY, NOBODY) == 0);
	EXPECT(7, empty_root_enter("theirs") == ERR_MODE);
	EXPECT(8, mkdir("good", 0755) == 0 && symlink("good", "link") == 0);
	EXPECT(9, empty_root_enter("link") == ERR_SYSTEM);
	EXPECT(10, empty_root_enter("absent") == ERR_SYSTEM);
	EXPECT(11, getcwd(path, sizeof(path)) != NULL && strcmp(path, "/") != 0); /* nothing has happened */
	EXPECT(12, empty_root_enter("good") == ERR_OK);
	EXPECT(13, open("/etc/passwd", O_RDONLY) < 0 && open("../../../etc/passwd", O_RDONLY) < 0);
	EXPECT(14, open("/", O_RDONLY | O_DIRECTORY) >= 0);
	EXPECT(15, identity_become(NOBODY, NOBODY, NULL, 0) == ERR_OK);
	EXPECT(16, open("/new", O_CREAT | O_RDWR, 0600) < 0);
	return 0;
}

START_TEST(an_empty_root_is_empty)
{
	char dir[] = "/tmp/sandbox_test.XXXXXX";
	char command[64];

	if (!is_root())
		return;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(child_do(enter_unfit_roots, dir), 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* ------------------------------------------------------------ empty network */

struct server {
	int fd;
	struct sockaddr_in address;
};

static struct server server_open(void)
{
	struct server server = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(server.address);

	ck_assert_int_eq(bind(server.fd, (const struct sockaddr *)&server.address, len), 0);
	ck_assert_int_eq(listen(server.fd, 4), 0);
	ck_assert_int_eq(getsockname(server.fd, (struct sockaddr *)&server.address, &len), 0);
	return server;
}

static int connect_to(const struct server *server)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)&server->address, sizeof(server->address)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int live_in_an_empty_network(void *context)
{
	const struct server *server = context;
	int before = connect_to(server), network = -1;
	char byte;

	EXPECT(1, before >= 0);
	EXPECT(2, empty_network_open(&network) == ERR_OK);
	EXPECT(3, connect_to(server) >= 0); /* who made it has not moved */
	EXPECT(4, empty_network_enter(network) == ERR_OK);
	EXPECT(5, connect_to(server) < 0 && errno == ENETUNREACH);
	EXPECT(6, write(before, "x", 1) == 1);
	EXPECT(7, recv(before, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	return 0;
}

START_TEST(an_empty_network_leads_nowhere)
{
	struct server server = server_open();
	int fd = -1;

	if (is_root() && child_do(live_in_an_empty_network, &server) != 0) {
		/* Containers may forbid it to root too. */
		ck_assert_int_eq(empty_network_open(&fd), ERR_SYSTEM);
	}
	close(server.fd);
}
END_TEST

/* ----------------------------------------------------------------- landlock */

static int live_behind_landlock(void *context)
{
	const struct server *server = context;
	struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0sandbox_test"};
	socklen_t len = sizeof(sa_family_t) + sizeof("\0sandbox_test") - 1;
	int abi = landlock_abi();
	int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	(void)bind(local, (const struct sockaddr *)&abstract, len);
	EXPECT(1, process_refuse_new_privileges() == ERR_OK);
	EXPECT(2, landlock_deny_all() == ERR_OK);
	EXPECT(3, open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
	EXPECT(4, open("/tmp", O_RDONLY | O_DIRECTORY) < 0);
	EXPECT(5, open("/tmp/sandbox_test.new", O_CREAT | O_WRONLY, 0600) < 0);
	EXPECT(6, mkdir("/tmp/sandbox_test.dir", 0700) != 0);
	EXPECT(7, read(file, &byte, 1) == 1);
	if (abi >= 4)
		EXPECT(8, connect_to(server) < 0 && errno == EACCES);
	if (abi >= 6)
		EXPECT(9, kill(getppid(), 0) != 0 && errno == EPERM);
	return 0;
}

static int read_behind_landlock(void *context)
{
	const char *dir = context;
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char byte;

	EXPECT(1, fd >= 0 && process_refuse_new_privileges() == ERR_OK);
	EXPECT(2, landlock_read_only(&fd, 1) == ERR_OK);
	EXPECT(3, chdir(dir) == 0);
	EXPECT(4, read(open("file", O_RDONLY), &byte, 1) == 1);
	EXPECT(5, open(".", O_RDONLY | O_DIRECTORY) >= 0);
	EXPECT(6, open("file", O_WRONLY) < 0 && open("new", O_CREAT | O_WRONLY, 0600) < 0);
	EXPECT(7, unlink("file") != 0 && rename("file", "other") != 0);
	EXPECT(8, open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
	return 0;
}

START_TEST(landlock_leaves_no_file)
{
	struct server server = server_open();
	char dir[] = "/tmp/sandbox_test.XXXXXX";
	char command[64];

	if (landlock_abi() == 0) {
		ck_assert_int_eq(landlock_deny_all(), ERR_UNSUPPORTED);
		return;
	}
	ck_assert_int_eq(child_do(live_behind_landlock, &server), 0);
	close(server.fd);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command), "echo x > %s/file", dir);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(child_do(read_behind_landlock, dir), 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* -------------------------------------------------------------------- limits */

static int live_within_limits(void *context)
{
	struct rlimit limit;
	int fd, count = 0;

	(void)context;
	if (is_root())
		EXPECT(SETUP_FAILS, identity_become(NOBODY, NOBODY, NULL, 0) == ERR_OK);
	EXPECT(1, limits_apply(LIMITS_NET) == ERR_OK);
	EXPECT(2, fork() < 0 && errno == EAGAIN);
	while ((fd = dup(STDIN_FILENO)) >= 0 && count < 5000)
		count++;
	EXPECT(3, fd < 0 && errno == EMFILE && count < 4096);
	EXPECT(4, getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0);
	limit.rlim_cur = limit.rlim_max = 5000;
	EXPECT(6, setrlimit(RLIMIT_NOFILE, &limit) != 0);
#ifndef SEKISHO_SANITIZERS
	EXPECT(7, mmap(NULL, 1u << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
#endif
	return 0;
}

static int write_a_file(void *context)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	(void)context;
	EXPECT(1, limits_apply(LIMITS_NET) == ERR_OK);
	EXPECT(2, write(fd, "x", 1) == 1);
	return 0;
}

START_TEST(limits_hold)
{
	ck_assert_int_eq(child_do(live_within_limits, NULL), 0);
	ck_assert_int_eq(child_do(write_a_file, NULL), CHILD_KILLED + SIGXFSZ);
}
END_TEST

/* -------------------------------------------------------------------- process */

/* Somebody of the same uid, which is all that sandboxes of one kind have in common. */
static int look_at_a_sibling(void *context)
{
	char path[64];
	int ready[2];
	pid_t sibling;
	char byte;

	(void)context;
	EXPECT(1, pipe(ready) == 0);
	if (is_root())
		EXPECT(SETUP_FAILS, identity_become(NOBODY, NOBODY, NULL, 0) == ERR_OK);
	sibling = fork();
	if (sibling == 0) {
		if (process_refuse_dumps() == ERR_OK)
			(void)!write(ready[1], "x", 1);
		pause();
	}
	EXPECT(2, read(ready[0], &byte, 1) == 1);
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)sibling);
	EXPECT(3, open(path, O_RDONLY) < 0);
	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)sibling);
	EXPECT(4, opendir(path) == NULL);
	EXPECT(5, ptrace(PTRACE_ATTACH, sibling, 0, 0) != 0 && errno == EPERM);
	kill(sibling, SIGKILL);
	return 0;
}

static int live_with_mdwe(void *context)
{
	void *page;
	enum err err = process_refuse_writable_code();

	(void)context;
	if (err == ERR_UNSUPPORTED)
		return 0;
	EXPECT(1, err == ERR_OK);
	EXPECT(2, mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(3, page != MAP_FAILED);
	EXPECT(4, mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0);
	return 0;
}

static int live_without_new_privileges(void *context)
{
	(void)context;
	EXPECT(1, process_refuse_new_privileges() == ERR_OK);
	EXPECT(2, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	EXPECT(3, prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0);
	return 0;
}

START_TEST(what_a_process_gives_up_is_gone)
{
	ck_assert_int_eq(child_do(look_at_a_sibling, NULL), 0);
	ck_assert_int_eq(child_do(live_with_mdwe, NULL), 0);
	ck_assert_int_eq(child_do(live_without_new_privileges, NULL), 0);
}
END_TEST

/* ---------------------------------------------------------------------- probe */

static int probe_without_root(void *context)
{
	struct probe probe = {.uid = NOBODY, .gid = NOBODY};
	uint32_t found;

	(void)context;
	if (is_root())
		EXPECT(SETUP_FAILS, identity_become(NOBODY, NOBODY, NULL, 0) == ERR_OK);
	found = probe_layers(&probe);
	EXPECT(1, (found & LAYERS_REQUIRED) == LAYERS_REQUIRED);
	EXPECT(2, (found & (LAYER_IDENTITY | LAYER_EMPTY_ROOT | LAYER_EMPTY_NETWORK)) == 0);
	EXPECT(3, ((found & LAYER_LANDLOCK) != 0) == (landlock_abi() > 0));
	/* The prober itself has not changed. */
	EXPECT(4, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
	EXPECT(5, open("/etc/passwd", O_RDONLY) >= 0);
	return 0;
}

START_TEST(the_probe_finds_what_is_there)
{
	struct probe probe = {.uid = NOBODY, .gid = NOBODY, .is_root = true, .empty_root = "/nonexistent"};

	ck_assert_int_eq(child_do(probe_without_root, NULL), 0);
	if (!is_root())
		return;
	ck_assert_uint_eq(probe_layers(&probe) & (LAYERS_REQUIRED_AS_ROOT | LAYER_EMPTY_ROOT),
	    LAYERS_REQUIRED_AS_ROOT);
}
END_TEST

static const struct {
	const char *why;
	const char *text;
	enum err expect;
} masks[] = {
    {"no number", "x", ERR_MALFORMED},
    {"a bit that is no layer", "1024", ERR_RANGE},
    {"without seccomp", "14", ERR_MALFORMED},
    {"without any", "0", ERR_MALFORMED},
    {"what is required", "15", ERR_OK},
    {"all", "1023", ERR_OK},
};

START_TEST(a_mask_without_what_is_required_is_refused)
{
	uint32_t mask = 4242;
	char text[LAYERS_TEXT_SIZE];
	enum err err = layers_parse(masks[_i].text, &mask);

	ck_assert_msg(err == masks[_i].expect, "%s: %s", masks[_i].why, err_name(err));
	if (err != ERR_OK) {
		ck_assert_uint_eq(mask, 4242);
		return;
	}
	layers_format(mask, text);
	ck_assert_str_eq(text, masks[_i].text);
}
END_TEST

SUITE("sandbox", TEST(identity_is_for_good), TEST(an_empty_root_is_empty),
    TEST(an_empty_network_leads_nowhere), TEST(landlock_leaves_no_file), TEST(limits_hold),
    TEST(what_a_process_gives_up_is_gone), TEST(the_probe_finds_what_is_there),
    LOOP_TEST(a_mask_without_what_is_required_is_refused, COUNT_OF(masks)))
