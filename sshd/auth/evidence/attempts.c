#include "sshd/auth/evidence/attempts.h"

/* Queries that found the key cost work too: without a limit they are an oracle for free. */
#define QUERIES_PER_TRY 2u

enum verdict attempts_count(struct attempts *attempts, enum auth_method method,
    enum attempt_result result, bool is_query)
{
	unsigned queries_limit = attempts->queries_limit ? attempts->queries_limit
							 : QUERIES_PER_TRY * attempts->limit;

	attempts->tried++;
	if (is_query && ++attempts->queries > queries_limit)
		return DENY;
	if (result != RESULT_FAILED || (is_query && attempts->queries_limit > 0))
		return PERMIT;
	/* The first `none` only asks what there is. */
	if (method == METHOD_NONE && attempts->tried == 1)
		return PERMIT;
	attempts->failures++;
	if (!is_query)
		attempts->decided++;
	return attempts->failures >= attempts->limit ? DENY : PERMIT;
}

bool attempts_deserve_notice(const struct attempts *attempts, enum auth_method method,
    enum attempt_result result, bool is_known_user)
{
	return result == RESULT_ACCEPTED || !is_known_user || method == METHOD_PASSWORD ||
	    attempts->decided >= attempts->limit / 2;
}
