#include "privsep/ipc/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "privsep/ipc/descriptors.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

struct ipc_channel ipc_channel_over(int fd, const struct message_table *table,
    enum message_direction sends, bool takes_descriptors)
{
	return (struct ipc_channel){.fd = fd, .table = table, .sends = sends,
	    .takes_descriptors = takes_descriptors};
}

enum err ipc_pair(int fds[static 2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err error_of_errno(void)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return ERR_AGAIN;
	return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? ERR_CLOSED : ERR_SYSTEM;
}

static enum err transmit(const struct ipc_channel *channel, struct slice datagram, const int *fds,
    unsigned fd_count, bool waits)
{
	ssize_t sent;

	do {
		if (channel->uses_write)
			sent = write(channel->fd, datagram.ptr, datagram.len);
		else
			sent = descriptors_send(channel->fd, datagram, fds, fd_count,
			    MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT));
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? error_of_errno() : ERR_OK;
}

enum err ipc_send_datagram(struct ipc_channel *channel, unsigned state, unsigned type,
    struct span room, size_t body_len, const int *fds, unsigned fd_count, bool waits)
{
	struct writer w = writer_into(room);

	TRY(message_permit(channel->table, type, channel->sends, state, IPC_HEADER_LEN + body_len,
	    fd_count));
	write_byte(&w, (uint8_t)type);
	write_bytes(&w, BYTES(0, 0, 0));
	write_u32(&w, channel->next_sent);
	TRY(writer_finish(&w, NULL));
	TRY(transmit(channel, slice_over(room.ptr, IPC_HEADER_LEN + body_len), fds, fd_count, waits));
	channel->next_sent++;
	return ERR_OK;
}

static enum err check(struct ipc_channel *channel, unsigned state, struct slice datagram,
    struct ipc_message *message)
{
	enum message_direction theirs = channel->sends == UP ? DOWN : UP;
	struct reader r = reader_over(datagram);
	uint32_t zeros, sequence;

	message->type = read_byte(&r);
	zeros = (uint32_t)read_byte(&r);
	zeros |= (uint32_t)read_byte(&r);
	zeros |= (uint32_t)read_byte(&r);
	sequence = read_u32(&r);
	message->body = read_rest(&r);
	if (reader_finish(&r) != ERR_OK || zeros != 0 || sequence != channel->next_received)
		return ERR_BREACH;
	TRY(message_permit(channel->table, message->type, theirs, state, datagram.len, message->fd_count));
	channel->next_received++;
	return ERR_OK;
}

enum err ipc_receive(struct ipc_channel *channel, unsigned state, struct span room, bool waits,
    struct ipc_message *message)
{
	AUTO(ipc_message_wipe) struct ipc_message received = {0};
	bool is_whole = false;
	ssize_t len;

	do {
		len = descriptors_receive(channel->fd, room, channel->takes_descriptors ? IPC_DESCRIPTOR_LIMIT : 0,
		    waits ? 0 : MSG_DONTWAIT, received.fds, &received.fd_count, &is_whole);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return error_of_errno();
	if (len == 0)
		return ERR_CLOSED;
	if (!is_whole)
		return ERR_BREACH;
	TRY(check(channel, state, slice_over(room.ptr, (size_t)len), &received));
	*message = received;
	received.fd_count = 0;
	return ERR_OK;
}

void ipc_message_wipe(struct ipc_message *message)
{
	for (unsigned i = 0; i < message->fd_count; i++)
		fd_release(&message->fds[i]);
	message->fd_count = 0;
}
