/* Packets to payloads, in place. */
#pragma once

#include "sshd/transport/packet.h"

struct packet_opener {
	struct packet_keys keys;
	struct packet_shape shape;
	uint32_t sequence_number; /* of the next packet */
	struct packet_traffic traffic;
	uint32_t packet_length; /* of the one that is not complete; 0: not known yet */
};

struct opened_packet {
	struct slice payload; /* never empty; points into the input */
	size_t packet_len;    /* bytes of input that it took */
	uint32_t sequence_number;
};

/* Nothing is encrypted yet. */
void packet_opener_init(struct packet_opener *opener);
void packet_opener_wipe(struct packet_opener *opener);

/* The next packet is the first under `keys`, which are taken. */
void packet_opener_rekey(struct packet_opener *opener, struct packet_keys *keys);

/*
 * Opens the packet at the front of `input`. Until it succeeds, later calls are given the same
 * bytes (which it may have begun to decrypt) with more behind them.
 *
 * ERR_AGAIN: it is not complete. ERR_PACKET_LENGTH: its length cannot be. ERR_MAC: forged.
 * ERR_MALFORMED: authentic, but its padding is wrong or its payload empty.
 */
enum err packet_open(struct packet_opener *opener, struct span input, struct opened_packet *packet);
