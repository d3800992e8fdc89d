/* A root directory with nothing in it, and a network with nothing in it. */
#pragma once

#include "sshd/base/err.h"

/*
 * Makes `path` the root and the working directory. It must belong to root, be writable by
 * nobody else and contain nothing.
 *
 * ERR_MODE: owner or mode. ERR_EXISTS: not empty. ERR_SYSTEM.
 */
enum err empty_root_enter(const char *path);

/*
 * A new network namespace with nothing but a loopback interface that is down; the caller stays
 * where it is. `fd` keeps it alive and is CLOEXEC. ERR_SYSTEM: CAP_SYS_ADMIN is missing.
 */
enum err empty_network_open(int *fd);

/* Enters it. Sockets opened before go on working. */
enum err empty_network_enter(int fd);
