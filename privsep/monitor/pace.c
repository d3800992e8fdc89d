#include "privsep/monitor/pace.h"

struct pace pace_begin(uint32_t burst, uint32_t token_ms, uint64_t now_ms)
{
	return (struct pace){
	    .burst = burst,
	    .token_ms = token_ms,
	    .credit_ms = (uint64_t)burst * token_ms,
	    .last_ms = now_ms,
	};
}

/* last_ms may lie ahead: it is when the last token that was promised falls due. */
static void refill(struct pace *pace, uint64_t now_ms)
{
	uint64_t full = (uint64_t)pace->burst * pace->token_ms;

	if (now_ms > pace->last_ms) {
		pace->credit_ms += now_ms - pace->last_ms;
		pace->last_ms = now_ms;
	}
	if (pace->credit_ms > full)
		pace->credit_ms = full;
}

bool pace_try(struct pace *pace, uint64_t now_ms)
{
	refill(pace, now_ms);
	if (pace->credit_ms < pace->token_ms)
		return false;
	pace->credit_ms -= pace->token_ms;
	return true;
}

uint64_t pace_take(struct pace *pace, uint64_t now_ms)
{
	if (!pace_try(pace, now_ms)) {
		pace->last_ms += pace->token_ms - pace->credit_ms;
		pace->credit_ms = 0;
	}
	return pace->last_ms > now_ms ? pace->last_ms - now_ms : 0;
}

uint64_t reply_due_ms(struct reply_grid grid, uint64_t asked_ms, uint64_t now_ms, uint64_t wanted_ms)
{
	uint64_t elapsed = now_ms > asked_ms ? now_ms - asked_ms : 0;
	uint64_t steps = 0;

	if (wanted_ms > elapsed)
		elapsed = wanted_ms;
	if (elapsed > grid.base_ms)
		steps = (elapsed - grid.base_ms + grid.step_ms - 1) / grid.step_ms;
	return asked_ms + grid.base_ms + steps * grid.step_ms;
}
