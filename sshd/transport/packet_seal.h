/* Payloads to packets, in place. */
#pragma once

#include "sshd/crypto/random.h"
#include "sshd/transport/packet.h"

struct packet_sealer {
	struct packet_keys keys;
	struct packet_shape shape;
	uint32_t sequence_number; /* of the next packet */
	struct packet_traffic traffic;
	struct random_pool *padding; /* borrowed */
};

/* Nothing is encrypted yet. */
void packet_sealer_init(struct packet_sealer *sealer, struct random_pool *padding);
void packet_sealer_wipe(struct packet_sealer *sealer);

/* The next packet is the first under `keys`, which are taken. */
void packet_sealer_rekey(struct packet_sealer *sealer, struct packet_keys *keys);

/*
 * Seals the payload that lies PACKET_HEADER_LEN bytes into `room`; room.len is at least
 * payload_len + PACKET_OVERHEAD_LIMIT.
 *
 * packet_len   bytes from room.ptr on that are ready to be sent
 *
 * ERR_RANGE: an empty payload, or one too long. ERR_LIMIT: these keys have done their work.
 */
enum err packet_seal(
    struct packet_sealer *sealer, struct span room, size_t payload_len, size_t *packet_len);
