/* The records of one-time passwords on disk: root's alone, changed under a lock, by replacement. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"
#include "sshd/base/verdict.h"

struct otp_answer {
	enum verdict verdict;
	bool has_record;
	bool is_recovery;
	bool is_exhausted; /* no try is left for now */
	unsigned recovery_left;
};

/*
 * Is this the user's code? Whatever the try changes is on disk before the answer is: of two
 * processes that present the same code one gets it.
 *
 * ERR_NOT_FOUND: no record (answer.has_record is false). ERR_MODE: the directory or the record
 * is not root's alone. ERR_SYSTEM, ERR_MALFORMED and others: the record cannot be read or kept;
 * in all these cases the verdict is DENY.
 */
enum err otp_store_check(const char *directory, const char *user, struct slice code, uint64_t now_s,
    struct otp_answer *answer);
