/*
 * The compiled lists against the kernel: every system call number there is, and the arguments
 * that make the difference. Each try is a child process that loads the filter first.
 */
#include "privsep/sandbox/filter.h"

#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "config.h"
#include "privsep/sandbox/process.h"
#include "sshd/base/secret.h"
#include "tests/support/child.h"

#define NUMBERS     1024
#define KILLED      (CHILD_KILLED + SIGSYS)
#define LET_THROUGH 0
#define SETUP_FAILS 99

struct try {
	const struct filter_table *table;
	long number;
	long arguments[6];
};

static enum err load(const struct filter_table *table)
{
	AUTO(buf_wipe) struct buf bpf = buf_empty(FILTER_LIMIT);

	TRY(filter_compile(table, &bpf));
	TRY(process_refuse_new_privileges());
	return filter_load(buf_view(&bpf));
}

#ifndef SEKISHO_SANITIZERS /* which widen the lists */

/* What comes back does not matter, only whether it comes back. */
static int call(void *context)
{
	const struct try *try = context;
	const long *a = try->arguments;

	if (load(try->table) != ERR_OK)
		return SETUP_FAILS;
	syscall(try->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return LET_THROUGH;
}

static const struct filter_row *row_of(const struct filter_table *table, int number)
{
	for (size_t i = 0; i < table->count; i++)
		if (seccomp_syscall_resolve_name(table->rows[i].call) == number)
			return &table->rows[i];
	return NULL;
}

/* With arguments that no condition allows, only calls without conditions survive. */
static bool is_expected_to_survive(const struct filter_table *table, int number)
{
	const struct filter_row *row = row_of(table, number);

	return row != NULL && row->conditions[0].test == TEST_NONE;
}

/*
 * Left out: a return from a signal without a frame never comes back though it is allowed, and
 * two calls that are good for nothing but the kernel's own trampolines it keeps from filters.
 */
static bool is_left_out(int number)
{
#ifdef __x86_64__
	if (number == 335 || number == 336) /* uretprobe, uprobe */
		return true;
#endif
	return number == SYS_rt_sigreturn;
}

static void try_every_number(const struct filter_table *table)
{
	for (int number = 0; number < NUMBERS; number++) {
		struct try try = {table, number, {-1, -1, -1, -1, -1, -1}};
		int got;

		if (is_left_out(number))
			continue;
		got = child_do(call, &try);
		if (is_expected_to_survive(table, number))
			ck_assert_msg(got != KILLED, "%s: call %d is in the list", table->name, number);
		else
			ck_assert_msg(got == KILLED, "%s: call %d got through (%d)", table->name, number, got);
	}
}

START_TEST(net_gets_nothing_but_its_list)
{
	try_every_number(&filter_net);
}
END_TEST

START_TEST(signer_gets_nothing_but_its_list)
{
	try_every_number(&filter_signer);
}
END_TEST

#ifdef __x86_64__

static int call_as_i386(void *context)
{
	long result;

	(void)context;
	if (load(&filter_net) != ERR_OK)
		return SETUP_FAILS;
	/* 3 is read there, and a call without conditions here. */
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(3), "b"(-1) : "memory");
	return LET_THROUGH;
}

START_TEST(other_call_conventions_are_no_way_out)
{
	struct try x32 = {&filter_net, 0x40000000 | SYS_read, {-1}};

	ck_assert_int_eq(child_do(call, &x32), KILLED);
	/* SIGSEGV on kernels built without the old interface: dead is dead. */
	ck_assert_int_ge(child_do(call_as_i386, NULL), CHILD_KILLED);
}
END_TEST

#endif

static const struct {
	const char *why;
	struct try try;
	int expect;
} cases[] = {
    {"descriptors from a peer", {&filter_net, SYS_recvmsg, {NET_FD_CONNECTION, 0, 0}}, KILLED},
    {"descriptors from the monitor", {&filter_net, SYS_recvmsg, {NET_FD_MONITOR, 0, 0}}, LET_THROUGH},
    {"another epoll", {&filter_net, SYS_epoll_ctl, {NET_FD_CONNECTION, 1, 0, 0}}, KILLED},
    {"its own epoll", {&filter_net, SYS_epoll_ctl, {NET_FD_EPOLL, 1, 0, 0}}, LET_THROUGH},
    {"a signal mask", {&filter_net, SYS_epoll_pwait, {NET_FD_EPOLL, 0, 0, 0, 1, 8}}, KILLED},
    {"an option of a passed socket",
	{&filter_net, SYS_setsockopt, {NET_FD_OUTPUT, IPPROTO_TCP, TCP_QUICKACK, 0, 0}}, KILLED},
    {"another option", {&filter_net, SYS_setsockopt, {NET_FD_CONNECTION, IPPROTO_TCP, TCP_NODELAY, 0, 0}},
	KILLED},
    {"the same number on another level",
	{&filter_net, SYS_setsockopt, {NET_FD_CONNECTION, SOL_SOCKET, TCP_QUICKACK, 0, 0}}, KILLED},
    {"quick acknowledgement",
	{&filter_net, SYS_setsockopt, {NET_FD_CONNECTION, IPPROTO_TCP, TCP_QUICKACK, 0, 0}}, LET_THROUGH},
    {"type of service", {&filter_net, SYS_setsockopt, {NET_FD_CONNECTION, IPPROTO_IP, IP_TOS, 0, 0}},
	LET_THROUGH},
    {"traffic class", {&filter_net, SYS_setsockopt, {NET_FD_CONNECTION, IPPROTO_IPV6, IPV6_TCLASS, 0, 0}},
	LET_THROUGH},
    {"a descriptor with more above its 32 bits",
	{&filter_net, SYS_recvmsg, {0x100000000 | NET_FD_MONITOR, 0, 0}}, KILLED},
    {"code", {&filter_net, SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
	KILLED},
    {"a file", {&filter_net, SYS_mmap, {0, 4096, PROT_READ, MAP_PRIVATE, 5, 0}}, KILLED},
    {"shared memory", {&filter_net, SYS_mmap, {0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0}}, KILLED},
    {"memory at a place",
	{&filter_net, SYS_mmap, {65536, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0}}, KILLED},
    {"memory", {&filter_net, SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
	LET_THROUGH},
    {"a mapping moved to a place", {&filter_net, SYS_mremap, {0, 0, 0, MREMAP_MAYMOVE | MREMAP_FIXED, 65536}},
	KILLED},
    {"the slow pool", {&filter_net, SYS_getrandom, {0, 0, GRND_RANDOM}}, KILLED},
    {"randomness", {&filter_net, SYS_getrandom, {0, 0, 0}}, LET_THROUGH},
    {"locks shared with others", {&filter_net, SYS_futex, {0, FUTEX_WAKE, 0}}, KILLED},
    {"priority inheritance", {&filter_net, SYS_futex, {0, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0}}, KILLED},
    {"locks", {&filter_net, SYS_futex, {0, FUTEX_WAKE_PRIVATE, 0}}, LET_THROUGH},
    {"advice that changes what others see", {&filter_net, SYS_madvise, {0, 0, MADV_WIPEONFORK}}, KILLED},
    {"signer: sending descriptors", {&filter_signer, SYS_sendmsg, {3, 0, 0}}, KILLED},
    {"signer: secret memory that is executed", {&filter_signer, SYS_mmap, {0, 4096, PROT_EXEC, MAP_SHARED, 5, 0}},
	KILLED},
};

START_TEST(arguments_make_the_difference)
{
	struct try try = cases[_i].try;
	int got = child_do(call, &try);

	ck_assert_msg(got == cases[_i].expect, "%s: %d", cases[_i].why, got);
}
END_TEST

#endif

static int use_memory(void *context)
{
	volatile char *block;
	char *grown;

	if (load(context) != ERR_OK)
		return SETUP_FAILS;
	block = malloc(16u << 20);
	if (block == NULL)
		return 1;
	for (size_t i = 0; i < 16u << 20; i += 4096)
		block[i] = 1;
	grown = realloc((void *)(uintptr_t)block, 48u << 20);
	if (grown == NULL)
		return 2;
	free(grown);
	for (size_t size = 16; size < 1u << 20; size *= 2) {
		void *volatile piece = malloc(size);

		free(piece);
	}
	return LET_THROUGH;
}

static int use_secret(void *context)
{
	AUTO(secret_release) struct secret *secret = NULL;

	if (load(context) != ERR_OK)
		return SETUP_FAILS;
	if (secret_new(5000, &secret) != ERR_OK)
		return 1;
	secret_expose(secret).ptr[4999] = 1;
	return LET_THROUGH;
}

START_TEST(what_is_needed_works)
{
	ck_assert_int_eq(child_do(use_memory, (void *)(uintptr_t)&filter_net), LET_THROUGH);
	ck_assert_int_eq(child_do(use_memory, (void *)(uintptr_t)&filter_signer), LET_THROUGH);
	ck_assert_int_eq(child_do(use_memory, (void *)(uintptr_t)&filter_sftp), LET_THROUGH);
	ck_assert_int_eq(child_do(use_secret, (void *)(uintptr_t)&filter_signer), LET_THROUGH);
}
END_TEST

static int refused_calls_of_sftp(void *context)
{
	char *const argv[] = {(char *)"true", NULL};

	(void)context;
	if (load(&filter_sftp) != ERR_OK)
		return SETUP_FAILS;
	if (execve("/bin/true", argv, environ) == 0 || errno != EPERM)
		return 1;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 2;
	if (fork() >= 0 || errno != EPERM)
		return 3;
#ifndef SEKISHO_SANITIZERS
	if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 || errno != EPERM)
		return 4;
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 5;
#endif
	return access("/", R_OK) == 0 ? LET_THROUGH : 6;
}

START_TEST(sftp_is_refused_and_lives)
{
	ck_assert_int_eq(child_do(refused_calls_of_sftp, NULL), LET_THROUGH);
}
END_TEST

START_TEST(half_instructions_are_refused)
{
	static const uint8_t bytes[12];

	ck_assert_int_eq(filter_load(slice_over(bytes, 0)), ERR_MALFORMED);
	ck_assert_int_eq(filter_load(slice_over(bytes, 12)), ERR_MALFORMED);
	ck_assert_int_eq(filter_load(slice_over(bytes, 8)), ERR_SANDBOX); /* an opcode 0: no program */
}
END_TEST

START_TEST(every_row_has_a_reason)
{
	const struct filter_table *const tables[] = {&filter_net, &filter_signer, &filter_sftp};

	for (size_t t = 0; t < COUNT_OF(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct filter_row *row = &tables[t]->rows[i];

			ck_assert_msg(row->reason != NULL && row->reason[0] != 0, "%s", row->call);
			/* Negative: not on this architecture. A misspelt name is unknown everywhere. */
			if (tables[t] != &filter_sftp)
				ck_assert_msg(seccomp_syscall_resolve_name(row->call) != __NR_SCMP_ERROR, "%s",
				    row->call);
		}
	}
}
END_TEST

SUITE("filter",
#ifndef SEKISHO_SANITIZERS
    TEST(net_gets_nothing_but_its_list), TEST(signer_gets_nothing_but_its_list),
#ifdef __x86_64__
    TEST(other_call_conventions_are_no_way_out),
#endif
    LOOP_TEST(arguments_make_the_difference, COUNT_OF(cases)),
#endif
    TEST(what_is_needed_works), TEST(sftp_is_refused_and_lives), TEST(half_instructions_are_refused),
    TEST(every_row_has_a_reason))
