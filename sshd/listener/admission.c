#include "sshd/listener/admission.h"

#include <stdlib.h>

#include "sshd/base/auto.h"

void admission_wipe(struct admission *admission)
{
	free(admission->startups);
	*admission = (struct admission){.policy = admission->policy};
}

/* Random early drop: the chance rises in a straight line from rate at begin to 100 at full. */
static bool is_dropped(const struct admission_policy *policy, size_t count, unsigned random_percent)
{
	uint64_t chance;

	if (count < policy->begin)
		return false;
	if (count >= policy->full || policy->rate >= 100)
		return true;
	chance = (100 - policy->rate) * (uint64_t)(count - policy->begin) / (policy->full - policy->begin) +
	    policy->rate;
	return random_percent < chance;
}

enum admission_answer admission_ask(const struct admission *admission, const struct source *source,
    unsigned random_percent)
{
	const struct admission_policy *policy = &admission->policy;
	uint32_t of_source = 0;

	if (is_dropped(policy, admission->count, random_percent))
		return REFUSED_FULL;
	if (policy->per_source == PER_SOURCE_UNLIMITED)
		return ADMITTED;
	for (size_t i = 0; i < admission->count; i++)
		of_source += source_equal(&admission->startups[i].source, source);
	return of_source >= policy->per_source ? REFUSED_PER_SOURCE : ADMITTED;
}

enum err admission_begin(struct admission *admission, uint64_t connection, const struct source *source)
{
	if (admission->count == admission->capacity) {
		size_t capacity = admission->capacity == 0 ? 32 : admission->capacity * 2;
		struct startup *grown =
		    reallocarray(admission->startups, capacity, sizeof(*admission->startups));

		if (grown == NULL)
			return ERR_NO_MEMORY;
		admission->startups = grown;
		admission->capacity = capacity;
	}
	admission->startups[admission->count++] = (struct startup){connection, *source};
	return ERR_OK;
}

void admission_end(struct admission *admission, uint64_t connection)
{
	for (size_t i = 0; i < admission->count; i++) {
		if (admission->startups[i].connection == connection) {
			admission->startups[i] = admission->startups[--admission->count];
			return;
		}
	}
}
