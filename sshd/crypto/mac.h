/* Message authentication codes, one direction and one key each (RFC 4253 section 6.4, RFC 4418). */
#pragma once

#include "sshd/crypto/algorithms.h"

#define MAC_TAG_LIMIT 64u

struct mac;

/* `key` has exactly the row's length. ERR_CRYPTO, ERR_NO_MEMORY. */
enum err mac_new(const struct mac_algorithm *algorithm, struct slice key, struct mac **out);
void mac_free(struct mac *mac);
void mac_release(struct mac **mac); /* for AUTO */

/* The tag over sequence number and packet; tag_len bytes. Allocates nothing. */
enum err mac_compute(struct mac *mac, uint32_t sequence_number, struct slice packet,
    uint8_t tag[static MAC_TAG_LIMIT]);
