/*
 * One SOCK_SEQPACKET datagram, one message. The header is the type, three zero bytes and a
 * sequence number that goes up by one: a datagram lost, doubled or out of turn is a breach.
 */
#pragma once

#include "privsep/ipc/messages.h"

#define IPC_DATAGRAM_LIMIT   212992u
#define IPC_DESCRIPTOR_LIMIT 8u
#define IPC_HEADER_LEN       8u

struct ipc_channel {
	int fd;
	const struct message_table *table;
	enum message_direction sends;
	uint32_t next_sent, next_received;
	bool takes_descriptors; /* false: received with no room for any */
	bool uses_write;        /* net: its filter has no sendmsg */
};

struct ipc_message {
	unsigned type;
	struct slice body; /* in the caller's room */
	int fds[IPC_DESCRIPTOR_LIMIT];
	unsigned fd_count; /* owned by the receiver, CLOEXEC */
};

struct ipc_channel ipc_channel_over(int fd, const struct message_table *table,
    enum message_direction sends, bool takes_descriptors);

/* A connected pair of descriptors, CLOEXEC. ERR_SYSTEM. */
enum err ipc_pair(int fds[static 2]);

/*
 * Sends the datagram in `room`, whose first IPC_HEADER_LEN bytes are filled in here and are
 * followed by a body of `body_len` bytes (IPC_SEND does all that). Descriptors stay the caller's.
 *
 * state   the state the row must permit
 * ERR_BREACH: the table does not permit it (a bug of ours). ERR_AGAIN: the socket is full.
 * ERR_CLOSED: the other side is gone. ERR_SYSTEM.
 */
enum err ipc_send_datagram(struct ipc_channel *channel, unsigned state, unsigned type,
    struct span room, size_t body_len, const int *fds, unsigned fd_count, bool waits);

/*
 * Receives one datagram into `room` (at least IPC_DATAGRAM_LIMIT bytes) without waiting unless
 * `waits`, and checks it against the table.
 *
 * ERR_AGAIN: nothing there. ERR_CLOSED. ERR_BREACH: not permitted; its descriptors are closed.
 */
enum err ipc_receive(struct ipc_channel *channel, unsigned state, struct span room, bool waits,
    struct ipc_message *message);

/* Closes the descriptors of a message that nobody took (those not set to -1). AUTO-able. */
void ipc_message_wipe(struct ipc_message *message);

/*
 * IPC_SEND(channel, state, MSG_NET_SIGN, net_sign, &msg): encodes and sends, an err as above.
 * The datagram is laid out in `scratch`, a span of at least the row's limit.
 */
#define IPC_SEND_FDS(channel, state, type, name, msg, scratch, fds, fd_count, waits)               \
	({                                                                                         \
		size_t body_len_ = 0;                                                              \
		struct span scratch_ = (scratch);                                                  \
		enum err sent_ = msg_##name##_encode((msg),                                        \
		    (struct span){scratch_.ptr + IPC_HEADER_LEN, scratch_.len - IPC_HEADER_LEN},   \
		    &body_len_);                                                                   \
		if (sent_ == ERR_OK)                                                               \
			sent_ = ipc_send_datagram(                                                 \
			    (channel), (state), (type), scratch_, body_len_, (fds), (fd_count), (waits)); \
		sent_;                                                                             \
	})
#define IPC_SEND(channel, state, type, name, msg, scratch)                                         \
	IPC_SEND_FDS(channel, state, type, name, msg, scratch, NULL, 0, false)
