#include "privsep/sandbox/limits.h"

#include <stddef.h>
#include <sys/resource.h>

#include "config.h"
#include "sshd/base/auto.h"

#define KIB(n) ((rlim_t)(n) << 10)
#define MIB(n) ((rlim_t)(n) << 20)

struct limit_row {
	enum limits_kind kind;
	__rlimit_resource_t resource;
	rlim_t value;
};

/*
 * NPROC counts all processes of the uid, and root's not at all: 0 forbids fork and threads to
 * the others. FSIZE 0 kills whoever writes to a file, so nobody here has one as 0, 1 or 2.
 */
static const struct limit_row rows[] = {
    {LIMITS_NET, RLIMIT_CORE, 0},
    {LIMITS_NET, RLIMIT_FSIZE, 0},
    {LIMITS_NET, RLIMIT_NPROC, 0},
    {LIMITS_NET, RLIMIT_NOFILE, 4096}, /* three for each of 1024 channels, and its own */
    {LIMITS_NET, RLIMIT_MEMLOCK, KIB(64)},
    {LIMITS_NET, RLIMIT_STACK, MIB(1)},
    {LIMITS_SIGNER, RLIMIT_CORE, 0},
    {LIMITS_SIGNER, RLIMIT_FSIZE, 0},
    {LIMITS_SIGNER, RLIMIT_NPROC, 0},
    {LIMITS_SIGNER, RLIMIT_NOFILE, 65536}, /* one for each living connection */
    {LIMITS_SIGNER, RLIMIT_STACK, MIB(1)},
    {LIMITS_LOOKUP, RLIMIT_CORE, 0},
    {LIMITS_LOOKUP, RLIMIT_FSIZE, 0},
    {LIMITS_LOOKUP, RLIMIT_NOFILE, 64},
    {LIMITS_LOOKUP, RLIMIT_CPU, 10},
    {LIMITS_SFTP, RLIMIT_CORE, 0},
#ifndef SEKISHO_SANITIZERS /* shadow memory takes terabytes of addresses */
    {LIMITS_NET, RLIMIT_AS, MIB(512)},
    {LIMITS_SIGNER, RLIMIT_AS, MIB(512)},
    {LIMITS_LOOKUP, RLIMIT_AS, MIB(512)},
#endif
};

static enum err limit_to(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) != 0)
		return ERR_SYSTEM;
	if (limit.rlim_max > value)
		limit.rlim_max = value;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err limits_apply(enum limits_kind kind)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].kind == kind)
			TRY(limit_to(rows[i].resource, rows[i].value));
	return ERR_OK;
}
