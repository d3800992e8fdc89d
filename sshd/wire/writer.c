#include "sshd/wire/writer.h"

struct writer writer_into(struct span room)
{
	return (struct writer){.room = room};
}

struct span write_room(struct writer *w, size_t len)
{
	struct span taken;

	if (w->err == ERR_OK && w->room.len - w->len < len)
		w->err = ERR_LIMIT;
	if (w->err != ERR_OK)
		return (struct span){0};
	taken = (struct span){w->room.ptr + w->len, len};
	w->len += len;
	return taken;
}

void write_bytes(struct writer *w, struct slice bytes)
{
	struct span room = write_room(w, bytes.len);

	if (room.len > 0)
		memcpy(room.ptr, bytes.ptr, bytes.len);
}

void write_byte(struct writer *w, uint8_t value)
{
	write_bytes(w, slice_over(&value, 1));
}

void write_boolean(struct writer *w, bool value)
{
	write_byte(w, value ? 1 : 0);
}

static void put_u32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

void write_u32(struct writer *w, uint32_t value)
{
	struct span room = write_room(w, 4);

	if (room.len == 4)
		put_u32(room.ptr, value);
}

void write_u64(struct writer *w, uint64_t value)
{
	write_u32(w, (uint32_t)(value >> 32));
	write_u32(w, (uint32_t)value);
}

void write_string(struct writer *w, struct slice bytes)
{
	if (bytes.len > UINT32_MAX)
		w->err = ERR_LIMIT;
	write_u32(w, (uint32_t)bytes.len);
	write_bytes(w, bytes);
}

void write_text(struct writer *w, const char *text)
{
	write_string(w, slice_text(text));
}

size_t write_string_begin(struct writer *w)
{
	size_t position = w->len;

	write_u32(w, 0);
	return position;
}

void write_string_end(struct writer *w, size_t position)
{
	if (w->err == ERR_OK)
		put_u32(w->room.ptr + position, (uint32_t)(w->len - position - 4));
}

enum err writer_finish(const struct writer *w, struct slice *written)
{
	if (w->err == ERR_OK && written != NULL)
		*written = writer_view(w);
	return w->err;
}

struct slice writer_view(const struct writer *w)
{
	return w->err == ERR_OK ? (struct slice){w->room.ptr, w->len} : (struct slice){0};
}
