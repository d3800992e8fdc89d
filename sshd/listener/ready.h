/* What the service manager is told and asks: readiness, status, watchdog, inherited sockets. */
#pragma once

#include <stdint.h>

#include "sshd/listener/sockets.h"

struct listener;

/* Descriptors passed to us, by number. */
void ready_inherited_sockets(struct inherited_sockets *inherited);

/* Gives the service manager our own sockets to keep over a restart, instead of those it has. */
void ready_keep_sockets(const struct sockets *sockets);

/* After start, and after each reload, taken or refused. */
void ready_serving(const struct listener *listener);
void ready_reloading(void);
void ready_stopping(void);

/* How often the watchdog wants to be fed, in milliseconds; 0: there is none. */
uint64_t ready_watchdog_ms(void);
void ready_feed_watchdog(const struct listener *listener);
