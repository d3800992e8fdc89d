/* The addresses of a name: as the resolving child writes them, and in which order to try them. */
#pragma once

#include <netinet/in.h>

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

#define ADDRESSES_LIMIT 16u /* of a name; the others are not tried */

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct addresses {
	union address items[ADDRESSES_LIMIT];
	size_t count;
};

socklen_t address_len(const union address *address);
void address_set_port(union address *address, uint16_t port);

/* A numeric address; false: it is a name. */
bool address_of_text(const char *text, union address *address);

/* 127.0.0.1 and ::1, or 0.0.0.0 and :: */
void addresses_loopback(struct addresses *addresses);
void addresses_wildcard(struct addresses *addresses);

/*
 * RFC 8305 section 4: the families take turns, beginning with that of the first; within a
 * family the order stays.
 */
void addresses_interleave(struct addresses *addresses);

/*
 * One byte of error (0, or a negated EAI_ number), then for each address its family (4 or 6),
 * its bytes, and for 6 the scope in four.
 *
 * ERR_MALFORMED, ERR_LIMIT: no child of ours wrote this.
 */
#define ADDRESSES_ENCODED_LIMIT (1u + ADDRESSES_LIMIT * 21u)
enum err addresses_encode(const struct addresses *addresses, uint8_t error, struct span room, size_t *len);
enum err addresses_parse(struct slice bytes, struct addresses *addresses, uint8_t *error);
