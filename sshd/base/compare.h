/* Equality of secrets. */
#pragma once

#include "sshd/base/slice.h"

/* True when both hold the same bytes; the time depends on the lengths alone. */
bool equal_in_constant_time(struct slice a, struct slice b);
