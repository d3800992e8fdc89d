/* Who is at the other end, as numbers and as text: never by a name that DNS gave. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define ADDRESS_TEXT_SIZE 64u

struct peer {
	char address[ADDRESS_TEXT_SIZE], local_address[ADDRESS_TEXT_SIZE];
	char port[8], local_port[8];
};

/* The facts of a connected socket; "UNKNOWN" and 65535, as OpenSSH says, when it is none. */
void peer_of_socket(int fd, struct peer *peer);

#define HOST_NAME_SIZE 1025u

/*
 * UseDNS: the peer's name, when its address has one and that name has this address. Asks DNS,
 * which may take a while. False: there is none that can be believed.
 */
bool peer_find_name(int fd, char name[static HOST_NAME_SIZE]);
