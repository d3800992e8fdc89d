#include "privsep/user/log_relay.h"

#include <sys/socket.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"

#define LINES_PER_TURN 64 /* then others get their turn */

/* False: there will be none any more. */
static bool take_lines(struct log_relay *relay)
{
	uint8_t line[1 + RELAYED_LINE_LIMIT];

	for (int i = 0; i < LINES_PER_TURN; i++) {
		ssize_t len = recv(relay->source.fd, line, sizeof(line), MSG_DONTWAIT);

		if (len < 0)
			return true;
		if (len == 0 || relay->take(relay, line[0], slice_over(line + 1, (size_t)len - 1)) != ERR_OK)
			return false;
	}
	return true;
}

static void end(struct log_relay *relay)
{
	loop_remove(relay->loop, &relay->source);
	fd_release(&relay->source.fd);
}

static void on_readable(struct loop_source *source, uint32_t events)
{
	struct log_relay *relay = CONTAINER_OF(source, struct log_relay, source);

	(void)events;
	if (!take_lines(relay))
		end(relay);
}

enum err log_relay_open(struct log_relay *relay, int *theirs)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return ERR_SYSTEM;
	relay->source = (struct loop_source){.fd = ends[0], .ready = on_readable};
	*theirs = ends[1];
	return loop_add(relay->loop, &relay->source, EPOLLIN);
}

void log_relay_close(struct log_relay *relay)
{
	if (relay->source.fd < 0)
		return;
	(void)take_lines(relay);
	end(relay);
}

void log_relay_tell(int fd, enum event event, const struct log_field *fields, size_t count)
{
	AUTO(buf_wipe) struct buf line = buf_empty(8192);
	struct slice text;
	ssize_t written;
	uint8_t level = (uint8_t)event_level(event);

	if (buf_append(&line, BYTES(level)) != ERR_OK ||
	    event_render(event, fields, count, &line) != ERR_OK)
		return;
	text = slice_first(buf_view(&line), 1 + RELAYED_LINE_LIMIT);
	written = write(fd, text.ptr, text.len);
	(void)written;
}
