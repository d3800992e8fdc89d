#include "sshd/listener/greeting.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/listener.h"

#define PATIENCE_MS   10000u
#define PEEK_LIMIT    256u
#define DISCARD_LIMIT 65536u
#define IPV4_BITS     32u
#define IPV6_BITS     64u /* whoever has one IPv6 address has 2^64 of them */
#define NO_SSH        "Invalid SSH identification string.\r\n"

enum look { LOOK_STRANGE, LOOK_CLOSED, LOOK_RESET, LOOK_WAIT, LOOK_SSH };

static uint32_t place_of(const struct guest *guest)
{
	return (uint32_t)(guest - guest->listener->greeting.guests);
}

/* When the oldest of them has to have shown something. */
static void watch_the_clock(struct listener *listener)
{
	uint64_t due_ms = 0;

	if (nursery_first_due(&listener->greeting.nursery, &due_ms) == NURSERY_NONE)
		loop_timer_cancel(&listener->loop, &listener->greeting.late);
	else
		loop_timer_set(&listener->loop, &listener->greeting.late, due_ms);
}

static void guest_close(struct guest *guest)
{
	loop_remove(&guest->listener->loop, &guest->source);
	fd_release(&guest->accepted.fd);
	guest->source.fd = -1;
}

static void guest_leave(struct guest *guest)
{
	nursery_leave(&guest->listener->greeting.nursery, place_of(guest));
	watch_the_clock(guest->listener);
}

static void guest_log(const struct guest *guest, enum event event)
{
	char address[ADDRESS_TEXT_SIZE], port[8];
	struct log_field fields[2];

	if (!log_wants(event_level(event)))
		return;
	address_format((const struct sockaddr *)&guest->accepted.peer, address, port);
	fields[0] = T("ADDRESS", address);
	fields[1] = T("PORT", port);
	log_event(event, fields, COUNT_OF(fields));
}

static void guest_log_timeout(const struct guest *guest)
{
	struct sockaddr_storage local = {0};
	socklen_t len = sizeof(local);

	(void)getsockname(guest->accepted.fd, (struct sockaddr *)&local, &len);
	connection_log_timeout((const struct sockaddr *)&guest->accepted.peer,
	    (const struct sockaddr *)&local, getpid());
}

static struct slice first_line(struct slice bytes)
{
	size_t len = 0;

	while (len < bytes.len && bytes.ptr[len] != '\r' && bytes.ptr[len] != '\n')
		len++;
	return slice_first(bytes, len);
}

/* What waits in the socket is compared and, when it is refused, shown to the log. No more. */
static enum look look_at(const struct guest *guest, uint8_t peeked[static PEEK_LIMIT], struct slice *line)
{
	static const char begin[] = "SSH-";
	ssize_t len = recv(guest->accepted.fd, peeked, PEEK_LIMIT, MSG_PEEK | MSG_DONTWAIT);
	size_t compared;

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? LOOK_WAIT : LOOK_RESET;
	if (len == 0)
		return LOOK_CLOSED;
	compared = (size_t)len < sizeof(begin) - 1 ? (size_t)len : sizeof(begin) - 1;
	*line = first_line(slice_over(peeked, (size_t)len));
	if (memcmp(peeked, begin, compared) != 0)
		return LOOK_STRANGE;
	return compared == sizeof(begin) - 1 ? LOOK_SSH : LOOK_WAIT;
}

/* Unread bytes would turn the close into a reset, which may overtake what we said last. */
static void discard_unread(const struct guest *guest)
{
	(void)!recv(guest->accepted.fd, NULL, DISCARD_LIMIT, MSG_TRUNC | MSG_DONTWAIT);
}

static void refuse(struct guest *guest, struct slice line)
{
	(void)!send(guest->accepted.fd, NO_SSH, sizeof(NO_SSH) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	LOG(GREETING_INVALID, F("TEXT", line));
	guest_log(guest, EVENT_BAD_IDENTIFICATION);
}

static void promote(struct guest *guest)
{
	struct listener *listener = guest->listener;
	struct accepted accepted = guest->accepted;

	loop_remove(&listener->loop, &guest->source);
	guest->source.fd = guest->accepted.fd = -1;
	guest_leave(guest);
	/* Others may have taken the last startup since this one was accepted. */
	if (!accept_permits(listener, &accepted, true) || !accept_is_direct(&accepted))
		return;
	connection_begin(listener, &(struct connection_start){.input = accepted.fd, .output = accepted.fd,
	    .is_socket = true, .version_is_sent = true, .listening = accepted.listening, .peer = accepted.peer});
}

static void on_ready(struct loop_source *source, uint32_t events)
{
	struct guest *guest = CONTAINER_OF(source, struct guest, source);
	struct listener *listener = guest->listener;
	uint8_t peeked[PEEK_LIMIT];
	struct slice line = {0};
	enum look look = look_at(guest, peeked, &line);

	/* Half of "SSH-" and nothing more to come. */
	if (look == LOOK_WAIT && events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		look = LOOK_CLOSED;
	switch (look) {
	case LOOK_WAIT:
		return;
	case LOOK_SSH:
		promote(guest);
		return;
	case LOOK_STRANGE:
		refuse(guest, line);
		break;
	case LOOK_CLOSED:
		LOG(GREETING_CLOSED, T("ADDRESS", ""));
		guest_log(guest, EVENT_CONNECTION_CLOSED);
		break;
	case LOOK_RESET:
		LOG(GREETING_RESET, T("ADDRESS", ""));
		guest_log(guest, EVENT_CONNECTION_RESET);
		break;
	}
	refusals_penalise(listener, (const struct sockaddr *)&guest->accepted.peer, OUTCOME_NO_AUTHENTICATION);
	discard_unread(guest);
	guest_close(guest);
	guest_leave(guest);
}

static void on_late(struct loop_timer *timer, uint64_t now_ms)
{
	struct listener *listener = CONTAINER_OF(timer, struct listener, greeting.late);
	struct nursery *nursery = &listener->greeting.nursery;
	uint64_t due_ms = 0;
	uint32_t place;

	while ((place = nursery_first_due(nursery, &due_ms)) != NURSERY_NONE && due_ms <= now_ms) {
		struct guest *guest = &listener->greeting.guests[place];

		guest_log_timeout(guest);
		refusals_penalise(listener, (const struct sockaddr *)&guest->accepted.peer,
		    OUTCOME_NO_AUTHENTICATION);
		guest_close(guest);
		nursery_leave(nursery, place);
	}
	watch_the_clock(listener);
}

enum err greeting_init(struct listener *listener)
{
	struct greeting *greeting = &listener->greeting;
	uint64_t key[2];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return ERR_SYSTEM;
	greeting->late.fired = on_late;
	greeting->guests = calloc(NURSERY_LIMIT, sizeof(*greeting->guests));
	if (greeting->guests == NULL)
		return ERR_NO_MEMORY;
	for (uint32_t i = 0; i < NURSERY_LIMIT; i++)
		greeting->guests[i].source.fd = greeting->guests[i].accepted.fd = -1;
	return nursery_init(&greeting->nursery, key);
}

void greeting_wipe(struct listener *listener)
{
	struct greeting *greeting = &listener->greeting;

	for (uint32_t i = 0; greeting->guests != NULL && i < NURSERY_LIMIT; i++)
		if (greeting->guests[i].source.fd >= 0)
			guest_close(&greeting->guests[i]);
	free(greeting->guests);
	greeting->guests = NULL;
	nursery_wipe(&greeting->nursery);
}

static bool say_hello(const struct listener *listener, int fd)
{
	const char *V_S = listener->settings->V_S;
	struct iovec parts[] = {{(void *)(uintptr_t)V_S, strlen(V_S)}, {(void *)(uintptr_t)"\r\n", 2}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = COUNT_OF(parts)};

	/* A new socket's buffer takes a line: a part of it would be a broken peer. */
	return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)(parts[0].iov_len + 2);
}

void greeting_take(struct listener *listener, struct accepted *accepted)
{
	struct source source = source_of((const struct sockaddr *)&accepted->peer, IPV4_BITS, IPV6_BITS);
	uint64_t now_ms = listener->loop.now_ms;
	uint32_t evicted, place;
	struct guest *guest;

	if (!say_hello(listener, accepted->fd)) {
		fd_release(&accepted->fd);
		return;
	}
	place = nursery_take(&listener->greeting.nursery, &source, now_ms + PATIENCE_MS, &evicted);
	if (evicted != NURSERY_NONE)
		guest_close(&listener->greeting.guests[evicted]);
	guest = &listener->greeting.guests[place];
	*guest = (struct guest){.source = {.fd = accepted->fd, .ready = on_ready}, .listener = listener,
	    .accepted = *accepted, .since_ms = now_ms};
	/* Edge-triggered: bytes that are looked at and left would wake us for ever. */
	if (loop_add(&listener->loop, &guest->source, EPOLLIN | EPOLLRDHUP | EPOLLET) != ERR_OK) {
		guest_close(guest);
		nursery_leave(&listener->greeting.nursery, place);
	}
	watch_the_clock(listener);
}
