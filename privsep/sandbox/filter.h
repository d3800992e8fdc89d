/*
 * seccomp lists: tables with a reason on each row, compiled here through libseccomp. Whoever
 * only loads a compiled one needs filter_load.h and no library.
 */
#pragma once

#include "privsep/sandbox/filter_load.h"
#include "sshd/base/buf.h"

/* What a register argument must be. All conditions of a row must hold; rows of one call add up. */
enum filter_test {
	TEST_NONE,
	TEST_EQUAL,    /* argument == value */
	TEST_ONLY_BITS /* (argument & ~value) == 0 */
};

struct filter_condition {
	enum filter_test test;
	unsigned argument; /* 0 to 5 */
	uint64_t value;
};

#define FILTER_CONDITION_LIMIT 4u

struct filter_row {
	const char *call; /* calls that this architecture does not have are left out */
	const char *reason;
	struct filter_condition conditions[FILTER_CONDITION_LIMIT];
};

struct filter_table {
	const char *name;
	const struct filter_row *rows;
	size_t count;
	int denied_errno; /* what a call outside the list gets; 0: the process is killed */
};

extern const struct filter_table filter_net;    /* filter_net.def */
extern const struct filter_table filter_signer; /* filter_signer.def */
extern const struct filter_table filter_sftp;   /* filter_sftp.def */

#define FILTER_LIMIT (4096u * 8u) /* bytes: the kernel takes at most 4096 instructions */

/*
 * The table as a BPF program for this architecture, appended to `bpf` as the kernel takes it.
 * Calls of another architecture kill the process.
 *
 * ERR_SANDBOX: libseccomp refused a row. ERR_SYSTEM, ERR_LIMIT.
 */
enum err filter_compile(const struct filter_table *table, struct buf *bpf);

/* Compiles into a sealed memfd (CLOEXEC), for a process that will only load it. */
enum err filter_compile_sealed(const struct filter_table *table, int *fd);
