/*
 * What goes out: packets sealed in place, one behind the other, and the payloads that have to
 * wait for NEWKEYS.
 */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/transport/compress.h"
#include "sshd/transport/packet_seal.h"

#define OUTBOX_LIMIT      (1024u * 1024) /* bytes of sealed packets that wait for the peer */
#define OUTBOX_HELD_LIMIT (256u * 1024)  /* bytes of payloads that wait for NEWKEYS */

struct outbox {
	struct stream_buffer sealed;
	struct packet_sealer sealer;
	struct random_pool padding;
	struct buf held; /* records: how long, and the payload */
	size_t
	    boundary_len; /* sealed bytes up to the end of a write of their own; 0: no such end */
	bool is_building_held; /* between begin and end: where the payload is being built */
	enum compression_kind compression;
	bool is_authenticated; /* USERAUTH_SUCCESS went out: compression may begin */
	struct compressor *compressor;
};

void outbox_init(struct outbox *out);
void outbox_wipe(struct outbox *out);

/* Bytes as they are, outside of any packet. */
enum err outbox_raw(struct outbox *out, struct slice bytes);

/*
 * A payload built in place, into the next packet or, if `is_held`, into the queue.
 * ERR_LIMIT, ERR_NO_MEMORY. End with 0 bytes: nothing happened.
 */
enum err outbox_begin(struct outbox *out, bool is_held, size_t payload_limit, struct span *room);
enum err outbox_end(struct outbox *out, size_t payload_len);

/* Seals a payload that lies somewhere else, at once. */
enum err outbox_send(struct outbox *out, struct slice payload);

/* The next packet is the first under `keys`, which are taken. */
void outbox_rekey(struct outbox *out, struct packet_keys *keys, enum compression_kind compression);

/* Seals what was held, in order. */
enum err outbox_release_held(struct outbox *out);

/* The first `len` of the waiting bytes leave in writes of their own. */
void outbox_mark_boundary(struct outbox *out, size_t len);

struct slice outbox_view(const struct outbox *out, bool *is_boundary);
void outbox_consume(struct outbox *out, size_t len);

/* It grew and nothing is in it. */
bool outbox_is_idle(const struct outbox *out, size_t idle_bytes);
void outbox_shrink(struct outbox *out);

static inline size_t outbox_len(const struct outbox *out)
{
	return stream_buffer_len(&out->sealed);
}
