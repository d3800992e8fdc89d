#include "sshd/sftp/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

/* A page of the pipe for each page of the file, and one more for a read that begins inside one. */
#define PIPE_SIZE (2 * 262144)
_Static_assert(PIPE_SIZE >= SFTP_READ_LIMIT + 2 * 4096, "a whole read fits the pipe");

struct relay relay_to(int client)
{
	return (struct relay){.in = -1, .out = -1, .client = client};
}

void relay_wipe(struct relay *relay)
{
	fd_release(&relay->in);
	fd_release(&relay->out);
	relay->pending = 0;
	relay->client = -1;
}

/* The kernel may refuse the size to a user who has many pipes. */
static bool relay_open(struct relay *relay)
{
	int ends[2];

	if (relay->in >= 0)
		return true;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	relay->out = ends[0];
	relay->in = ends[1];
	if (fcntl(relay->in, F_SETPIPE_SZ, PIPE_SIZE) < PIPE_SIZE)
		return false;
	/* A longer pipe to the client saves wake-ups; a short one does, too. */
	(void)fcntl(relay->client, F_SETPIPE_SZ, PIPE_SIZE);
	return true;
}

enum err relay_take(struct relay *relay, int fd, uint64_t offset, size_t len, size_t *taken)
{
	loff_t at = (loff_t)offset;
	size_t total = 0;

	if (relay->client < 0 || len < RELAY_LEAST)
		return ERR_UNSUPPORTED;
	if (!relay_open(relay)) {
		relay_wipe(relay);
		return ERR_UNSUPPORTED;
	}
	while (total < len) {
		ssize_t n = splice(fd, &at, relay->in, NULL, len - total, SPLICE_F_NONBLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && total == 0)
			return errno == EINVAL ? ERR_UNSUPPORTED : ERR_SYSTEM;
		if (n <= 0)
			break; /* the end; or an error, which the next read will meet again */
		total += (size_t)n;
	}
	relay->pending = total;
	*taken = total;
	return ERR_OK;
}

enum err relay_pass(struct relay *relay)
{
	while (relay->pending > 0) {
		ssize_t n = splice(
		    relay->out, NULL, relay->client, NULL, relay->pending, SPLICE_F_NONBLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return ERR_AGAIN;
		if (n <= 0)
			return ERR_CLOSED;
		relay->pending -= (size_t)n;
	}
	return ERR_OK;
}
