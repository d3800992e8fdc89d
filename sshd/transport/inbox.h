/* What came in: read to the end, opened where it lies, given out one payload after the other. */
#pragma once

#include "sshd/transport/compress.h"
#include "sshd/transport/packet_open.h"

struct inbox {
	struct stream_buffer bytes;
	size_t window;        /* how much is read at once: grows while reads fill it */
	size_t delivered_len; /* the packet that was given out last; dropped by the next call */
	struct packet_opener opener;
	enum compression_kind compression;
	struct decompressor *decompressor;
	uint64_t packet_count;
};

void inbox_init(struct inbox *in);
void inbox_wipe(struct inbox *in);

/* Room to read into. Empty: a packet and more waits to be taken. ERR_NO_MEMORY. */
enum err inbox_room(struct inbox *in, struct span *room);
void inbox_commit(struct inbox *in, size_t len);

/* Bytes outside of packets, and how many of them are done with. */
struct slice inbox_view(const struct inbox *in);
void inbox_consume(struct inbox *in, size_t len);

/* The next packet is the first under `keys`, which are taken. */
void inbox_rekey(struct inbox *in, struct packet_keys *keys, enum compression_kind compression);

/*
 * The next packet. Its payload is valid until the next call of this or of inbox_room.
 *
 * is_authenticated   payloads are compressed from here on, where that was negotiated
 *
 * ERR_AGAIN: none is complete. Else those of packet_open and decompressor_apply.
 */
enum err inbox_next(struct inbox *in, bool is_authenticated, struct opened_packet *packet);

/* It grew and nothing is in it. */
bool inbox_is_idle(const struct inbox *in, size_t idle_bytes);
void inbox_shrink(struct inbox *in);
