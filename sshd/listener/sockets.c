#include "sshd/listener/sockets.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/log.h"
#include "sshd/listener/accept.h"
#include "sshd/listener/listener.h"
#include "sshd/listener/ready.h"

#define BACKLOG 4096

void address_format(const struct sockaddr *address, char host[static ADDRESS_TEXT_SIZE], char port[static 8])
{
	socklen_t len = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	if ((address->sa_family != AF_INET && address->sa_family != AF_INET6) ||
	    getnameinfo(address, len, host, ADDRESS_TEXT_SIZE, port, 8, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		snprintf(host, ADDRESS_TEXT_SIZE, "UNKNOWN");
		snprintf(port, 8, "65535");
	}
}

/* ------------------------------------------------------------------ rows */

static socklen_t address_len(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static bool address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *six_a = (const void *)a, *six_b = (const void *)b;
	const struct sockaddr_in *four_a = (const void *)a, *four_b = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET6)
		return six_a->sin6_port == six_b->sin6_port && six_a->sin6_scope_id == six_b->sin6_scope_id &&
		    memcmp(&six_a->sin6_addr, &six_b->sin6_addr, sizeof(six_a->sin6_addr)) == 0;
	return four_a->sin_port == four_b->sin_port && four_a->sin_addr.s_addr == four_b->sin_addr.s_addr;
}

static void on_ready(struct loop_source *source, uint32_t events)
{
	struct listening *row = CONTAINER_OF(source, struct listening, source);

	(void)events;
	accept_all(row->listener, row);
}

static struct listening *row_add(struct listener *listener, const struct sockaddr_storage *address,
    const char *rdomain)
{
	struct sockets *sockets = &listener->sockets;
	struct listening *row;

	if (sockets->count == SOCKETS_LIMIT)
		return NULL;
	row = calloc(1, sizeof(*row));
	if (row == NULL)
		return NULL;
	row->listener = listener;
	row->source = (struct loop_source){.fd = -1, .ready = on_ready};
	row->address = *address;
	row->is_wanted = true;
	snprintf(row->rdomain, sizeof(row->rdomain), "%s", rdomain != NULL ? rdomain : "");
	sockets->rows[sockets->count++] = row;
	return row;
}

static void row_remove(struct listener *listener, size_t place)
{
	struct sockets *sockets = &listener->sockets;
	struct listening *row = sockets->rows[place];

	loop_remove(&listener->loop, &row->source);
	fd_close(row->source.fd);
	free(row);
	sockets->rows[place] = sockets->rows[--sockets->count];
}

/* A service manager's socket for [::] takes IPv4 too, unless it was told not to. */
static bool row_covers(const struct listening *row, const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *six = (const void *)&row->address;
	const struct sockaddr_in *four = (const void *)address;

	if (address_equal(&row->address, address))
		return true;
	return row->is_dual && address->ss_family == AF_INET && four->sin_addr.s_addr == htonl(INADDR_ANY) &&
	    four->sin_port == six->sin6_port;
}

static bool is_dual(int fd, const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *six = (const void *)address;
	int is_six_only = 1;
	socklen_t len = sizeof(is_six_only);

	return address->ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr) &&
	    getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_six_only, &len) == 0 && !is_six_only;
}

static struct listening *row_find(struct sockets *sockets, const struct sockaddr_storage *address,
    const char *rdomain)
{
	for (size_t i = 0; i < sockets->count; i++) {
		struct listening *row = sockets->rows[i];

		if (row_covers(row, address) &&
		    (row->is_adopted || strcmp(row->rdomain, rdomain != NULL ? rdomain : "") == 0))
			return row;
	}
	return NULL;
}

static void row_log(enum event event, const struct listening *row, const char *reason)
{
	char host[ADDRESS_TEXT_SIZE], port[8];

	address_format((const struct sockaddr *)&row->address, host, port);
	log_event(event,
	    (const struct log_field[]){T("ADDRESS", host), T("PORT", port), T("REASON", reason)}, 3);
}

/* --------------------------------------------------------------- binding */

static enum err set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) != 0 ? ERR_SYSTEM : ERR_OK;
}

/* Accepted sockets inherit what is set here, which saves a call per connection. */
static enum err prepare_accepted(int fd, bool keeps_alive)
{
	TRY(set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	return set_option(fd, SOL_SOCKET, SO_KEEPALIVE, keeps_alive);
}

static enum err row_bind(struct listening *row, bool keeps_alive)
{
	AUTO(fd_release) int fd =
	    socket(row->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);

	if (fd < 0)
		return ERR_SYSTEM;
	TRY(set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1));
	if (row->address.ss_family == AF_INET6)
		TRY(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
	if (row->rdomain[0] != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, row->rdomain, (socklen_t)strlen(row->rdomain)) != 0)
		return ERR_SYSTEM;
	TRY(prepare_accepted(fd, keeps_alive));
	if (bind(fd, (const struct sockaddr *)&row->address, address_len(&row->address)) != 0 ||
	    listen(fd, BACKLOG) != 0)
		return ERR_SYSTEM;
	row->source.fd = TAKE_FD(fd);
	return ERR_OK;
}

/* Marks what is wanted and adds rows without a descriptor for what is not there yet. */
static void want(struct listener *listener, const struct conf *conf, const struct conf_listen *listen_row)
{
	static const int families[] = {
	    [FAMILY_ANY] = AF_UNSPEC, [FAMILY_INET] = AF_INET, [FAMILY_INET6] = AF_INET6};
	struct addrinfo hints = {.ai_family = families[conf->family], .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	char port[8];
	int failure;

	snprintf(port, sizeof(port), "%u", listen_row->port);
	failure = getaddrinfo(listen_row->host, port, &hints, &found);
	if (failure != 0) {
		LOG(BIND_FAILED, T("ADDRESS", listen_row->host), T("PORT", port),
		    T("REASON", gai_strerror(failure)));
		return;
	}
	for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
		struct sockaddr_storage address = {0};
		struct listening *row;

		memcpy(&address, at->ai_addr, at->ai_addrlen);
		row = row_find(&listener->sockets, &address, listen_row->rdomain);
		if (row != NULL)
			row->is_wanted = true;
		else if (row_add(listener, &address, listen_row->rdomain) == NULL)
			LOG(BIND_FAILED, T("ADDRESS", listen_row->host), T("PORT", port),
			    T("REASON", "too many addresses"));
	}
	freeaddrinfo(found);
}

/* An address that one of the sockets to be closed still covers is bound in the second round. */
static void bind_missing(struct listener *listener, const struct conf *conf, bool is_last_round)
{
	struct sockets *sockets = &listener->sockets;

	for (size_t i = 0; i < sockets->count;) {
		struct listening *row = sockets->rows[i];

		if (row->source.fd >= 0) {
			i++;
		} else if (row_bind(row, conf->tcp_keep_alive) == ERR_OK) {
			row_log(EVENT_LISTENING, row, "");
			i++;
		} else if (errno == EADDRINUSE && !is_last_round) {
			i++;
		} else {
			row_log(EVENT_BIND_FAILED, row, strerror(errno));
			row_remove(listener, i);
		}
	}
}

static void close_unwanted(struct listener *listener)
{
	struct sockets *sockets = &listener->sockets;

	for (size_t i = 0; i < sockets->count;) {
		struct listening *row = sockets->rows[i];

		if (row->is_wanted || row->is_adopted) {
			i++;
			continue;
		}
		row_log(EVENT_SOCKET_CLOSED, row, "");
		row_remove(listener, i);
	}
}

enum err sockets_reconcile(struct listener *listener, const struct conf *conf)
{
	struct sockets *sockets = &listener->sockets;

	for (size_t i = 0; i < sockets->count; i++)
		sockets->rows[i]->is_wanted = false;
	for (size_t i = 0; i < conf->listen.count; i++)
		want(listener, conf, &conf->listen.items[i]);
	bind_missing(listener, conf, false);
	close_unwanted(listener);
	bind_missing(listener, conf, true);
	for (size_t i = 0; i < sockets->count; i++) {
		const struct listening *row = sockets->rows[i];

		if (row->is_adopted && !row->is_wanted)
			row_log(EVENT_SOCKET_ADOPTED, row, "");
		IGNORE(prepare_accepted(row->source.fd, conf->tcp_keep_alive)); /* may have changed */
	}
	ready_keep_sockets(sockets);
	sockets_watch(listener, true);
	return sockets->count > 0 ? ERR_OK : ERR_SYSTEM;
}

void sockets_adopt(struct listener *listener, const struct inherited_sockets *inherited)
{
	for (int i = 0; i < inherited->count; i++) {
		int fd = inherited->first + i;
		struct sockaddr_storage address = {0};
		socklen_t len = sizeof(address);
		struct listening *row = NULL;

		if (getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
		    (address.ss_family == AF_INET || address.ss_family == AF_INET6))
			row = row_add(listener, &address, NULL);
		if (row == NULL || fd_set_nonblocking(fd) != ERR_OK || fd_set_cloexec(fd, true) != ERR_OK)
			continue;
		row->source.fd = fd;
		row->is_adopted = i >= (int)SOCKETS_LIMIT || !inherited->is_kept[i];
		row->is_dual = is_dual(fd, &address);
	}
}

void sockets_watch(struct listener *listener, bool is_watched)
{
	for (size_t i = 0; i < listener->sockets.count; i++) {
		struct loop_source *source = &listener->sockets.rows[i]->source;

		if (!is_watched)
			loop_remove(&listener->loop, source);
		else if (!source->is_added && loop_add(&listener->loop, source, EPOLLIN) != ERR_OK)
			LOG(ERROR, T("TEXT", "a listening socket cannot be watched"));
	}
}

void sockets_close(struct listener *listener)
{
	while (listener->sockets.count > 0)
		row_remove(listener, 0);
}
