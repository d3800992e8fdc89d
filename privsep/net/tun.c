/*
 * Packets of a tun device in point-to-point mode. The kernel sets four bytes before each: flags
 * and an EtherType; OpenSSH's tun@openssh.com four as well: an address family by the numbers of
 * the system it came from.
 */
#include "privsep/net/pump.h"

static const struct {
	uint8_t peer[TUN_HEADER];
	uint8_t kernel[TUN_HEADER];
} families[] = {
    {{0, 0, 0, 2}, {0, 0, 0x08, 0x00}},  /* IPv4 */
    {{0, 0, 0, 24}, {0, 0, 0x86, 0xdd}}, /* IPv6 */
};

void tun_header_to_peer(struct span header)
{
	if (header.len < TUN_HEADER)
		return;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (memcmp(header.ptr + 2, families[i].kernel + 2, 2) != 0)
			continue;
		memcpy(header.ptr, families[i].peer, TUN_HEADER);
		return;
	}
}

bool tun_header_from_peer(struct slice header, uint8_t kernel[static TUN_HEADER])
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!slice_equal(header, SLICE_OF(families[i].peer)))
			continue;
		memcpy(kernel, families[i].kernel, TUN_HEADER);
		return true;
	}
	return false;
}
