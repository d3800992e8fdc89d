/* -i: the connection is what we were started with, on standard input and output. */
#pragma once

#include "sshd/base/err.h"

struct listener;

/*
 * Moves the connection away from 0 and 1, which become /dev/null, as 2 does unless it is the
 * log. Early, before anything could be written there. ERR_SYSTEM.
 */
enum err inetd_take(struct listener *listener);

/* The programs are ready for it. */
void inetd_begin(struct listener *listener);
