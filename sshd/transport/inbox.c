#include "sshd/transport/inbox.h"

#include <assert.h>

#include "sshd/base/auto.h"

/* Packets of 32 KiB are usual. The longest, and a window behind it, fit: no packet gets stuck. */
#define INBOX_LIMIT (512u * 1024)
#define WINDOW_MIN  (16u * 1024)
#define WINDOW_MAX  (128u * 1024)
static_assert(PACKET_TOTAL_LIMIT + WINDOW_MAX <= INBOX_LIMIT);

void inbox_init(struct inbox *in)
{
	*in = (struct inbox){.bytes = stream_buffer_empty(INBOX_LIMIT), .window = WINDOW_MIN};
	packet_opener_init(&in->opener);
}

void inbox_wipe(struct inbox *in)
{
	packet_opener_wipe(&in->opener);
	decompressor_free(in->decompressor);
	in->decompressor = NULL;
	stream_buffer_wipe(&in->bytes);
}

static void drop_delivered(struct inbox *in)
{
	stream_buffer_consume(&in->bytes, in->delivered_len);
	in->delivered_len = 0;
}

enum err inbox_room(struct inbox *in, struct span *room)
{
	drop_delivered(in);
	if (stream_buffer_len(&in->bytes) > INBOX_LIMIT - in->window) {
		*room = (struct span){0};
		return ERR_OK;
	}
	return stream_buffer_reserve(&in->bytes, in->window, room);
}

void inbox_commit(struct inbox *in, size_t len)
{
	stream_buffer_commit(&in->bytes, len);
	if (len >= in->window && in->window < WINDOW_MAX)
		in->window *= 2;
}

struct slice inbox_view(const struct inbox *in)
{
	return span_view(stream_buffer_content(&in->bytes));
}

void inbox_consume(struct inbox *in, size_t len)
{
	stream_buffer_consume(&in->bytes, len);
}

void inbox_rekey(struct inbox *in, struct packet_keys *keys, enum compression_kind compression)
{
	packet_opener_rekey(&in->opener, keys);
	decompressor_free(in->decompressor);
	in->decompressor = NULL;
	in->compression = compression;
}

static enum err unfold(struct inbox *in, bool is_authenticated, struct slice *payload)
{
	if (in->compression == COMPRESSION_NONE || !is_authenticated)
		return ERR_OK;
	if (in->decompressor == NULL)
		TRY(decompressor_new(&in->decompressor));
	return decompressor_apply(in->decompressor, *payload, payload);
}

enum err inbox_next(struct inbox *in, bool is_authenticated, struct opened_packet *packet)
{
	drop_delivered(in);
	TRY(packet_open(&in->opener, stream_buffer_content(&in->bytes), packet));
	in->delivered_len = packet->packet_len;
	in->packet_count++;
	return unfold(in, is_authenticated, &packet->payload);
}

bool inbox_is_idle(const struct inbox *in, size_t idle_bytes)
{
	return in->bytes.touched > idle_bytes && stream_buffer_len(&in->bytes) == 0;
}

void inbox_shrink(struct inbox *in)
{
	stream_buffer_wipe(&in->bytes);
	in->window = WINDOW_MIN;
}
