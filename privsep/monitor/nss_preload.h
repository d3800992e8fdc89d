/* The modules behind getpwnam and its like, loaded by the template once for all connections. */
#pragma once

#include "sshd/base/slice.h"

/*
 * Loads the modules that `conf` (the text of nsswitch.conf) names for accounts and groups. None
 * of their functions is called: some open sockets, which no two processes may share. What
 * cannot be loaded is left to the C library, which will say so to whoever asks.
 */
void nss_preload(struct slice conf);

/* The services of one line, if it is of a database that matters: "files systemd". For tests. */
bool nss_line_services(struct slice line, struct slice *services);
bool nss_service_next(struct slice *services, struct slice *service);
