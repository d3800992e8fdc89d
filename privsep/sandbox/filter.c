#include "privsep/sandbox/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "config.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"

#define EQUAL(argument, value)     {TEST_EQUAL, argument, (uint64_t)(value)}
#define ONLY_BITS(argument, value) {TEST_ONLY_BITS, argument, (uint64_t)(value)}
#define CALL(name, reason, ...)    {name, reason, {__VA_ARGS__}},

static const struct filter_row net_rows[] = {
#include "privsep/sandbox/filter_net.def"
#ifdef SEKISHO_SANITIZERS
#include "privsep/sandbox/filter_sanitizers.def"
#endif
};

static const struct filter_row signer_rows[] = {
#include "privsep/sandbox/filter_signer.def"
#ifdef SEKISHO_SANITIZERS
#include "privsep/sandbox/filter_sanitizers.def"
#endif
};

static const struct filter_row sftp_rows[] = {
#include "privsep/sandbox/filter_sftp.def"
#ifdef SEKISHO_SANITIZERS
#include "privsep/sandbox/filter_sanitizers.def"
#endif
};

const struct filter_table filter_net = {"net", net_rows, COUNT_OF(net_rows), 0};
const struct filter_table filter_signer = {"signer", signer_rows, COUNT_OF(signer_rows), 0};
const struct filter_table filter_sftp = {"sftp", sftp_rows, COUNT_OF(sftp_rows), EPERM};

static void context_release(scmp_filter_ctx *context)
{
	if (*context != NULL)
		seccomp_release(*context);
	*context = NULL;
}

static struct scmp_arg_cmp comparison(const struct filter_condition *condition)
{
	if (condition->test == TEST_ONLY_BITS)
		return SCMP_CMP(condition->argument, SCMP_CMP_MASKED_EQ, ~condition->value, 0);
	return SCMP_CMP(condition->argument, SCMP_CMP_EQ, condition->value, 0);
}

static enum err add_row(scmp_filter_ctx context, const struct filter_row *row)
{
	struct scmp_arg_cmp comparisons[FILTER_CONDITION_LIMIT];
	int number = seccomp_syscall_resolve_name(row->call);
	unsigned count = 0;

	/* Unknown to this libseccomp or, below zero, not a call of this architecture. */
	if (number < 0)
		return ERR_OK;
	while (count < FILTER_CONDITION_LIMIT && row->conditions[count].test != TEST_NONE) {
		comparisons[count] = comparison(&row->conditions[count]);
		count++;
	}
	if (seccomp_rule_add_array(context, SCMP_ACT_ALLOW, number, count, comparisons) != 0)
		return ERR_SANDBOX;
	return ERR_OK;
}

static enum err export(scmp_filter_ctx context, struct buf *bpf)
{
	AUTO(fd_release) int fd = memfd_create("seccomp", MFD_CLOEXEC);

	if (fd < 0)
		return ERR_SYSTEM;
	if (seccomp_export_bpf(context, fd) != 0)
		return ERR_SANDBOX;
	if (lseek(fd, 0, SEEK_SET) != 0)
		return ERR_SYSTEM;
	return file_read(fd, bpf);
}

enum err filter_compile(const struct filter_table *table, struct buf *bpf)
{
	uint32_t otherwise = table->denied_errno != 0 ? SCMP_ACT_ERRNO((uint16_t)table->denied_errno)
						      : SCMP_ACT_KILL_PROCESS;
	AUTO(context_release) scmp_filter_ctx context = seccomp_init(otherwise);

	if (context == NULL)
		return ERR_SANDBOX;
	if (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0)
		return ERR_SANDBOX;
	for (size_t i = 0; i < table->count; i++)
		TRY(add_row(context, &table->rows[i]));
	return export(context, bpf);
}

enum err filter_compile_sealed(const struct filter_table *table, int *fd)
{
	AUTO(buf_wipe) struct buf bpf = buf_empty(FILTER_LIMIT);

	TRY(filter_compile(table, &bpf));
	return file_seal("seccomp", buf_view(&bpf), fd);
}
