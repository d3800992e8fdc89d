/* Counting tries: MaxAuthTries as OpenSSH counts, MaxKeyQueries apart. */
#pragma once

#include "sshd/auth/evidence/required.h"

enum attempt_result { RESULT_FAILED, RESULT_POSTPONED, RESULT_PARTIAL, RESULT_ACCEPTED };

struct attempts {
	unsigned limit;         /* MaxAuthTries */
	unsigned queries_limit; /* MaxKeyQueries; 0: a refused query is a failure like others */
	unsigned tried, failures, queries;
	unsigned decided; /* failures that were more than a question about a key */
};

/* The result of one request: counts it. DENY: that was one too many, the connection must end. */
enum verdict attempts_count(struct attempts *attempts, enum auth_method method,
    enum attempt_result result, bool is_query);

/* Before it is counted: OpenSSH shows a failure at INFO rather than VERBOSE when this says so. */
bool attempts_deserve_notice(const struct attempts *attempts, enum auth_method method,
    enum attempt_result result, bool is_known_user);
