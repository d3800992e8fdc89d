/* The listening sockets: bound by us or adopted from the service manager, and kept over reloads. */
#pragma once

#include <sys/socket.h>

#include "config/conf.h"
#include "sshd/base/loop.h"

#define SOCKETS_LIMIT 256u

struct listener;

struct listening {
	struct loop_source source;
	struct listener *listener;
	struct sockaddr_storage address;
	char rdomain[16];   /* "": none */
	bool is_adopted;
	bool is_dual;       /* adopted, for IPv6 and IPv4 */
	bool is_wanted;     /* while reconciling */
};

struct sockets {
	struct listening *rows[SOCKETS_LIMIT];
	size_t count;
};

/* What the service manager passed: descriptors `first` and following. */
struct inherited_sockets {
	int first, count;
	bool is_kept[SOCKETS_LIMIT]; /* bound by us before a restart, and so ours to close */
};

/* Takes them over. */
void sockets_adopt(struct listener *listener, const struct inherited_sockets *inherited);

/*
 * Binds what `conf` names and is not bound, closes what it names no longer. A socket that is
 * both before and after is not touched. What cannot be bound is logged.
 *
 * ERR_SYSTEM: not a single one is left.
 */
enum err sockets_reconcile(struct listener *listener, const struct conf *conf);

/* Watches or ignores all of them. */
void sockets_watch(struct listener *listener, bool is_watched);
void sockets_close(struct listener *listener);

/* Host and port as text for the log. */
#define ADDRESS_TEXT_SIZE 64
void address_format(const struct sockaddr *address, char host[static ADDRESS_TEXT_SIZE], char port[static 8]);
