/* Replies, built in place at the end of the outgoing bytes. */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/wire/messages_sftp.h"

/*
 * Room that a reply may need: a DATA of the largest size. A request is not begun before the
 * outgoing buffer has it, so that reserving cannot fail for want of room.
 */
#define REPLY_ROOM (SFTP_READ_LIMIT + 64u)

/* What a handler returns that is not done: the reply will follow by itself. */
#define SFTP_LATER ((enum sftp_status)0x100)

/* The reply to one request: at most one packet leaves through it. */
struct sftp_reply {
	struct buf *out;
	uint32_t id;
	uint32_t version; /* the client's: below 3 a STATUS has no text */
	bool is_sent;
	bool has_tail;      /* the rest of the packet follows by another way than `out` */
	const char *detail; /* text for the STATUS in place of the protocol's, or NULL */
	struct writer w;    /* the packet being built */
	size_t position;    /* of its length field */
};

/*
 * Begins a packet of `type` that may take `room` bytes behind its id, in reply->w.
 * False: no memory; nothing is begun.
 */
bool reply_begin(struct sftp_reply *reply, uint8_t type, size_t room);

/* Sends what was begun. False: it did not fit its room, and nothing is sent. */
bool reply_end(struct sftp_reply *reply);

/* Whole packets. False as above. */
bool reply_status(struct sftp_reply *reply, enum sftp_status status);
bool reply_handle(struct sftp_reply *reply, struct slice handle);
bool reply_attributes(struct sftp_reply *reply, const struct sftp_attributes *attributes);

/* A NAME with one entry without attributes: what REALPATH and READLINK answer. */
bool reply_name(struct sftp_reply *reply, struct slice name);

/*
 * A DATA whose bytes the caller reads straight into `room`, as long as asked or empty (no
 * memory); then reply_data_end with how many there are. Left unended it is not sent.
 */
struct span reply_data_begin(struct sftp_reply *reply, size_t len);
bool reply_data_end(struct sftp_reply *reply, size_t len);

/* A DATA without its `len` bytes, which the caller sends behind it himself. */
bool reply_data_elsewhere(struct sftp_reply *reply, size_t len);
