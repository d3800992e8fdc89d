#include "privsep/user/addresses.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>

#include "sshd/base/auto.h"
#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

socklen_t address_len(const union address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->in6) : sizeof(address->in);
}

void address_set_port(union address *address, uint16_t port)
{
	if (address->any.sa_family == AF_INET6)
		address->in6.sin6_port = htons(port);
	else
		address->in.sin_port = htons(port);
}

static bool parse_scoped(const char *text, union address *address)
{
	char plain[INET6_ADDRSTRLEN];
	const char *percent = strchr(text, '%');
	size_t len = percent != NULL ? (size_t)(percent - text) : strlen(text);

	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = 0;
	*address = (union address){.in6.sin6_family = AF_INET6};
	if (percent != NULL)
		address->in6.sin6_scope_id = if_nametoindex(percent + 1);
	return inet_pton(AF_INET6, plain, &address->in6.sin6_addr) == 1 &&
	       (percent == NULL || address->in6.sin6_scope_id != 0);
}

bool address_of_text(const char *text, union address *address)
{
	union address found = {.in.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &found.in.sin_addr) != 1 && !parse_scoped(text, &found))
		return false;
	*address = found;
	return true;
}

void addresses_loopback(struct addresses *addresses)
{
	*addresses = (struct addresses){.count = 2};
	addresses->items[0].in6 =
	    (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	addresses->items[1].in = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void addresses_wildcard(struct addresses *addresses)
{
	*addresses = (struct addresses){.count = 2};
	addresses->items[0].in6.sin6_family = AF_INET6;
	addresses->items[1].in.sin_family = AF_INET;
}

/* The next one of this family from `*at` on; NULL: there is none. */
static const union address *next_of(const struct addresses *from, sa_family_t family, size_t *at)
{
	while (*at < from->count) {
		const union address *address = &from->items[(*at)++];

		if (address->any.sa_family == family)
			return address;
	}
	return NULL;
}

void addresses_interleave(struct addresses *addresses)
{
	const struct addresses from = *addresses;
	sa_family_t family = from.count > 0 ? from.items[0].any.sa_family : AF_INET;
	size_t at[2] = {0, 0}, turn = 0;

	for (size_t i = 0; i < from.count; turn = !turn) {
		sa_family_t wanted = turn == 0 ? family : family == AF_INET ? AF_INET6 : AF_INET;
		const union address *next = next_of(&from, wanted, &at[turn]);

		if (next != NULL)
			addresses->items[i++] = *next;
	}
}

/* ------------------------------------------------------------------- encoding */

static void write_address(struct writer *w, const union address *address)
{
	if (address->any.sa_family == AF_INET6) {
		write_byte(w, 6);
		write_bytes(w, slice_over(&address->in6.sin6_addr, 16));
		write_u32(w, address->in6.sin6_scope_id);
	} else {
		write_byte(w, 4);
		write_bytes(w, slice_over(&address->in.sin_addr, 4));
	}
}

enum err addresses_encode(const struct addresses *addresses, uint8_t error, struct span room, size_t *len)
{
	struct writer w = writer_into(room);

	write_byte(&w, error);
	for (size_t i = 0; i < addresses->count; i++)
		write_address(&w, &addresses->items[i]);
	TRY(writer_finish(&w, NULL));
	*len = w.len;
	return ERR_OK;
}

static enum err read_address(struct reader *r, union address *address)
{
	uint8_t family = read_byte(r);
	struct slice bytes = read_bytes(r, family == 6 ? 16 : 4);

	if (r->err != ERR_OK || (family != 4 && family != 6))
		return ERR_MALFORMED;
	if (family == 4) {
		*address = (union address){.in.sin_family = AF_INET};
		memcpy(&address->in.sin_addr, bytes.ptr, 4);
		return ERR_OK;
	}
	*address = (union address){.in6.sin6_family = AF_INET6};
	memcpy(&address->in6.sin6_addr, bytes.ptr, 16);
	address->in6.sin6_scope_id = read_u32(r);
	return r->err == ERR_OK ? ERR_OK : ERR_MALFORMED;
}

enum err addresses_parse(struct slice bytes, struct addresses *addresses, uint8_t *error)
{
	struct reader r = reader_over(bytes);
	struct addresses found = {0};
	uint8_t code = read_byte(&r);

	if (r.err != ERR_OK)
		return ERR_MALFORMED;
	while (r.left.len > 0) {
		if (found.count == ADDRESSES_LIMIT)
			return ERR_LIMIT;
		TRY(read_address(&r, &found.items[found.count++]));
	}
	*addresses = found;
	*error = code;
	return ERR_OK;
}
