/* What time brings: deadlines of exchanges, rekeys, and buffers that nobody uses. */
#include "sshd/transport/state.h"

/* An exchange that both sides are in ends soon; a peer that is merely silent may be asleep. */
#define EXCHANGE_MS (60u * 1000)
#define OFFERED_MS  (15u * 60 * 1000)

/* Buffers that grew past this are given back after a second of silence. */
#define IDLE_MS    1000u
#define IDLE_BYTES (16u * 1024)

static uint64_t exchange_deadline_ms(const struct transport *t)
{
	if (t->phase == PHASE_OFFERED)
		return t->phase_since_ms + OFFERED_MS;
	return phase_is_exchanging(t->phase) ? t->phase_since_ms + EXCHANGE_MS : UINT64_MAX;
}

static bool has_idle_buffers(const struct transport *t)
{
	return inbox_is_idle(&t->in, IDLE_BYTES) || outbox_is_idle(&t->out, IDLE_BYTES);
}

static void free_idle_buffers(struct transport *t)
{
	if (inbox_is_idle(&t->in, IDLE_BYTES))
		inbox_shrink(&t->in);
	if (outbox_is_idle(&t->out, IDLE_BYTES))
		outbox_shrink(&t->out);
}

enum err transport_tick(struct transport *t, uint64_t now_ms)
{
	t->now_ms = now_ms;
	if (now_ms >= exchange_deadline_ms(t))
		return ERR_TIMEOUT;
	if (has_idle_buffers(t) && now_ms >= t->active_ms + IDLE_MS)
		free_idle_buffers(t);
	return ERR_OK;
}

uint64_t transport_deadline_ms(const struct transport *t)
{
	const struct rekey_policy policy = {t->settings.rekey_bytes, t->settings.rekey_seconds};
	uint64_t deadline = exchange_deadline_ms(t);

	if (t->phase == PHASE_OPEN && t->is_authenticated &&
	    rekey_due_ms(&policy, t->keyed_ms) < deadline)
		deadline = rekey_due_ms(&policy, t->keyed_ms);
	if (has_idle_buffers(t) && t->active_ms + IDLE_MS < deadline)
		deadline = t->active_ms + IDLE_MS;
	return deadline;
}
