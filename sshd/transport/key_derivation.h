/* From K and H to the keys A to F: RFC 4253 section 7.2. */
#pragma once

#include "sshd/crypto/algorithms.h"
#include "sshd/transport/packet.h"

#define DERIVED_KEY_LIMIT 64u /* bytes of the longest key of any row */

struct key_source {
	enum hash_kind hash;
	enum k_kind k_kind;
	struct slice K; /* as in exchange.h */
	struct slice H;
	struct slice session_id;
};

/*
 * The key of one letter, as long as `key`. ERR_RANGE: longer than DERIVED_KEY_LIMIT. ERR_CRYPTO.
 */
enum err key_derive(const struct key_source *source, char letter, struct span key);

/*
 * Everything one direction needs: A, C, E from client to server, B, D, F back.
 * The derived bytes are wiped; only the ready cipher and MAC stay.
 */
enum err key_derive_direction(const struct key_source *source, bool is_client_to_server,
    const struct cipher_algorithm *cipher, const struct mac_algorithm *mac,
    enum cipher_direction direction, struct packet_keys *keys);
