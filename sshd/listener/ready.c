#include "sshd/listener/ready.h"

#include "config.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/listener.h"

#ifdef HAVE_SYSTEMD

#include <inttypes.h>
#include <systemd/sd-daemon.h>
#include <time.h>

int ready_inherited_sockets(int *count)
{
	int passed = sd_listen_fds(1);

	*count = passed > 0 ? passed : 0;
	return SD_LISTEN_FDS_START;
}

static size_t count_connections(const struct listener *listener)
{
	size_t count = 0;

	for (const struct connection *at = listener->connections; at != NULL; at = at->next)
		count++;
	return count;
}

/* `state`, and the one line that `systemctl status` shows. */
static void tell(const struct listener *listener, const char *state)
{
	const char *separator = listener->refusal[0] != 0 ? "; reload refused, the old configuration stays in force: " : "";

	sd_notifyf(0, "%s\nSTATUS=%zu listening sockets, %zu connections, %zu of them not logged in%s%s", state,
	    listener->sockets.count, count_connections(listener), listener->admission.count, separator,
	    listener->refusal);
}

void ready_serving(const struct listener *listener)
{
	tell(listener, "READY=1");
}

/* Type=notify-reload compares this clock with its own. */
void ready_reloading(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void ready_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

uint64_t ready_watchdog_ms(void)
{
	uint64_t timeout_us = 0;

	return sd_watchdog_enabled(0, &timeout_us) > 0 ? timeout_us / 2000 : 0;
}

void ready_feed_watchdog(const struct listener *listener)
{
	tell(listener, "WATCHDOG=1");
}

#else

int ready_inherited_sockets(int *count)
{
	*count = 0;
	return 3;
}

void ready_serving(const struct listener *listener)
{
	(void)listener;
}

void ready_reloading(void)
{
}

void ready_stopping(void)
{
}

uint64_t ready_watchdog_ms(void)
{
	return 0;
}

void ready_feed_watchdog(const struct listener *listener)
{
	(void)listener;
}

#endif
