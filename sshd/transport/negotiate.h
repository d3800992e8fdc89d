/* Choosing algorithms from two KEXINITs: RFC 4253 section 7.1. */
#pragma once

#include "sshd/transport/transport.h"
#include "sshd/wire/messages_transport.h"

/* Names in the kex list that are no methods but say something about their sender. */
#define MARKER_EXT_INFO_CLIENT "ext-info-c"
#define MARKER_STRICT_CLIENT   "kex-strict-c-v00@openssh.com"
#define MARKER_STRICT_SERVER   "kex-strict-s-v00@openssh.com"

struct negotiation {
	struct transport_algorithms algorithms;
	bool is_guess_wrong; /* the packet that the client sent ahead is to be dropped */
};

/*
 * The first name on each of the client's lists that is also on ours, as rows.
 *
 * ERR_NO_COMMON: a list has none; `mismatch` (untouched else) says which, pointing into `client`.
 */
enum err negotiate(const struct kexinit *client, const struct kexinit *server,
    const struct transport_host_key *host_keys, size_t host_key_count, struct negotiation *out,
    struct transport_mismatch *mismatch);
