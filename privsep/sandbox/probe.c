#include "privsep/sandbox/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "privsep/sandbox/empty_root.h"
#include "privsep/sandbox/filter.h"
#include "privsep/sandbox/identity.h"
#include "privsep/sandbox/landlock.h"
#include "privsep/sandbox/limits.h"
#include "privsep/sandbox/process.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

static enum err try_seccomp(const struct probe *probe)
{
	AUTO(buf_wipe) struct buf bpf = buf_empty(FILTER_LIMIT);

	(void)probe;
	TRY(filter_compile(&filter_net, &bpf));
	TRY(process_refuse_new_privileges());
	return filter_load(buf_view(&bpf));
}

static enum err try_no_new_privs(const struct probe *probe)
{
	(void)probe;
	return process_refuse_new_privileges();
}

static enum err try_rlimits(const struct probe *probe)
{
	(void)probe;
	return limits_apply(LIMITS_NET);
}

static enum err try_non_dumpable(const struct probe *probe)
{
	(void)probe;
	return process_refuse_dumps();
}

static enum err try_identity(const struct probe *probe)
{
	if (!probe->is_root)
		return ERR_UNSUPPORTED;
	TRY(identity_become(probe->uid, probe->gid, NULL, 0));
	return identity_drop_capabilities();
}

static enum err try_empty_root(const struct probe *probe)
{
	return probe->empty_root == NULL ? ERR_UNSUPPORTED : empty_root_enter(probe->empty_root);
}

static enum err try_empty_network(const struct probe *probe)
{
	AUTO(fd_release) int fd = -1;

	(void)probe;
	TRY(empty_network_open(&fd));
	return empty_network_enter(fd);
}

static enum err try_landlock(const struct probe *probe)
{
	(void)probe;
	TRY(process_refuse_new_privileges());
	return landlock_deny_all();
}

static enum err try_secret_memory(const struct probe *probe)
{
	AUTO(fd_release) int fd = (int)syscall(SYS_memfd_secret, (unsigned)O_CLOEXEC);

	(void)probe;
	return fd < 0 ? ERR_UNSUPPORTED : ERR_OK;
}

static enum err try_mdwe(const struct probe *probe)
{
	(void)probe;
	return process_refuse_writable_code();
}

static const struct {
	enum layer layer;
	enum err (*try)(const struct probe *probe);
} rows[] = {
    {LAYER_SECCOMP, try_seccomp},
    {LAYER_NO_NEW_PRIVS, try_no_new_privs},
    {LAYER_RLIMITS, try_rlimits},
    {LAYER_NON_DUMPABLE, try_non_dumpable},
    {LAYER_IDENTITY, try_identity},
    {LAYER_EMPTY_ROOT, try_empty_root},
    {LAYER_EMPTY_NETWORK, try_empty_network},
    {LAYER_LANDLOCK, try_landlock},
    {LAYER_SECRET_MEMORY, try_secret_memory},
    {LAYER_MDWE, try_mdwe},
};

static bool works(enum err (*try)(const struct probe *probe), const struct probe *probe)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		_exit(try(probe) == ERR_OK ? 0 : 1);
	while (child > 0 && waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

uint32_t probe_layers(const struct probe *probe)
{
	uint32_t found = 0;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (works(rows[i].try, probe))
			found |= rows[i].layer;
	return found;
}
