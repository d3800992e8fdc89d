/*
 * Connecting: to the addresses of a name side by side (RFC 8305), to a socket's path, to a tun
 * device. The first that stands wins.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "privsep/user/forwards.h"
#include "privsep/user/resolve.h"
#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"

#define ATTEMPT_DELAY_MS 250u /* RFC 8305 section 5: before the next address is tried as well */

struct attempt {
	struct loop_source source;
	struct dial *dial;
};

struct dial {
	struct forwards *forwards;
	struct dial *next;
	uint32_t number; /* the monitor's */
	uint16_t port;
	struct resolving resolving;
	struct addresses addresses;
	size_t tried; /* how many of them */
	struct attempt attempts[ADDRESSES_LIMIT];
	unsigned under_way;
	struct loop_timer next_due;
	int last_error;
};

/* -------------------------------------------------------------------- answers */

static enum err tell_connected(struct forwards *forwards, uint32_t number, int fd)
{
	return IPC_SEND_FDS(&forwards->user->channel, STATE_SERVING, MSG_USER_CONNECTED, user_connected,
	    &((struct msg_user_connected){.forward = number}), forwards->user->datagram, &fd, 1, true);
}

static enum err tell_failed(struct forwards *forwards, uint32_t number, const char *text)
{
	return IPC_SEND_FDS(&forwards->user->channel, STATE_SERVING, MSG_USER_CONNECT_FAILED,
	    user_connect_failed,
	    &((struct msg_user_connect_failed){.forward = number, .text = slice_text(text)}),
	    forwards->user->datagram, NULL, 0, true);
}

static enum err tell(struct forwards *forwards, uint32_t number, enum err err, int fd)
{
	return err == ERR_OK ? tell_connected(forwards, number, fd)
			     : tell_failed(forwards, number, strerror(errno));
}

/* ----------------------------------------------------------------------- dials */

static void dial_free(struct dial *dial)
{
	struct forwards *forwards = dial->forwards;
	struct dial **at = &forwards->dials;

	while (*at != dial)
		at = &(*at)->next;
	*at = dial->next;
	resolve_end(&dial->resolving, forwards->loop);
	loop_timer_cancel(forwards->loop, &dial->next_due);
	for (size_t i = 0; i < ADDRESSES_LIMIT; i++) {
		loop_remove(forwards->loop, &dial->attempts[i].source);
		fd_release(&dial->attempts[i].source.fd);
	}
	free(dial);
}

static void give_up(struct dial *dial, const char *text)
{
	struct forwards *forwards = dial->forwards;
	uint32_t number = dial->number;

	dial_free(dial);
	forwards_stop(forwards, tell_failed(forwards, number, text));
}

static void try_next(struct dial *dial);

static void succeed(struct dial *dial, int fd)
{
	struct forwards *forwards = dial->forwards;
	static const int on = 1;

	/* Interactive traffic must not wait for acknowledgements; a refusal costs latency only. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	forwards_stop(forwards, tell_connected(forwards, dial->number, fd));
	dial_free(dial);
}

static void on_attempt(struct loop_source *source, uint32_t events)
{
	struct attempt *attempt = CONTAINER_OF(source, struct attempt, source);
	struct dial *dial = attempt->dial;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)events;
	if (getsockopt(source->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error == 0) {
		succeed(dial, source->fd);
		return;
	}
	dial->last_error = error;
	dial->under_way--;
	loop_remove(dial->forwards->loop, source);
	fd_release(&source->fd);
	try_next(dial);
}

/* A socket that is connected, or going to be. False: this address is none. */
static bool attempt_begin(struct dial *dial, const union address *address, struct attempt *attempt)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, &address->any, address_len(address)) != 0 && errno != EINPROGRESS) {
		dial->last_error = errno;
		fd_release(&fd);
	} else if (fd < 0) {
		dial->last_error = errno;
	}
	*attempt = (struct attempt){.source = {.fd = fd, .ready = on_attempt}, .dial = dial};
	return fd >= 0 && loop_add(dial->forwards->loop, &attempt->source, EPOLLOUT) == ERR_OK;
}

static void on_next_due(struct loop_timer *timer, uint64_t now_ms)
{
	(void)now_ms;
	try_next(CONTAINER_OF(timer, struct dial, next_due));
}

/* The next address: when one failed, or has taken its time. */
static void try_next(struct dial *dial)
{
	struct loop *loop = dial->forwards->loop;

	loop_timer_cancel(loop, &dial->next_due);
	while (dial->tried < dial->addresses.count) {
		size_t i = dial->tried++;

		address_set_port(&dial->addresses.items[i], dial->port);
		if (!attempt_begin(dial, &dial->addresses.items[i], &dial->attempts[i]))
			continue;
		dial->under_way++;
		dial->next_due.fired = on_next_due;
		if (dial->tried < dial->addresses.count)
			loop_timer_set(loop, &dial->next_due, loop->now_ms + ATTEMPT_DELAY_MS);
		return;
	}
	if (dial->under_way == 0)
		give_up(dial, strerror(dial->last_error));
}

static void on_resolved(struct resolving *resolving, const struct addresses *addresses, const char *failure)
{
	struct dial *dial = CONTAINER_OF(resolving, struct dial, resolving);

	if (addresses == NULL) {
		give_up(dial, failure);
		return;
	}
	resolve_end(resolving, dial->forwards->loop);
	dial->addresses = *addresses;
	addresses_interleave(&dial->addresses);
	try_next(dial);
}

static enum err dial_tcp(struct forwards *forwards, uint32_t number, const char *host, uint16_t port)
{
	struct dial *dial = calloc(1, sizeof(*dial));

	if (dial == NULL)
		return tell_failed(forwards, number, "out of memory");
	*dial = (struct dial){.forwards = forwards, .next = forwards->dials, .number = number, .port = port};
	for (size_t i = 0; i < ADDRESSES_LIMIT; i++)
		dial->attempts[i].source.fd = -1;
	forwards->dials = dial;
	dial->addresses.count = 1;
	/* RFC 6761: this name needs nobody's answer. */
	if (strcmp(host, "localhost") == 0)
		addresses_loopback(&dial->addresses);
	else if (!address_of_text(host, &dial->addresses.items[0])) {
		dial->addresses.count = 0;
		if (resolve_begin(&dial->resolving, forwards->loop, host, on_resolved) != ERR_OK)
			give_up(dial, "no process to resolve the name");
		return *forwards->ended;
	}
	try_next(dial);
	return *forwards->ended;
}

/* ------------------------------------------------------------------- the others */

bool socket_path_address(const char *path, struct sockaddr_un *address)
{
	size_t len = strlen(path);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len == 0 || len >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(address->sun_path, path, len);
	return true;
}

/* Connecting to a path never takes long: a full backlog is EAGAIN at once. */
static enum err connect_path(const char *path, int *out)
{
	AUTO(fd_release) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;

	if (fd < 0 || !socket_path_address(path, &address) ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		return ERR_SYSTEM;
	*out = TAKE_FD(fd);
	return ERR_OK;
}

enum err forwards_connect(struct forwards *forwards, struct slice body)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4097);
	AUTO(fd_release) int fd = -1;
	struct msg_user_connect msg;
	const char *host;
	enum err err;

	TRY(msg_user_connect_parse(body, &msg));
	TRY(buf_append(&text, msg.host));
	TRY(buf_c_string(&text, &host));
	if (msg.kind == FORWARD_TCP)
		return dial_tcp(forwards, msg.forward, host, (uint16_t)msg.port);
	if (msg.kind == FORWARD_STREAMLOCAL)
		err = connect_path(host, &fd);
	else
		err = tun_open(forwards->user->dev, msg.kind == FORWARD_TUN_ETHERNET, msg.port, &fd);
	return tell(forwards, msg.forward, err, fd);
}
