#include "sshd/listener/accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/listener.h"

#define PER_TURN       64
#define PAUSE_MS       100u
#define REFUSAL        "Not allowed at this time\r\n"
#define OUT_OF_DESCRIPTORS  "too many open descriptors; accepting again in a moment"

static unsigned random_percent(void)
{
	uint32_t value = 0;

	/* Before the pool is ready, which cannot be this late: the middle. */
	if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != sizeof(value))
		return 50;
	return value % 100;
}

static struct source source_by_config(const struct listener *listener, const struct accepted *accepted)
{
	const struct conf_net_block *block = &listener->settings->conf->per_source_net_block;

	return source_of((const struct sockaddr *)&accepted->peer, block->ipv4_bits, block->ipv6_bits);
}

bool accept_permits(struct listener *listener, struct accepted *accepted, bool is_spoken_to)
{
	struct source source = source_by_config(listener, accepted);
	const char *reason = refusals_reason(listener, &source, random_percent());

	if (reason == NULL)
		return true;
	refusals_log(listener, accepted, reason);
	if (!is_spoken_to)
		(void)!send(accepted->fd, REFUSAL, sizeof(REFUSAL) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	fd_release(&accepted->fd);
	return false;
}

bool accept_is_direct(struct accepted *accepted)
{
	uint8_t options[40];
	socklen_t len = sizeof(options);
	char address[ADDRESS_TEXT_SIZE], port[8];

	if (accepted->peer.ss_family != AF_INET ||
	    getsockopt(accepted->fd, IPPROTO_IP, IP_OPTIONS, options, &len) != 0 || len == 0)
		return true;
	address_format((const struct sockaddr *)&accepted->peer, address, port);
	LOG(IP_OPTIONS, T("ADDRESS", address), T("PORT", port));
	fd_release(&accepted->fd);
	return false;
}

static void take_in(struct listener *listener, struct accepted *accepted)
{
	if (!accept_permits(listener, accepted, false))
		return;
	if (!listener->is_single) {
		greeting_take(listener, accepted);
		return;
	}
	/* -d: this connection is all there will be, and it is told everything by sshd-net. */
	sockets_close(listener);
	if (!accept_is_direct(accepted)) {
		listener_fail(listener);
		return;
	}
	connection_begin(listener, &(struct connection_start){.input = accepted->fd,
	    .output = accepted->fd, .is_socket = true, .listening = accepted->listening,
	    .peer = accepted->peer});
}

static unsigned place_of(const struct listener *listener, const struct listening *listening)
{
	unsigned place = 0;

	while (place < listener->sockets.count && listener->sockets.rows[place] != listening)
		place++;
	return place;
}

/* Descriptors or memory ran out: what waits in the kernel's queue keeps, and the loop rests. */
static void pause_accepting(struct listener *listener)
{
	LOG(ERROR, T("TEXT", OUT_OF_DESCRIPTORS));
	sockets_watch(listener, false);
	loop_timer_set(&listener->loop, &listener->accept_again, listener->loop.now_ms + PAUSE_MS);
}

void accept_all(struct listener *listener, struct listening *listening)
{
	unsigned place = place_of(listener, listening);
	int socket = listening->source.fd;

	for (int i = 0; i < PER_TURN; i++) {
		struct accepted accepted = {.listening = place};
		socklen_t len = sizeof(accepted.peer);

		accepted.fd = accept4(socket, (struct sockaddr *)&accepted.peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (accepted.fd >= 0) {
			take_in(listener, &accepted);
			if (listener->is_single)
				return;
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(listener);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}
