/* Resource limits, one table per kind of process. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "sshd/base/err.h"

enum limits_kind { LIMITS_NET, LIMITS_SIGNER, LIMITS_LOOKUP, LIMITS_SFTP, LIMITS_KIND_COUNT };

/* Sets soft and hard limits; a hard limit below the table's value stays. ERR_SYSTEM. */
enum err limits_apply(enum limits_kind kind);

/*
 * Net may use LIMITS_CPU_BEFORE_LOGIN seconds of processor time before login (a soft limit). The
 * monitor lifts it when the connection is authenticated. ERR_SYSTEM.
 */
#define LIMITS_CPU_BEFORE_LOGIN 30
enum err limits_lift_cpu(pid_t net);
