/*
 * The part of a GLOBAL_REQUEST that depends on its name (RFC 4254 section 7.1, and OpenSSH's).
 *
 * fields   what follows "want reply"; parsed slices point into them; out parameters stay
 *          untouched on failure
 *
 * ERR_TRUNCATED, ERR_TOO_LONG, ERR_TRAILING: the peer broke the protocol.
 */
#pragma once

#include "sshd/wire/messages_channel_open.h"

#define GLOBAL_KEY_BLOB_LIMIT (16u << 10)

/* "no-more-sessions@openssh.com": nothing. */
enum err global_nothing_parse(struct slice fields);

/* "tcpip-forward" and "cancel-tcpip-forward". Ports past 65535 come as they are. */
struct global_tcpip {
	struct slice address;
	uint32_t port;
};

enum err global_tcpip_parse(struct slice fields, struct global_tcpip *out);
void global_tcpip_encode(struct writer *w, const struct global_tcpip *forward);

/* The data of REQUEST_SUCCESS when port 0 was asked for. */
enum err global_tcpip_port_parse(struct slice data, uint32_t *port);
void global_tcpip_port_encode(struct writer *w, uint32_t port);

/* "streamlocal-forward@openssh.com" and "cancel-streamlocal-forward@openssh.com". */
enum err global_streamlocal_parse(struct slice fields, struct slice *path);
void global_streamlocal_encode(struct writer *w, struct slice path);

/*
 * "hostkeys-00@openssh.com" and "hostkeys-prove-00@openssh.com": strings, one per key; the
 * reply to the second has the same shape, one per signature.
 *
 * ERR_RANGE: more than `limit` of them.
 */
struct global_strings {
	uint32_t count;
	struct slice strings; /* checked: `count` times a string */
};

enum err global_strings_parse(struct slice fields, uint32_t limit, struct global_strings *out);

/* Takes the first string off. False at the end. */
bool global_strings_next(struct global_strings *strings, struct slice *out);
