/*
 * Whether a silent client is still there: ClientAliveInterval and ClientAliveCountMax. Pure: the
 * caller says what time it is and sends the probes. Any packet is a sign of life.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct keepalive {
	uint64_t interval_ms;  /* 0: never probe */
	unsigned count_max;    /* probes without an answer before giving up; 0: only probe */
	uint64_t probed_ms;    /* the last probe, or the last sign of life */
	uint64_t packet_count; /* when there was a sign of life */
	unsigned unanswered;
};

enum keepalive_verdict { KEEPALIVE_GIVE_UP, KEEPALIVE_QUIET, KEEPALIVE_PROBE };

void keepalive_init(
    struct keepalive *keepalive, uint64_t interval_ms, unsigned count_max, uint64_t now_ms);

/*
 * What to do now. PROBE is said once per interval: the caller sends a request that wants a reply.
 *
 * packet_count   packets received so far (transport_packets_received)
 */
enum keepalive_verdict keepalive_tick(
    struct keepalive *keepalive, uint64_t packet_count, uint64_t now_ms);

/* When to ask again; UINT64_MAX: never. */
uint64_t keepalive_deadline_ms(const struct keepalive *keepalive);
