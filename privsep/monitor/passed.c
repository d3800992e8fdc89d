#include "privsep/monitor/passed.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define TUN_MAJOR 10u /* misc devices */
#define TUN_MINOR 200u

static bool option_is(int fd, int option, int expected)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

static bool is_local_family(enum forward_kind kind)
{
	return kind == FORWARD_STREAMLOCAL || kind == FORWARD_AGENT;
}

static bool family_fits(enum forward_kind kind, int fd)
{
	return is_local_family(kind) ? option_is(fd, SO_DOMAIN, AF_UNIX)
				     : option_is(fd, SO_DOMAIN, AF_INET) || option_is(fd, SO_DOMAIN, AF_INET6);
}

static bool is_tun(int fd)
{
	struct stat facts;

	return fstat(fd, &facts) == 0 && S_ISCHR(facts.st_mode) && major(facts.st_rdev) == TUN_MAJOR &&
	       minor(facts.st_rdev) == TUN_MINOR;
}

enum err passed_check(enum forward_kind kind, int fd)
{
	bool is_fit = kind == FORWARD_TUN_POINT_TO_POINT || kind == FORWARD_TUN_ETHERNET
			  ? is_tun(fd)
			  : option_is(fd, SO_TYPE, SOCK_STREAM) && option_is(fd, SO_ACCEPTCONN, 0) &&
				family_fits(kind, fd);

	if (!is_fit)
		return ERR_BREACH;
	return fd_set_nonblocking(fd);
}

void passed_peer_of(int fd, struct passed_peer *peer)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);
	const void *bytes;

	*peer = (struct passed_peer){.address = "UNKNOWN"};
	if (getpeername(fd, (struct sockaddr *)&address, &len) != 0)
		return;
	if (address.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&address;

		bytes = &in->sin_addr;
		peer->port = ntohs(in->sin_port);
	} else if (address.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;

		bytes = &in6->sin6_addr;
		peer->port = ntohs(in6->sin6_port);
	} else {
		return;
	}
	if (inet_ntop(address.ss_family, bytes, peer->address, sizeof(peer->address)) == NULL)
		*peer = (struct passed_peer){.address = "UNKNOWN"};
}
