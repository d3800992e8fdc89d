/* internal-sftp: the file transfer server in a fork of this process, without exec. */
#pragma once

#include "privsep/user/user.h"

/* The command is internal-sftp, with or without arguments. */
bool internal_sftp_is_meant(const char *command);

/* Serves on standard input and output, with its events to `relay` (log_relay.h); the exit status. */
int internal_sftp_run(const struct user_setup *setup, const char *command, int relay);
