/* Who a process is: becoming somebody, and the proof that there is no way back. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "sshd/base/err.h"

/*
 * Sets the supplementary groups, then gid, then uid (real, effective and saved), and proves
 * that the change is complete: the kernel reports exactly these values, no capability is left
 * and, unless the new or the old uid is root's all along, the old ids cannot be taken again.
 *
 * A caller that is not root and asks for the very identity it has succeeds without changing
 * its groups, which it may not.
 *
 * groups    `count` supplementary groups; may be NULL when count is 0
 * ERR_SYSTEM: the kernel refused. ERR_SANDBOX: the proof failed; the caller must exit.
 */
enum err identity_become(uid_t uid, gid_t gid, const gid_t *groups, size_t count);

/* Empties the bounding set as far as this process may; before the change of uid, while it may. */
void identity_drop_bounding(void);

/*
 * Gives up every capability, the inheritable and ambient ones included; after the change of
 * uid. For processes that only a sandbox holds: a login keeps what PAM gave it.
 *
 * ERR_SANDBOX: some are left.
 */
enum err identity_drop_capabilities(void);

/* True when this process may become `uid`: it is root, and the uid exists in its user namespace. */
bool identity_can_become(uid_t uid);
