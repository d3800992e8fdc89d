#include "sshd/listener/ready.h"

#include "config.h"
#include "sshd/listener/connection.h"
#include "sshd/listener/listener.h"

#ifdef HAVE_SYSTEMD

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define KEPT_NAME "sekisho-listening"

void ready_inherited_sockets(struct inherited_sockets *inherited)
{
	char **names = NULL;
	int passed = sd_listen_fds_with_names(1, &names);

	*inherited = (struct inherited_sockets){.first = SD_LISTEN_FDS_START, .count = passed > 0 ? passed : 0};
	for (int i = 0; i < inherited->count; i++) {
		if (i < (int)SOCKETS_LIMIT)
			inherited->is_kept[i] = strcmp(names[i], KEPT_NAME) == 0;
		free(names[i]);
	}
	free(names);
}

/* One at a time: a message holds fewer descriptors than we may have sockets. */
void ready_keep_sockets(const struct sockets *sockets)
{
	sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=" KEPT_NAME);
	for (size_t i = 0; i < sockets->count; i++) {
		const struct listening *row = sockets->rows[i];

		if (!row->is_adopted && row->source.fd >= 0)
			sd_pid_notify_with_fds(0, 0, "FDSTORE=1\nFDNAME=" KEPT_NAME, &row->source.fd, 1);
	}
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

void ready_inherited_sockets(struct inherited_sockets *inherited)
{
	*inherited = (struct inherited_sockets){.first = 3};
}

void ready_keep_sockets(const struct sockets *sockets)
{
	(void)sockets;
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
