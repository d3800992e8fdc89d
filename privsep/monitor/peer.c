#include "privsep/monitor/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

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
