/* One-time codes: HOTP (RFC 4226) and TOTP (RFC 6238), and which of them still count. */
#pragma once

#include "sshd/auth/evidence/verdict.h"
#include "sshd/crypto/hash.h"

#define OTP_SECRET_LIMIT  64u /* bytes */
#define OTP_DIGITS_LEAST  6u
#define OTP_DIGITS_MOST   8u
#define OTP_DRIFT_STEPS   1u  /* TOTP: so many before and behind now */
#define OTP_AHEAD_LIMIT   10u /* HOTP: so many codes may have been made and not used */

enum otp_kind { OTP_TIME, OTP_COUNTER };

struct otp {
	enum otp_kind kind;
	enum hash_kind hash; /* SHA-1, SHA-256 or SHA-512 */
	unsigned digits;
	unsigned period_s;   /* OTP_TIME */
	uint8_t secret[OTP_SECRET_LIMIT];
	size_t secret_len;
	/*
	 * OTP_TIME: the step of the last code that was taken; OTP_COUNTER: the counter that is next.
	 * No code at or before (below) it counts ever again.
	 */
	uint64_t mark;
};

/* The code of this counter, `digits` decimal digits and a zero byte. ERR_CRYPTO, ERR_RANGE. */
enum err otp_code(const struct otp *otp, uint64_t counter, char code[static OTP_DIGITS_MOST + 1]);

/*
 * Is this one of the codes that count now?
 *
 * mark   what otp.mark becomes when the code is taken; set with PERMIT only
 * The time taken does not depend on which code it was. ERR_CRYPTO, ERR_RANGE.
 */
enum err otp_check(const struct otp *otp, struct slice code, uint64_t now_s, enum verdict *verdict,
    uint64_t *mark);
