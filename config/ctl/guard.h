/* Whether a configuration would lock out those who must be able to come back. */
#pragma once

#include "config/ctl/input.h"

/*
 * Tells on standard error what it looks at and finds.
 *
 * arguments    key: what the caller logs in with; NULL: any that his account has
 * before       the configuration in place; NULL: there is none
 * can_return   set on success only
 */
enum err guard_decide(const struct arguments *arguments, struct config *before, struct config *after,
    bool *can_return);
