/* The server's KEXINIT payload (RFC 4253 section 7.1), which only the monitor makes. */
#pragma once

#include "sshd/wire/writer.h"

#define COOKIE_LEN    16u
#define KEXINIT_LIMIT 32768u

/* Name-lists, as configured. Both directions get the same. */
struct kexinit_lists {
	struct slice kex;
	struct slice host_key;
	struct slice ciphers;
	struct slice macs;
	struct slice compression;
};

/*
 * Writes the payload, message number included. The first one of a connection also carries
 * ext-info-s (RFC 8308) and the marker of strict key exchange.
 * ERR_LIMIT: no room.
 */
enum err kexinit_write(const struct kexinit_lists *lists, struct slice cookie, bool is_first,
    struct writer *w);
