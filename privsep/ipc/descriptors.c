#include "privsep/ipc/descriptors.h"

#include <errno.h>
#include <sys/socket.h>

#define LIMIT 8u

union control {
	struct cmsghdr header; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int) * LIMIT)];
};

ssize_t descriptors_send(int socket, struct slice bytes, const int *fds, unsigned count, int flags)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {0};

	if (count > LIMIT) {
		errno = E2BIG;
		return -1;
	}
	if (count > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * count);
	}
	return sendmsg(socket, &header, flags);
}

static void take_descriptors(struct msghdr *header, int *fds, unsigned *count)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		size_t carried;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		carried = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < carried && *count < LIMIT; i++)
			memcpy(&fds[(*count)++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
}

ssize_t descriptors_receive(int socket, struct span room, unsigned limit, int flags, int *fds,
    unsigned *count, bool *is_whole)
{
	struct iovec part = {.iov_base = room.ptr, .iov_len = room.len};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {0};
	ssize_t len;

	if (limit > LIMIT)
		limit = LIMIT;
	if (limit > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * limit);
	}
	*count = 0;
	len = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
	if (len < 0)
		return len;
	if (limit > 0)
		take_descriptors(&header, fds, count);
	*is_whole = !(header.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
	return len;
}
