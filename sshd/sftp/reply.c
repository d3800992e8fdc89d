#include "sshd/sftp/reply.h"

#define STATUS_ROOM 512u
#define FRAME_ROOM  9u /* length, type, id */

bool reply_begin(struct sftp_reply *reply, uint8_t type, size_t room)
{
	struct span span;

	if (buf_reserve(reply->out, room + FRAME_ROOM, &span) != ERR_OK)
		return false;
	reply->w = writer_into((struct span){span.ptr, room + FRAME_ROOM});
	reply->position = write_string_begin(&reply->w);
	write_byte(&reply->w, type);
	write_u32(&reply->w, reply->id);
	return true;
}

bool reply_end(struct sftp_reply *reply)
{
	struct slice packet;

	write_string_end(&reply->w, reply->position);
	if (writer_finish(&reply->w, &packet) != ERR_OK)
		return false;
	buf_commit(reply->out, packet.len);
	reply->is_sent = true;
	return true;
}

bool reply_status(struct sftp_reply *reply, enum sftp_status status)
{
	if (!reply_begin(reply, SSH_FXP_STATUS, STATUS_ROOM))
		return false;
	write_u32(&reply->w, status);
	if (reply->version >= 3) {
		write_text(&reply->w, reply->detail ? reply->detail : sftp_status_text(status));
		write_text(&reply->w, "");
	}
	return reply_end(reply);
}

bool reply_handle(struct sftp_reply *reply, struct slice handle)
{
	if (!reply_begin(reply, SSH_FXP_HANDLE, 4 + handle.len))
		return false;
	write_string(&reply->w, handle);
	return reply_end(reply);
}

bool reply_attributes(struct sftp_reply *reply, const struct sftp_attributes *attributes)
{
	if (!reply_begin(reply, SSH_FXP_ATTRS, SFTP_ATTRIBUTES_ROOM))
		return false;
	sftp_attributes_write(&reply->w, attributes);
	return reply_end(reply);
}

bool reply_name(struct sftp_reply *reply, struct slice name)
{
	if (!reply_begin(reply, SSH_FXP_NAME, 4 + 2 * (4 + name.len) + SFTP_ATTRIBUTES_ROOM))
		return false;
	write_u32(&reply->w, 1);
	write_string(&reply->w, name);
	write_string(&reply->w, name);
	sftp_attributes_write(&reply->w, &(struct sftp_attributes){0});
	return reply_end(reply);
}

struct span reply_data_begin(struct sftp_reply *reply, size_t len)
{
	if (!reply_begin(reply, SSH_FXP_DATA, 4 + len))
		return (struct span){0};
	write_u32(&reply->w, 0);
	return write_room(&reply->w, len);
}

bool reply_data_elsewhere(struct sftp_reply *reply, size_t len)
{
	struct span room;

	if (buf_reserve(reply->out, FRAME_ROOM + 4, &room) != ERR_OK)
		return false;
	reply->w = writer_into((struct span){room.ptr, FRAME_ROOM + 4});
	write_u32(&reply->w, (uint32_t)(1 + 4 + 4 + len));
	write_byte(&reply->w, SSH_FXP_DATA);
	write_u32(&reply->w, reply->id);
	write_u32(&reply->w, (uint32_t)len);
	buf_commit(reply->out, FRAME_ROOM + 4);
	reply->is_sent = reply->has_tail = true;
	return true;
}

bool reply_data_end(struct sftp_reply *reply, size_t len)
{
	/* The inner length stands right behind the frame; the packet ends where the bytes end. */
	reply->w.len = FRAME_ROOM + 4 + len;
	write_string_end(&reply->w, FRAME_ROOM);
	return reply_end(reply);
}
