/* -t, -T, -G: what the configuration is, and whether it is one. Nothing is started. */
#pragma once

#include "sshd/listener/options.h"

/* Prints to standard output and error; the exit status. */
int dump_run(const struct options *options);
