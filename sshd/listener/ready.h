/* What the service manager is told and asks: readiness, status, watchdog, inherited sockets. */
#pragma once

#include <stdint.h>

struct listener;

/* Descriptors passed to us: the first number, and how many. */
int ready_inherited_sockets(int *count);

/* After start, and after each reload, taken or refused. */
void ready_serving(const struct listener *listener);
void ready_reloading(void);
void ready_stopping(void);

/* How often the watchdog wants to be fed, in milliseconds; 0: there is none. */
uint64_t ready_watchdog_ms(void);
void ready_feed_watchdog(const struct listener *listener);
