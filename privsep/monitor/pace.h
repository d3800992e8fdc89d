/* When an answer may leave: rekeying by a token bucket, refusals on a grid of times. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A token bucket: so many at once, then one every token_ms. */
struct pace {
	uint32_t burst, token_ms;
	uint64_t credit_ms; /* what is saved up: token_ms per token */
	uint64_t last_ms;
};

struct pace pace_begin(uint32_t burst, uint32_t token_ms, uint64_t now_ms);

/* Takes a token, if need be one that is still to come: how long its holder has to wait. */
uint64_t pace_take(struct pace *pace, uint64_t now_ms);

/* Takes a token if there is one. */
bool pace_try(struct pace *pace, uint64_t now_ms);

/*
 * Refusals leave at base_ms after the question and then at every step_ms behind that, so
 * that how long the answer took cannot be seen.
 */
struct reply_grid {
	uint32_t base_ms, step_ms;
};

/* `delay_ms` is 1000 but in tests. */
#define GRID_OF_ATTEMPTS(delay_ms) ((struct reply_grid){(delay_ms), (delay_ms) / 2 + 1})
#define GRID_OF_QUERIES  ((struct reply_grid){20, 20})

/*
 * The moment for a refusal of a question that came at asked_ms.
 *
 * wanted_ms  a delay that something else asks for (a PAM module), counted from asked_ms
 */
uint64_t reply_due_ms(struct reply_grid grid, uint64_t asked_ms, uint64_t now_ms, uint64_t wanted_ms);
