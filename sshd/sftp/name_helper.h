/*
 * Names from a process of their own: name services open sockets and load code, and a session's
 * sandbox permits neither. The helper is forked before the sandbox and ends with the session.
 */
#pragma once

#include "sshd/sftp/names.h"

struct sftp_name_helper {
	struct sftp_names names; /* asks the helper */
	int fd;                  /* its socket; -1: there is no helper */
};

/*
 * Starts a helper that answers from `source`. It keeps no descriptor of ours but its socket.
 * ERR_SYSTEM: no process or socket to be had.
 */
enum err sftp_name_helper_start(struct sftp_name_helper *helper, struct sftp_names *source);

/* Ends it. One that was not started is fine when its fd is -1. */
void sftp_name_helper_stop(struct sftp_name_helper *helper);
