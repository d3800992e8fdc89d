/* Resource limits, one table per kind of process. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "sshd/base/err.h"

enum limits_kind { LIMITS_NET, LIMITS_SIGNER, LIMITS_LOOKUP, LIMITS_SFTP, LIMITS_KIND_COUNT };

/*
 * No limit of processor time is among net's: lifting it after login takes CAP_SYS_RESOURCE, which containers
 * often lack, and until login two independent deadlines bound its life anyway.
 */

/* Sets soft and hard limits; a hard limit below the table's value stays. ERR_SYSTEM. */
enum err limits_apply(enum limits_kind kind);
