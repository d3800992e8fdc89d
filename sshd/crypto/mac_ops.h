/* What one kind of MAC does; the rows of algorithms.def name these. Inside this room only. */
#pragma once

#include "sshd/crypto/mac.h"

/* The beginning of every MAC's own state. */
struct mac {
	const struct mac_algorithm *algorithm;
};

struct mac_ops {
	size_t state_size;
	enum hash_kind hash; /* HMAC only */
	/* Fills the zeroed rest of the state. What it made until an error, `stop` unmakes. */
	enum err (*start)(struct mac *mac, struct slice key);
	void (*stop)(struct mac *mac);
	enum err (*compute)(struct mac *mac, uint32_t sequence_number, struct slice packet,
	    uint8_t tag[static MAC_TAG_LIMIT]);
};

extern const struct mac_ops mac_hmac_sha1, mac_hmac_sha256, mac_hmac_sha512, mac_umac;

/* UMAC with any nonce of 8 bytes, as the vectors of RFC 4418 have it. */
enum err umac_compute(struct mac *mac, uint64_t nonce, struct slice packet,
    uint8_t tag[static MAC_TAG_LIMIT]);
