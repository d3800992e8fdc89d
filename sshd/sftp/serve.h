/* A whole SFTP session over two descriptors. */
#pragma once

#include "sshd/sftp/options.h"

/*
 * Serves the client behind the descriptors until it ends the connection; `in_fd` and `out_fd` may
 * be the same. Meant for a process of its own, which it changes for good: umask, directory, SIGPIPE
 * ignored, and the sandbox of confine.h, before a byte of the client is read. What the log needs is
 * open by then. Returns the exit status: 0 after an orderly end, 1 otherwise.
 */
int sftp_serve(const struct sftp_options *options, int in_fd, int out_fd);
