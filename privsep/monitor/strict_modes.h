/* StrictModes over the facts that the look-up reported about a file and the directories above. */
#pragma once

#include <sys/types.h>

#include "sshd/auth/evidence/verdict.h"
#include "sshd/base/buf.h"

/*
 * May the file be believed to be the user's own word? It and each directory above it must
 * belong to the user or to root and be writable by nobody else.
 *
 * components  as in USER_FOUND: for the file and then each directory, string path, u32 uid,
 *             u32 mode; from a process that its user can steer
 * obstacle    on DENY: "bad ownership or modes for file F", appended
 * ERR_MALFORMED: not such a list.
 */
enum err strict_modes_weigh(struct slice components, uid_t uid, enum verdict *verdict,
    struct buf *obstacle);
