#include "privsep/ipc/messages.h"

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#undef BYTES

/* A flag is 0 or 1: what else could it mean between processes of one build? */
static bool read_flag(struct reader *r)
{
	uint8_t value = read_byte(r);

	if (value > 1)
		reader_fail(r, ERR_MALFORMED);
	return value == 1;
}

static void write_limited(struct writer *w, struct slice bytes, size_t limit)
{
	if (bytes.len > limit && w->err == ERR_OK)
		w->err = ERR_TOO_LONG;
	write_string(w, bytes);
}

/* --------------------------------------------------------------- encoders */

#define U8(field)           write_byte(&w, msg->field);
#define U32(field)          write_u32(&w, msg->field);
#define U64(field)          write_u64(&w, msg->field);
#define FLAG(field)         write_boolean(&w, msg->field);
#define BYTES(field, limit) write_limited(&w, msg->field, limit);
#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit)                                   \
	enum err msg_##name##_encode(const struct msg_##name *msg, struct span room, size_t *len)  \
	{                                                                                          \
		struct writer w = writer_into(room);                                               \
		(void)msg;
#define MESSAGE_END(NAME, name)                                                                    \
		TRY(writer_finish(&w, NULL));                                                      \
		*len = w.len;                                                                      \
		return ERR_OK;                                                                     \
	}
#include "privsep/ipc/messages_net.def"
#include "privsep/ipc/messages_user.def"
#include "privsep/ipc/messages_signer.def"
#include "privsep/ipc/messages_listener.def"
#undef U8
#undef U32
#undef U64
#undef FLAG
#undef BYTES
#undef MESSAGE_BEGIN
#undef MESSAGE_END

/* ---------------------------------------------------------------- parsers */

#define U8(field)           parsed.field = read_byte(&r);
#define U32(field)          parsed.field = read_u32(&r);
#define U64(field)          parsed.field = read_u64(&r);
#define FLAG(field)         parsed.field = read_flag(&r);
#define BYTES(field, limit) parsed.field = read_string(&r, limit);
#define MESSAGE_BEGIN(NAME, name, direction, states, fds, limit)                                   \
	enum err msg_##name##_parse(struct slice body, struct msg_##name *msg)                     \
	{                                                                                          \
		struct reader r = reader_over(body);                                               \
		struct msg_##name parsed = {0};
#define MESSAGE_END(NAME, name)                                                                    \
		TRY(reader_finish(&r));                                                            \
		*msg = parsed;                                                                     \
		return ERR_OK;                                                                     \
	}
#include "privsep/ipc/messages_net.def"
#include "privsep/ipc/messages_user.def"
#include "privsep/ipc/messages_signer.def"
#include "privsep/ipc/messages_listener.def"
