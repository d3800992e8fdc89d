/*
 * Listening, and accepting no faster than the client answers. Of several addresses all are bound
 * or none: half a listener would leave the other half to whoever comes first.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "privsep/user/forwards.h"
#include "privsep/user/resolve.h"
#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/fd.h"

#define BACKLOG         128
#define PORT_TRIES      16   /* for a port that is free on all addresses */
#define DISPLAYS_LIMIT  1000u
#define DISPLAY_PORT    6000u
#define BREATH_MS       200u

struct door {
	struct loop_source source;
	struct listener *listener;
};

struct listener {
	struct forwards *forwards;
	struct listener *next;
	uint32_t number; /* the monitor's */
	enum forward_kind kind;
	uint16_t port;
	struct door doors[ADDRESSES_LIMIT];
	size_t door_count;
	char path[AGENT_PATH_SIZE]; /* a socket's; empty: none */
	struct resolving resolving;
};

/* -------------------------------------------------------------------- answers */

static enum err tell_listening(const struct listener *listener, uint32_t port)
{
	struct forwards *forwards = listener->forwards;

	return IPC_SEND_FDS(&forwards->user->channel, STATE_SERVING, MSG_USER_LISTENING, user_listening,
	    &((struct msg_user_listening){.listener = listener->number, .port = port,
	        .path = slice_text(listener->path)}),
	    forwards->user->datagram, NULL, 0, true);
}

static enum err tell_failed(struct forwards *forwards, uint32_t number, const char *text)
{
	return IPC_SEND_FDS(&forwards->user->channel, STATE_SERVING, MSG_USER_LISTEN_FAILED,
	    user_listen_failed,
	    &((struct msg_user_listen_failed){.listener = number, .text = slice_text(text)}),
	    forwards->user->datagram, NULL, 0, true);
}

/* ------------------------------------------------------------------ listeners */

static void close_doors(struct listener *listener)
{
	for (size_t i = 0; i < listener->door_count; i++) {
		loop_remove(listener->forwards->loop, &listener->doors[i].source);
		fd_release(&listener->doors[i].source.fd);
	}
	listener->door_count = 0;
}

static void listener_free(struct listener *listener)
{
	struct forwards *forwards = listener->forwards;
	struct listener **at = &forwards->listeners;

	while (*at != listener)
		at = &(*at)->next;
	*at = listener->next;
	resolve_end(&listener->resolving, forwards->loop);
	close_doors(listener);
	if (listener->path[0] != 0 && listener->kind == FORWARD_AGENT)
		agent_socket_remove(listener->path);
	else if (listener->path[0] != 0)
		(void)unlink(listener->path); /* may be gone */
	free(listener);
}

void forwards_close_all(struct forwards *forwards)
{
	while (forwards->listeners != NULL)
		listener_free(forwards->listeners);
}

static enum err give_up(struct listener *listener, const char *text)
{
	struct forwards *forwards = listener->forwards;
	uint32_t number = listener->number;

	listener->path[0] = 0; /* not ours */
	listener_free(listener);
	return tell_failed(forwards, number, text);
}

static bool may_accept(const struct forwards *forwards)
{
	return forwards->accepted < ACCEPTS_LIMIT && !forwards->breath.is_armed;
}

static void watch_doors(struct listener *listener)
{
	struct forwards *forwards = listener->forwards;
	uint32_t events = may_accept(forwards) ? EPOLLIN : 0;

	for (size_t i = 0; i < listener->door_count; i++)
		if (loop_watch(forwards->loop, &listener->doors[i].source, events) != ERR_OK)
			forwards_stop(forwards, ERR_SYSTEM);
}

static void watch_all(struct forwards *forwards)
{
	for (struct listener *l = forwards->listeners; l != NULL; l = l->next)
		watch_doors(l);
}

static void on_breath(struct loop_timer *timer, uint64_t now_ms)
{
	(void)now_ms;
	watch_all(CONTAINER_OF(timer, struct forwards, breath));
}

/* Who gave up waiting is nobody's loss; a want of descriptors is not mended by asking at once. */
static void pause_after(struct forwards *forwards, int error)
{
	if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
		return;
	forwards->breath.fired = on_breath;
	loop_timer_set(forwards->loop, &forwards->breath, forwards->loop->now_ms + BREATH_MS);
	watch_all(forwards);
}

static void on_door(struct loop_source *source, uint32_t events)
{
	struct listener *listener = CONTAINER_OF(source, struct door, source)->listener;
	struct forwards *forwards = listener->forwards;
	AUTO(fd_release) int fd = -1;
	static const int on = 1;

	(void)events;
	if (!may_accept(forwards))
		return;
	fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		pause_after(forwards, errno);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* others have none */
	forwards->accepted++;
	if (forwards->accepted == ACCEPTS_LIMIT)
		watch_all(forwards);
	forwards_stop(forwards,
	    IPC_SEND_FDS(&forwards->user->channel, STATE_SERVING, MSG_USER_ACCEPTED, user_accepted,
		&((struct msg_user_accepted){.listener = listener->number}), forwards->user->datagram, &fd,
		1, true));
}

static enum err add_door(struct listener *listener, int fd)
{
	struct door *door = &listener->doors[listener->door_count++];

	*door = (struct door){.source = {.fd = fd, .ready = on_door}, .listener = listener};
	return loop_add(listener->forwards->loop, &door->source,
	    may_accept(listener->forwards) ? EPOLLIN : 0);
}

/* ------------------------------------------------------------------------- TCP */

static enum err bind_tcp(const union address *address, int *out)
{
	AUTO(fd_release) int fd =
	    socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	static const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return ERR_SYSTEM;
	if (address->any.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return ERR_SYSTEM;
	if (bind(fd, &address->any, address_len(address)) != 0 || listen(fd, BACKLOG) != 0)
		return ERR_SYSTEM;
	*out = TAKE_FD(fd);
	return ERR_OK;
}

static bool host_lacks_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

static uint16_t port_of(int fd)
{
	union address address = {0};
	socklen_t len = sizeof(address);

	if (getsockname(fd, &address.any, &len) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.in6.sin6_port : address.in.sin_port);
}

/* All addresses at this port, or at the one that the first is given. ERR_SYSTEM: none is bound. */
static enum err bind_all(struct listener *listener, struct addresses *addresses, uint16_t port)
{
	listener->port = port;
	for (size_t i = 0; i < addresses->count; i++) {
		int fd = -1, error;

		address_set_port(&addresses->items[i], listener->port);
		if (bind_tcp(&addresses->items[i], &fd) != ERR_OK) {
			if (host_lacks_family(errno) && addresses->count > 1)
				continue;
			error = errno;
			close_doors(listener);
			errno = error;
			return ERR_SYSTEM;
		}
		listener->port = port_of(fd);
		TRY(add_door(listener, fd));
	}
	errno = EADDRNOTAVAIL;
	return listener->door_count > 0 ? ERR_OK : ERR_SYSTEM;
}

static enum err open_tcp(struct listener *listener, struct addresses *addresses, uint16_t port)
{
	enum err err = bind_all(listener, addresses, port);

	for (int i = 0; i < PORT_TRIES && err != ERR_OK && port == 0 && errno == EADDRINUSE; i++)
		err = bind_all(listener, addresses, port);
	if (err != ERR_OK)
		return give_up(listener, strerror(errno));
	return tell_listening(listener, listener->port);
}

static void on_resolved(struct resolving *resolving, const struct addresses *addresses, const char *failure)
{
	struct listener *listener = CONTAINER_OF(resolving, struct listener, resolving);
	struct forwards *forwards = listener->forwards;
	struct addresses own;

	resolve_end(resolving, forwards->loop);
	if (addresses == NULL) {
		forwards_stop(forwards, give_up(listener, failure));
		return;
	}
	own = *addresses;
	forwards_stop(forwards, open_tcp(listener, &own, listener->port));
}

static void addresses_for(enum bind_where where, struct addresses *addresses)
{
	if (where == BIND_WILDCARD)
		addresses_wildcard(addresses);
	else
		addresses_loopback(addresses);
}

static enum err listen_tcp(struct listener *listener, const struct msg_user_listen *msg, const char *host)
{
	struct addresses addresses = {.count = 1};

	listener->port = (uint16_t)msg->port;
	if (msg->where != BIND_AS_ASKED)
		addresses_for(msg->where, &addresses);
	else if (!address_of_text(host, &addresses.items[0]))
		return resolve_begin(&listener->resolving, listener->forwards->loop, host, on_resolved) == ERR_OK
			   ? ERR_OK
			   : give_up(listener, "no process to resolve the name");
	return open_tcp(listener, &addresses, listener->port);
}

/* The first display from the offset on whose port is free on all addresses. */
static enum err listen_x11(struct listener *listener, const struct msg_user_listen *msg)
{
	for (uint32_t display = msg->port; display < msg->port + DISPLAYS_LIMIT; display++) {
		struct addresses addresses;

		if (display > UINT16_MAX - DISPLAY_PORT)
			break;
		addresses_for(msg->where, &addresses);
		if (bind_all(listener, &addresses, (uint16_t)(DISPLAY_PORT + display)) == ERR_OK)
			return tell_listening(listener, display);
	}
	return give_up(listener, "no display is free");
}

/* ----------------------------------------------------------------------- paths */

static enum err bind_path(const struct msg_user_listen *msg, const char *path, int *out)
{
	AUTO(fd_release) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	mode_t before;
	int result;

	if (fd < 0 || !socket_path_address(path, &address))
		return ERR_SYSTEM;
	if (msg->unlinks)
		(void)unlink(path); /* what cannot be removed is in the way of bind, which says so */
	before = umask((mode_t)msg->mask & 0777);
	result = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (result != 0)
		return ERR_SYSTEM;
	if (listen(fd, BACKLOG) != 0) {
		(void)unlink(path);
		return ERR_SYSTEM;
	}
	*out = TAKE_FD(fd);
	return ERR_OK;
}

static enum err listen_path(struct listener *listener, const struct msg_user_listen *msg, const char *path)
{
	int fd = -1;

	if (bind_path(msg, path, &fd) != ERR_OK)
		return give_up(listener, strerror(errno));
	TRY(add_door(listener, fd));
	memcpy(listener->path, path, strlen(path) + 1); /* bound: so it fits */
	return tell_listening(listener, 0);
}

static enum err listen_agent(struct listener *listener)
{
	int fd = -1;

	if (agent_socket_open(listener->forwards->user->setup.home, listener->path, &fd) != ERR_OK)
		return give_up(listener, strerror(errno));
	TRY(add_door(listener, fd));
	return tell_listening(listener, 0);
}

/* -------------------------------------------------------------------- messages */

static enum err begin(struct listener *listener, const struct msg_user_listen *msg, const char *address)
{
	switch (msg->kind) {
	case FORWARD_TCP:
		return listen_tcp(listener, msg, address);
	case FORWARD_X11:
		return listen_x11(listener, msg);
	case FORWARD_AGENT:
		return listen_agent(listener);
	case FORWARD_STREAMLOCAL:
		return listen_path(listener, msg, address);
	default:
		return give_up(listener, "there is nothing of this kind");
	}
}

enum err forwards_listen(struct forwards *forwards, struct slice body)
{
	AUTO(buf_wipe) struct buf text = buf_empty(4097);
	struct msg_user_listen msg;
	struct listener *listener;
	const char *address;

	TRY(msg_user_listen_parse(body, &msg));
	TRY(buf_append(&text, msg.address));
	TRY(buf_c_string(&text, &address));
	listener = calloc(1, sizeof(*listener));
	if (listener == NULL)
		return tell_failed(forwards, msg.listener, "out of memory");
	*listener = (struct listener){.forwards = forwards, .next = forwards->listeners,
	    .number = msg.listener, .kind = msg.kind};
	forwards->listeners = listener;
	return begin(listener, &msg, address);
}

enum err forwards_unlisten(struct forwards *forwards, struct slice body)
{
	struct msg_user_unlisten msg;

	TRY(msg_user_unlisten_parse(body, &msg));
	for (struct listener *l = forwards->listeners; l != NULL; l = l->next) {
		if (l->number != msg.listener)
			continue;
		listener_free(l);
		break;
	}
	return ERR_OK;
}

enum err forwards_accept_more(struct forwards *forwards, struct slice body)
{
	struct msg_user_accept_more msg;

	TRY(msg_user_accept_more_parse(body, &msg));
	if (msg.count > forwards->accepted)
		return ERR_BREACH;
	forwards->accepted -= msg.count;
	watch_all(forwards);
	return ERR_OK;
}

void forwards_init(struct forwards *forwards, struct user *user, struct loop *loop, enum err *ended)
{
	*forwards = (struct forwards){.user = user, .loop = loop, .ended = ended};
}

void forwards_stop(struct forwards *forwards, enum err err)
{
	if (err == ERR_OK)
		return;
	*forwards->ended = err;
	loop_stop(forwards->loop);
}
