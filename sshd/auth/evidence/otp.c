#include "sshd/auth/evidence/otp.h"

#include <stdio.h>

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"

#define BLOCK_LIMIT 128u /* bytes of the longest block of a hash */

static size_t block_len(enum hash_kind kind)
{
	return kind == HASH_SHA512 ? 128 : 64;
}

static void wipe_key(uint8_t (*key)[BLOCK_LIMIT])
{
	explicit_bzero(*key, sizeof(*key));
}

static void wipe_digest(struct digest *digest)
{
	explicit_bzero(digest, sizeof(*digest));
}

static void mask(uint8_t key[static BLOCK_LIMIT], size_t len, uint8_t value)
{
	for (size_t i = 0; i < len; i++)
		key[i] ^= value;
}

/* RFC 2104. The secret is never longer than a block here, so it is not hashed first. */
static enum err hmac(const struct otp *otp, struct slice message, struct digest *out)
{
	AUTO(wipe_key) uint8_t key[BLOCK_LIMIT] = {0};
	AUTO(wipe_digest) struct digest inner = {0};
	size_t len = block_len(otp->hash);
	struct slice parts[2] = {slice_over(key, len), message};

	memcpy(key, otp->secret, otp->secret_len);
	mask(key, len, 0x36);
	TRY(hash_parts(otp->hash, parts, 2, &inner));
	mask(key, len, 0x36 ^ 0x5c);
	parts[1] = digest_view(&inner);
	return hash_parts(otp->hash, parts, 2, out);
}

static bool is_usable(const struct otp *otp)
{
	bool has_hash = otp->hash == HASH_SHA1 || otp->hash == HASH_SHA256 || otp->hash == HASH_SHA512;

	return has_hash && otp->digits >= OTP_DIGITS_LEAST && otp->digits <= OTP_DIGITS_MOST &&
	    otp->secret_len > 0 && otp->secret_len <= OTP_SECRET_LIMIT &&
	    (otp->kind == OTP_COUNTER || otp->period_s > 0);
}

/* RFC 4226, section 5.3: dynamic truncation. */
enum err otp_code(const struct otp *otp, uint64_t counter, char code[static OTP_DIGITS_MOST + 1])
{
	static const uint32_t powers[] = {
	    [6] = 1000000, [7] = 10000000, [8] = 100000000};
	AUTO(wipe_digest) struct digest digest = {0};
	uint8_t message[8];
	uint32_t number = 0;
	size_t offset;

	if (!is_usable(otp))
		return ERR_RANGE;
	for (unsigned i = 0; i < 8; i++)
		message[i] = (uint8_t)(counter >> (56 - 8 * i));
	TRY(hmac(otp, SLICE_OF(message), &digest));
	offset = digest.bytes[digest.len - 1] & 0xf;
	for (size_t i = 0; i < 4; i++)
		number = number << 8 | digest.bytes[offset + i];
	snprintf(code, OTP_DIGITS_MOST + 1, "%0*u", (int)otp->digits,
	    (number & 0x7fffffff) % powers[otp->digits]);
	return ERR_OK;
}

/* The counters that count now: `count` from `first` on. */
static void counters_now(const struct otp *otp, uint64_t now_s, uint64_t *first, unsigned *count)
{
	uint64_t step;

	if (otp->kind == OTP_COUNTER) {
		*first = otp->mark;
		*count = OTP_AHEAD_LIMIT;
		return;
	}
	step = now_s / otp->period_s;
	*first = step < OTP_DRIFT_STEPS ? 0 : step - OTP_DRIFT_STEPS;
	*count = (unsigned)(step + OTP_DRIFT_STEPS - *first) + 1;
}

enum err otp_check(const struct otp *otp, struct slice code, uint64_t now_s, enum verdict *verdict,
    uint64_t *mark)
{
	char expected[OTP_DIGITS_MOST + 1];
	uint64_t first, matched = 0;
	bool is_matched = false;
	unsigned count;

	if (!is_usable(otp))
		return ERR_RANGE;
	counters_now(otp, now_s, &first, &count);
	/* All of them, whichever it is. */
	for (unsigned i = 0; i < count; i++) {
		bool is_fresh = otp->kind == OTP_COUNTER || first + i > otp->mark;

		TRY(otp_code(otp, first + i, expected));
		if (equal_in_constant_time(slice_text(expected), code) && is_fresh && !is_matched) {
			is_matched = true;
			matched = first + i;
		}
	}
	explicit_bzero(expected, sizeof(expected));
	*verdict = is_matched ? PERMIT : DENY;
	if (is_matched)
		*mark = otp->kind == OTP_COUNTER ? matched + 1 : matched;
	return ERR_OK;
}
