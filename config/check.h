/* What is wrong with a configuration although each of its lines is right. */
#pragma once

#include "config/resolve.h"

/* The work config_check spends on Match blocks: blocks times entries. */
#define CHECK_WORK_LIMIT 20000000u

/*
 * Checks the settings outside of Match blocks, and those of each block as if it alone held.
 * Outside, settings that cannot work together are errors, as for OpenSSH. In a block, which
 * OpenSSH does not look into, they are warnings: another block may hold at the same time, and
 * the rest of the users must not lose their server over it.
 *
 * ERR_CONFIG: there was an error among them. ERR_NO_MEMORY.
 */
enum err config_check(struct config *config, struct diagnostics *diagnostics);
