/*
 * Large reads without copying: the pages of a file go through a pipe of ours into the client's, by
 * reference. Only where the client is behind a pipe.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/wire/messages_sftp.h"

/* Shorter reads are cheaper copied, and are then answered many in one write. */
#define RELAY_LEAST 65536u

struct relay {
	int in, out;    /* the ends of our pipe; -1: there is none */
	size_t pending; /* bytes in it, to follow the reply that announces them */
	int client;     /* the client's pipe, borrowed; -1: it is none, or something failed */
};

/* For the client behind the pipe `client`; -1: for nobody, so all is read. Opens nothing yet. */
struct relay relay_to(int client);

/* Drops what is pending; everything is read from now on. */
void relay_wipe(struct relay *relay);

/*
 * Takes up to `len` bytes of the file at `offset`, at most SFTP_READ_LIMIT, into the empty pipe.
 * How many is set only on success, and is 0 at the end of the file.
 *
 * ERR_UNSUPPORTED: not this way; the file has to be read. ERR_SYSTEM: errno, as read would say.
 */
enum err relay_take(struct relay *relay, int fd, uint64_t offset, size_t len, size_t *taken);

/*
 * Passes on to the client's pipe what goes without waiting. ERR_AGAIN: some is left. ERR_CLOSED:
 * the client is gone.
 */
enum err relay_pass(struct relay *relay);
