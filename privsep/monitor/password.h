/* Checking passwords, by PAM or against shadow. */
#pragma once

#include "privsep/monitor/attempt.h"

struct monitor;

/* The connection's PAM handle, made at its first use. ERR_SYSTEM, ERR_UNSUPPORTED, ERR_NO_MEMORY. */
enum err pam_begin(struct monitor *m);

/* May this account use this method at all? Else its answers are replaced before a module sees them. */
bool answers_are_fake(const struct monitor *m, enum auth_method method);

/* The rest of a failed or earned attempt by password or keyboard-interactive. */
enum err attempt_conclude(struct monitor *m, struct attempt *attempt, enum verdict verdict);
