#include "sshd/transport/compress.h"

#include <stdlib.h>
#include <zlib.h>

#include "sshd/base/auto.h"
#include "sshd/transport/packet.h"

/* zlib's own default: more costs much and brings little. */
#define LEVEL 6

struct compressor {
	z_stream stream;
	struct stream_buffer room;
};

struct decompressor {
	z_stream stream;
	struct stream_buffer room;
};

enum err compressor_new(struct compressor **out)
{
	struct compressor *compressor = calloc(1, sizeof(*compressor));

	if (compressor == NULL)
		return ERR_NO_MEMORY;
	compressor->room = stream_buffer_empty(PACKET_LENGTH_LIMIT + COMPRESSION_GROWTH_LIMIT);
	if (deflateInit(&compressor->stream, LEVEL) != Z_OK) {
		free(compressor);
		return ERR_NO_MEMORY;
	}
	*out = compressor;
	return ERR_OK;
}

void compressor_free(struct compressor *compressor)
{
	if (compressor == NULL)
		return;
	deflateEnd(&compressor->stream);
	stream_buffer_wipe(&compressor->room);
	free(compressor);
}

enum err compressor_apply(
    struct compressor *compressor, struct slice payload, struct slice *compressed)
{
	z_stream *stream = &compressor->stream;
	struct span room;

	if (payload.len > PACKET_LENGTH_LIMIT)
		return ERR_LIMIT;
	TRY(stream_buffer_reserve(
	    &compressor->room, payload.len + COMPRESSION_GROWTH_LIMIT, &room));
	stream->next_in = (uint8_t *)(uintptr_t)payload.ptr; /* zlib's type lacks the const */
	stream->avail_in = (uInt)payload.len;
	stream->next_out = room.ptr;
	stream->avail_out = (uInt)room.len;
	/* Room left over is zlib's sign that everything went out. */
	if (deflate(stream, Z_PARTIAL_FLUSH) != Z_OK || stream->avail_out == 0)
		return ERR_COMPRESSION;
	*compressed = slice_over(room.ptr, room.len - stream->avail_out);
	return ERR_OK;
}

enum err decompressor_new(struct decompressor **out)
{
	struct decompressor *decompressor = calloc(1, sizeof(*decompressor));

	if (decompressor == NULL)
		return ERR_NO_MEMORY;
	decompressor->room = stream_buffer_empty(PACKET_LENGTH_LIMIT + 1);
	if (inflateInit(&decompressor->stream) != Z_OK) {
		free(decompressor);
		return ERR_NO_MEMORY;
	}
	*out = decompressor;
	return ERR_OK;
}

void decompressor_free(struct decompressor *decompressor)
{
	if (decompressor == NULL)
		return;
	inflateEnd(&decompressor->stream);
	stream_buffer_wipe(&decompressor->room);
	free(decompressor);
}

enum err decompressor_apply(
    struct decompressor *decompressor, struct slice compressed, struct slice *payload)
{
	z_stream *stream = &decompressor->stream;
	struct span room;
	int status;

	TRY(stream_buffer_reserve(&decompressor->room, PACKET_LENGTH_LIMIT + 1, &room));
	stream->next_in = (uint8_t *)(uintptr_t)compressed.ptr; /* zlib's type lacks the const */
	stream->avail_in = (uInt)compressed.len;
	stream->next_out = room.ptr;
	stream->avail_out = (uInt)room.len;
	/* Z_BUF_ERROR: nothing was left to do. The end of the stream is not for the peer to set. */
	status = inflate(stream, Z_SYNC_FLUSH);
	if ((status != Z_OK && status != Z_BUF_ERROR) || stream->avail_out == 0 ||
	    stream->avail_out == room.len)
		return ERR_COMPRESSION;
	*payload = slice_over(room.ptr, room.len - stream->avail_out);
	return ERR_OK;
}
