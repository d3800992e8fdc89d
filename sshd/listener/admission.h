/*
 * How many may be on their way to authentication at once (MaxStartups, PerSourceMaxStartups).
 * Pure: random numbers are parameters.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/listener/source.h"

#define PER_SOURCE_UNLIMITED UINT32_MAX

struct admission_policy {
	/* From `begin` on a part is refused, `rate` per cent first, all of them at `full`. */
	uint32_t begin, rate, full;
	uint32_t per_source;
};

struct admission {
	struct admission_policy policy;
	struct startup {
		uint64_t connection;
		struct source source;
	} *startups;
	size_t count, capacity;
};

enum admission_answer { REFUSED_FULL, REFUSED_PER_SOURCE, ADMITTED };

void admission_wipe(struct admission *admission);

/* random_percent   0 to 99, fresh for each question */
enum admission_answer admission_ask(const struct admission *admission, const struct source *source,
    unsigned random_percent);

/* A connection that was admitted begins, and ends by login or by going away. ERR_NO_MEMORY. */
enum err admission_begin(struct admission *admission, uint64_t connection, const struct source *source);
void admission_end(struct admission *admission, uint64_t connection);
