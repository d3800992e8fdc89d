/* What a session runs: asked for by the client, decided by keys and configuration. */
#pragma once

#include "sshd/auth/evidence/verdict.h"
#include "sshd/base/slice.h"

#define PROGRAM_COMMAND_LIMIT 131072u

struct monitor;
struct session;

/*
 * Decides what START{kind, command} shall run and lays it out in the session: command,
 * SSH_ORIGINAL_COMMAND, whether signals are passed on. Logs it. DENY: no such subsystem.
 */
enum verdict program_decide(struct monitor *m, struct session *session, uint8_t kind,
    struct slice command);
