#include "privsep/monitor/peer.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "sshd/base/auto.h"

static void text_unknown(char address[ADDRESS_TEXT_SIZE], char port[8])
{
	snprintf(address, ADDRESS_TEXT_SIZE, "UNKNOWN");
	snprintf(port, 8, "65535");
}

/* An IPv4 address that came through an IPv6 socket is shown and matched as IPv4. */
static const void *unmapped(const struct sockaddr_storage *from, int *family, in_port_t *port)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;

	*family = AF_INET;
	if (from->ss_family == AF_INET) {
		*port = four->sin_port;
		return &four->sin_addr;
	}
	*port = six->sin6_port;
	if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		return six->sin6_addr.s6_addr + 12;
	*family = AF_INET6;
	return &six->sin6_addr;
}

static void text_of_address(const struct sockaddr_storage *from, char address[ADDRESS_TEXT_SIZE],
    char port[8])
{
	const void *bytes;
	in_port_t number;
	int family;

	if (from->ss_family != AF_INET && from->ss_family != AF_INET6) {
		text_unknown(address, port);
		return;
	}
	bytes = unmapped(from, &family, &number);
	if (inet_ntop(family, bytes, address, ADDRESS_TEXT_SIZE) == NULL) {
		text_unknown(address, port);
		return;
	}
	if (family == AF_INET6) {
		uint32_t scope = ((const struct sockaddr_in6 *)from)->sin6_scope_id;
		size_t len = strlen(address);

		if (scope != 0)
			snprintf(address + len, ADDRESS_TEXT_SIZE - len, "%%%u", scope);
	}
	snprintf(port, 8, "%u", ntohs(number));
}

void peer_of_socket(int fd, struct peer *peer)
{
	struct sockaddr_storage name = {0};
	socklen_t len = sizeof(name);

	text_unknown(peer->address, peer->port);
	text_unknown(peer->local_address, peer->local_port);
	if (getpeername(fd, (struct sockaddr *)&name, &len) == 0)
		text_of_address(&name, peer->address, peer->port);
	len = sizeof(name);
	if (getsockname(fd, (struct sockaddr *)&name, &len) == 0)
		text_of_address(&name, peer->local_address, peer->local_port);
}

static bool addresses_equal(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)(const void *)a;
	const struct sockaddr_in *b4 = (const struct sockaddr_in *)(const void *)b;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)(const void *)a;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)(const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 && IN6_ARE_ADDR_EQUAL(&a6->sin6_addr, &b6->sin6_addr);
}

static void free_addresses(struct addrinfo **list)
{
	if (*list != NULL)
		freeaddrinfo(*list);
}

/* Whoever owns an address names it as he likes: only the name's own owner confirms that. */
static bool name_has_address(const char *name, const struct sockaddr *address)
{
	struct addrinfo hints = {.ai_family = address->sa_family, .ai_socktype = SOCK_STREAM};
	AUTO(free_addresses) struct addrinfo *list = NULL;

	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return false;
	for (const struct addrinfo *at = list; at != NULL; at = at->ai_next)
		if (addresses_equal(at->ai_addr, address))
			return true;
	return false;
}

/* A "name" that is an address would be matched as one. */
static bool is_numeric(const char *name)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
	AUTO(free_addresses) struct addrinfo *list = NULL;

	return getaddrinfo(name, NULL, &hints, &list) == 0;
}

/* An IPv4 address that came through an IPv6 socket has its name as IPv4. */
static socklen_t unmap(struct sockaddr_storage *address, socklen_t len)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	in_port_t port;
	int family;

	if (address->ss_family != AF_INET6)
		return len;
	memcpy(&four.sin_addr, unmapped(address, &family, &port), sizeof(four.sin_addr));
	if (family != AF_INET)
		return len;
	memcpy(address, &four, sizeof(four));
	return sizeof(four);
}

bool peer_find_name(int fd, char name[static HOST_NAME_SIZE])
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);

	if (getpeername(fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
		return false;
	len = unmap(&address, len);
	if (getnameinfo((struct sockaddr *)&address, len, name, HOST_NAME_SIZE, NULL, 0, NI_NAMEREQD) != 0)
		return false;
	return !is_numeric(name) && name_has_address(name, (struct sockaddr *)&address);
}
