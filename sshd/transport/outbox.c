#include "sshd/transport/outbox.h"

#include <assert.h>

#include "sshd/base/auto.h"
#include "sshd/wire/messages_transport.h"

/* Before each held payload: its length. Native order, it never leaves the process. */
#define HELD_HEADER_LEN sizeof(uint32_t)

void outbox_init(struct outbox *out)
{
	*out = (struct outbox){
	    .sealed = stream_buffer_empty(OUTBOX_LIMIT),
	    .held = buf_empty_secret(OUTBOX_HELD_LIMIT),
	};
	packet_sealer_init(&out->sealer, &out->padding);
}

void outbox_wipe(struct outbox *out)
{
	packet_sealer_wipe(&out->sealer);
	compressor_free(out->compressor);
	out->compressor = NULL;
	stream_buffer_wipe(&out->sealed);
	buf_wipe(&out->held);
	explicit_bzero(&out->padding, sizeof(out->padding));
}

enum err outbox_raw(struct outbox *out, struct slice bytes)
{
	struct span room;

	TRY(stream_buffer_reserve(&out->sealed, bytes.len, &room));
	memcpy(room.ptr, bytes.ptr, bytes.len);
	stream_buffer_commit(&out->sealed, bytes.len);
	return ERR_OK;
}

/* A compressed payload may be longer than it was. */
static size_t room_for(size_t payload_len)
{
	return payload_len + COMPRESSION_GROWTH_LIMIT + PACKET_OVERHEAD_LIMIT;
}

static enum err begin_sealed(struct outbox *out, size_t payload_limit, struct span *room)
{
	struct span packet;

	TRY(stream_buffer_reserve(&out->sealed, room_for(payload_limit), &packet));
	*room = (struct span){packet.ptr + PACKET_HEADER_LEN, payload_limit};
	return ERR_OK;
}

static enum err begin_held(struct outbox *out, size_t payload_limit, struct span *room)
{
	struct span record;

	TRY(buf_reserve(&out->held, HELD_HEADER_LEN + payload_limit, &record));
	*room = (struct span){record.ptr + HELD_HEADER_LEN, payload_limit};
	return ERR_OK;
}

enum err outbox_begin(struct outbox *out, bool is_held, size_t payload_limit, struct span *room)
{
	if (payload_limit > PACKET_LENGTH_LIMIT)
		return ERR_LIMIT;
	out->is_building_held = is_held;
	return is_held ? begin_held(out, payload_limit, room)
	               : begin_sealed(out, payload_limit, room);
}

/* Compresses the payload in `room`, where that has begun; its new length. */
static enum err fold(struct outbox *out, struct span room, size_t *payload_len)
{
	struct slice compressed;

	if (out->compression == COMPRESSION_NONE || !out->is_authenticated)
		return ERR_OK;
	if (out->compressor == NULL)
		TRY(compressor_new(&out->compressor));
	TRY(compressor_apply(
	    out->compressor, slice_over(room.ptr + PACKET_HEADER_LEN, *payload_len), &compressed));
	memcpy(room.ptr + PACKET_HEADER_LEN, compressed.ptr, compressed.len);
	*payload_len = compressed.len;
	return ERR_OK;
}

static enum err end_sealed(struct outbox *out, size_t payload_len)
{
	struct span room;
	size_t packet_len;
	bool is_success;

	TRY(stream_buffer_reserve(&out->sealed, room_for(payload_len), &room));
	is_success = room.ptr[PACKET_HEADER_LEN] == SSH_MSG_USERAUTH_SUCCESS;
	TRY(fold(out, room, &payload_len));
	TRY(packet_seal(&out->sealer, room, payload_len, &packet_len));
	stream_buffer_commit(&out->sealed, packet_len);
	/* zlib@openssh.com: everything behind this message, on both sides, is compressed. */
	out->is_authenticated = out->is_authenticated || is_success;
	return ERR_OK;
}

void outbox_rekey(struct outbox *out, struct packet_keys *keys, enum compression_kind compression)
{
	packet_sealer_rekey(&out->sealer, keys);
	compressor_free(out->compressor);
	out->compressor = NULL;
	out->compression = compression;
}

/* DISCONNECT, IGNORE, UNIMPLEMENTED and DEBUG may leave at any time (RFC 4253 section 7.1). */
static bool needs_no_holding(struct slice payload)
{
	return message_number(payload) <= SSH_MSG_DEBUG;
}

static enum err end_held(struct outbox *out, size_t payload_len)
{
	uint32_t len = (uint32_t)payload_len;
	struct span record;

	TRY(buf_reserve(&out->held, HELD_HEADER_LEN + payload_len, &record));
	if (needs_no_holding(slice_over(record.ptr + HELD_HEADER_LEN, payload_len)))
		return outbox_send(out, slice_over(record.ptr + HELD_HEADER_LEN, payload_len));
	memcpy(record.ptr, &len, HELD_HEADER_LEN);
	buf_commit(&out->held, HELD_HEADER_LEN + payload_len);
	return ERR_OK;
}

enum err outbox_end(struct outbox *out, size_t payload_len)
{
	if (payload_len == 0)
		return ERR_OK;
	return out->is_building_held ? end_held(out, payload_len) : end_sealed(out, payload_len);
}

enum err outbox_send(struct outbox *out, struct slice payload)
{
	struct span room;

	if (payload.len > PACKET_LENGTH_LIMIT)
		return ERR_LIMIT;
	TRY(begin_sealed(out, payload.len, &room));
	memcpy(room.ptr, payload.ptr, payload.len);
	return end_sealed(out, payload.len);
}

enum err outbox_release_held(struct outbox *out)
{
	while (buf_len(&out->held) > 0) {
		struct slice record = buf_view(&out->held);
		uint32_t len;

		memcpy(&len, record.ptr, HELD_HEADER_LEN);
		TRY(outbox_send(out, slice_first(slice_after(record, HELD_HEADER_LEN), len)));
		buf_consume(&out->held, HELD_HEADER_LEN + len);
	}
	buf_wipe(&out->held);
	return ERR_OK;
}

void outbox_mark_boundary(struct outbox *out, size_t len)
{
	assert(len <= outbox_len(out));
	out->boundary_len = len;
}

struct slice outbox_view(const struct outbox *out, bool *is_boundary)
{
	struct slice all = span_view(stream_buffer_content(&out->sealed));

	if (is_boundary != NULL)
		*is_boundary = out->boundary_len > 0 && out->boundary_len < all.len;
	return out->boundary_len > 0 ? slice_first(all, out->boundary_len) : all;
}

void outbox_consume(struct outbox *out, size_t len)
{
	assert(out->boundary_len == 0 || len <= out->boundary_len);
	if (out->boundary_len > 0)
		out->boundary_len -= len;
	stream_buffer_consume(&out->sealed, len);
}

bool outbox_is_idle(const struct outbox *out, size_t idle_bytes)
{
	return out->sealed.touched > idle_bytes && outbox_len(out) == 0;
}

void outbox_shrink(struct outbox *out)
{
	stream_buffer_wipe(&out->sealed);
}
