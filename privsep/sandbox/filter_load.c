#include "privsep/sandbox/filter_load.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sshd/base/auto.h"

static void instructions_release(struct sock_filter **instructions)
{
	free(*instructions);
	*instructions = NULL;
}

enum err filter_load(struct slice bpf)
{
	AUTO(instructions_release) struct sock_filter *instructions = NULL;
	struct sock_fprog program;

	if (bpf.len == 0 || bpf.len % sizeof(*instructions) != 0 ||
	    bpf.len / sizeof(*instructions) > BPF_MAXINSNS)
		return ERR_MALFORMED;
	/* A copy, since the bytes may lie anywhere and the kernel wants them aligned. */
	instructions = malloc(bpf.len);
	if (instructions == NULL)
		return ERR_NO_MEMORY;
	memcpy(instructions, bpf.ptr, bpf.len);
	program.len = (unsigned short)(bpf.len / sizeof(*instructions));
	program.filter = instructions;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &program) != 0)
		return ERR_SANDBOX;
	return ERR_OK;
}
