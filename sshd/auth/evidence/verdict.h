/* The answer of evidence is that of policy. */
#pragma once

#include "sshd/base/verdict.h"
