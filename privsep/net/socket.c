#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "privsep/net/net.h"

/*
 * A delayed acknowledgement holds back the client's next small segment: 40 ms a round during
 * the handshake. The kernel forgets this option, so it is set again after each read. A socket
 * that is no TCP socket says no, which changes nothing.
 */
void socket_acknowledge_at_once(const struct net *net)
{
	int on = 1;

	(void)setsockopt(net->input.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

#define QOS_NONE UINT32_MAX

void socket_set_qos(const struct net *net, bool is_interactive)
{
	uint32_t wanted = is_interactive ? net->ip_qos_interactive : net->ip_qos_bulk;
	int value = (int)wanted;

	if (!net->is_socket || wanted == QOS_NONE)
		return;
	/* One of the two fits the socket's family; the other is refused by the kernel. */
	(void)setsockopt(net->output.fd, IPPROTO_IP, IP_TOS, &value, sizeof(value));
	(void)setsockopt(net->output.fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof(value));
}
