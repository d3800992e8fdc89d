#include "sshd/transport/keepalive.h"

void keepalive_init(
    struct keepalive *keepalive, uint64_t interval_ms, unsigned count_max, uint64_t now_ms)
{
	*keepalive = (struct keepalive){
	    .interval_ms = interval_ms,
	    .count_max = count_max,
	    .probed_ms = now_ms,
	};
}

static void note_life(struct keepalive *keepalive, uint64_t packet_count, uint64_t now_ms)
{
	keepalive->packet_count = packet_count;
	keepalive->probed_ms = now_ms;
	keepalive->unanswered = 0;
}

enum keepalive_verdict keepalive_tick(
    struct keepalive *keepalive, uint64_t packet_count, uint64_t now_ms)
{
	if (packet_count != keepalive->packet_count)
		note_life(keepalive, packet_count, now_ms);
	if (now_ms < keepalive_deadline_ms(keepalive))
		return KEEPALIVE_QUIET;
	/* The last probe had a whole interval to be answered. */
	if (keepalive->count_max > 0 && keepalive->unanswered >= keepalive->count_max)
		return KEEPALIVE_GIVE_UP;
	keepalive->unanswered++;
	keepalive->probed_ms = now_ms;
	return KEEPALIVE_PROBE;
}

uint64_t keepalive_deadline_ms(const struct keepalive *keepalive)
{
	if (keepalive->interval_ms == 0 ||
	    keepalive->interval_ms > UINT64_MAX - keepalive->probed_ms)
		return UINT64_MAX;
	return keepalive->probed_ms + keepalive->interval_ms;
}
