/* Extension negotiation: RFC 8308, and the extensions that both sides of it know. */
#pragma once

#include "sshd/transport/outbox.h"

/* Seals EXT_INFO: what this server tells a client that sent ext-info-c. */
enum err ext_info_send(struct outbox *out, struct slice server_sig_algs);

/*
 * Reads the client's EXT_INFO. Unknown extensions are ignored (RFC 8308 section 2.5).
 *
 * takes_in_auth   set on success: it takes a second EXT_INFO during authentication
 */
enum err ext_info_read(struct slice payload, bool *takes_in_auth);
