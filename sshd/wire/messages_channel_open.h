/*
 * The type-specific part of a CHANNEL_OPEN: what stands after its four fixed fields. A type
 * without a struct here ("session", "auth-agent@openssh.com") has no such part.
 *
 * fields   parsed slices point into them; out parameters stay untouched on failure
 *
 * ERR_TRUNCATED, ERR_TOO_LONG, ERR_TRAILING: the peer broke the protocol. Ports come as they
 * are, past 65535 as well: to be refused, not to end the connection.
 */
#pragma once

#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define OPEN_HOST_LIMIT 1025u /* NI_MAXHOST */
#define OPEN_PATH_LIMIT 4096u /* more than sockaddr_un holds: refused later, with a reason */

/* No type-specific part. */
enum err open_nothing_parse(struct slice fields);

/*
 * RFC 4254 section 7.2, "direct-tcpip" (where to connect) and "forwarded-tcpip" (what was
 * connected): the same four fields.
 */
struct open_tcpip {
	struct slice host;
	uint32_t port;
	struct slice originator;
	uint32_t originator_port;
};

enum err open_tcpip_parse(struct slice fields, struct open_tcpip *out);
void open_tcpip_encode(struct writer *w, const struct open_tcpip *open);

/* direct-streamlocal@openssh.com: a path, and two fields reserved. */
enum err open_direct_streamlocal_parse(struct slice fields, struct slice *path);
void open_direct_streamlocal_encode(struct writer *w, struct slice path);

/* forwarded-streamlocal@openssh.com: a path, and one field reserved. */
enum err open_forwarded_streamlocal_parse(struct slice fields, struct slice *path);
void open_forwarded_streamlocal_encode(struct writer *w, struct slice path);

/* RFC 4254, section 6.3.2: "x11". */
struct open_x11 {
	struct slice originator;
	uint32_t originator_port;
};

enum err open_x11_parse(struct slice fields, struct open_x11 *out);
void open_x11_encode(struct writer *w, const struct open_x11 *open);

/* tun@openssh.com. */
enum { OPEN_TUN_POINT_TO_POINT = 1, OPEN_TUN_ETHERNET = 2 };
#define OPEN_TUN_ANY_UNIT 0x7fffffffu

struct open_tun {
	uint32_t mode; /* OPEN_TUN_*, not checked */
	uint32_t unit;
};

enum err open_tun_parse(struct slice fields, struct open_tun *out);
void open_tun_encode(struct writer *w, const struct open_tun *open);
