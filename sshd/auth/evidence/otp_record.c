#include "sshd/auth/evidence/otp_record.h"

#include <stdio.h>

#include "sshd/base/auto.h"
#include "sshd/base/compare.h"
#include "sshd/base/text.h"

void otp_record_wipe(struct otp_record *record)
{
	explicit_bzero(record, sizeof(*record));
}

/* ------------------------------------------------------------------- base32 */

static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

enum err base32_append(struct buf *out, struct slice bytes)
{
	uint32_t group = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		group = (group << 8 | bytes.ptr[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			TRY(buf_append(out, slice_over(&base32_digits[group >> (bits - 5) & 31], 1)));
	}
	if (bits > 0)
		return buf_append(out, slice_over(&base32_digits[group << (5 - bits) & 31], 1));
	return ERR_OK;
}

static int base32_value(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 32);
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

enum err base32_parse(struct slice text, struct buf *out)
{
	uint32_t group = 0;
	unsigned bits = 0;

	while (text.len > 0 && text.ptr[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		int value = base32_value(text.ptr[i]);
		uint8_t byte;

		if (text.ptr[i] == ' ')
			continue;
		if (value < 0)
			return ERR_MALFORMED;
		group = (group << 5 | (uint32_t)value) & 0xfff;
		bits += 5;
		if (bits < 8)
			continue;
		bits -= 8;
		byte = (uint8_t)(group >> bits);
		TRY(buf_append(out, slice_over(&byte, 1)));
	}
	return ERR_OK;
}

/* -------------------------------------------------------------------- parse */

static bool word_next(struct slice *line, struct slice *word)
{
	const uint8_t *blank = line->len > 0 ? memchr(line->ptr, ' ', line->len) : NULL;

	*word = slice_first(*line, blank ? (size_t)(blank - line->ptr) : line->len);
	*line = slice_after(*line, word->len + 1);
	return word->len > 0;
}

static enum err take_number(struct slice *line, uint64_t max, uint64_t *number)
{
	struct slice word;

	return word_next(line, &word) ? text_parse_u64(word, max, number) : ERR_MALFORMED;
}

static enum err take_unsigned(struct slice *line, unsigned max, unsigned *number)
{
	uint64_t value = 0;

	TRY(take_number(line, max, &value));
	*number = (unsigned)value;
	return ERR_OK;
}

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err take_hex(struct slice *line, struct span bytes)
{
	struct slice word;

	if (!word_next(line, &word) || word.len != 2 * bytes.len)
		return ERR_MALFORMED;
	for (size_t i = 0; i < bytes.len; i++) {
		int high = hex_value(word.ptr[2 * i]), low = hex_value(word.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return ERR_MALFORMED;
		bytes.ptr[i] = (uint8_t)(high << 4 | low);
	}
	return ERR_OK;
}

static enum err take_kind(struct otp_record *record, struct slice *line)
{
	struct slice word;

	if (!word_next(line, &word) || (!slice_is(word, "totp") && !slice_is(word, "hotp")))
		return ERR_MALFORMED;
	record->otp.kind = slice_is(word, "totp") ? OTP_TIME : OTP_COUNTER;
	return ERR_OK;
}

static const struct {
	const char *name;
	enum hash_kind hash;
} hashes[] = {{"sha1", HASH_SHA1}, {"sha256", HASH_SHA256}, {"sha512", HASH_SHA512}};

static enum err take_hash(struct otp_record *record, struct slice *line)
{
	struct slice word;

	if (!word_next(line, &word))
		return ERR_MALFORMED;
	for (size_t i = 0; i < COUNT_OF(hashes); i++) {
		if (slice_is(word, hashes[i].name)) {
			record->otp.hash = hashes[i].hash;
			return ERR_OK;
		}
	}
	return ERR_MALFORMED;
}

static enum err take_digits(struct otp_record *record, struct slice *line)
{
	return take_unsigned(line, OTP_DIGITS_MOST, &record->otp.digits);
}

static enum err take_period(struct otp_record *record, struct slice *line)
{
	return take_unsigned(line, 3600, &record->otp.period_s);
}

static enum err take_secret(struct otp_record *record, struct slice *line)
{
	AUTO(buf_wipe) struct buf secret = buf_empty_secret(OTP_SECRET_LIMIT);
	struct slice word;

	if (!word_next(line, &word))
		return ERR_MALFORMED;
	TRY(base32_parse(word, &secret));
	memcpy(record->otp.secret, buf_view(&secret).ptr, buf_len(&secret));
	record->otp.secret_len = buf_len(&secret);
	return ERR_OK;
}

static enum err take_mark(struct otp_record *record, struct slice *line)
{
	return take_number(line, UINT64_MAX - OTP_AHEAD_LIMIT - 1, &record->otp.mark);
}

static enum err take_budget(struct otp_record *record, struct slice *line)
{
	TRY(take_unsigned(line, OTP_BUDGET_FULL, &record->budget));
	return take_number(line, UINT64_MAX, &record->budget_at_s);
}

static enum err take_recovery(struct otp_record *record, struct slice *line)
{
	struct otp_recovery *recovery = &record->recovery[record->recovery_count];

	if (record->recovery_count == OTP_RECOVERY_LIMIT)
		return ERR_LIMIT;
	TRY(take_hex(line, (struct span){recovery->salt, sizeof(recovery->salt)}));
	TRY(take_hex(line, (struct span){recovery->digest, sizeof(recovery->digest)}));
	record->recovery_count++;
	return ERR_OK;
}

static const struct {
	const char *name;
	enum err (*take)(struct otp_record *record, struct slice *line);
	bool is_repeatable;
	bool is_optional;
} rows[] = {
    {"kind", take_kind, false, false},
    {"hash", take_hash, false, false},
    {"digits", take_digits, false, false},
    {"period", take_period, false, true},
    {"secret", take_secret, false, false},
    {"mark", take_mark, false, false},
    {"budget", take_budget, false, false},
    {"recovery", take_recovery, true, true},
};

static enum err take_line(struct otp_record *record, struct slice line, uint32_t *seen)
{
	struct slice name;

	if (!word_next(&line, &name))
		return ERR_MALFORMED;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!slice_is(name, rows[i].name))
			continue;
		if (*seen & 1u << i && !rows[i].is_repeatable)
			return ERR_MALFORMED;
		*seen |= 1u << i;
		TRY(rows[i].take(record, &line));
		return line.len == 0 ? ERR_OK : ERR_MALFORMED;
	}
	return ERR_MALFORMED;
}

static enum err check(const struct otp_record *record, uint32_t seen)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (!rows[i].is_optional && !(seen & 1u << i))
			return ERR_MALFORMED;
	if (record->otp.digits < OTP_DIGITS_LEAST || record->otp.secret_len == 0 ||
	    (record->otp.kind == OTP_TIME && record->otp.period_s == 0))
		return ERR_RANGE;
	return ERR_OK;
}

enum err otp_record_parse(struct slice text, struct otp_record *record)
{
	AUTO(otp_record_wipe) struct otp_record parsed = {0};
	uint32_t seen = 0;
	bool is_first = true;

	while (text.len > 0) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		struct slice line;

		/* A record that was cut off is none. */
		if (end == NULL)
			return ERR_MALFORMED;
		line = slice_first(text, (size_t)(end - text.ptr));
		text = slice_after(text, line.len + 1);
		if (is_first && !slice_is(line, "sekisho-otp 1"))
			return ERR_MALFORMED;
		if (!is_first)
			TRY(take_line(&parsed, line, &seen));
		is_first = false;
	}
	TRY(check(&parsed, seen));
	*record = parsed;
	return ERR_OK;
}

/* ------------------------------------------------------------------- encode */

static const char *hash_name(enum hash_kind hash)
{
	for (size_t i = 0; i < COUNT_OF(hashes); i++)
		if (hashes[i].hash == hash)
			return hashes[i].name;
	return "none";
}

enum err otp_record_encode(const struct otp_record *record, struct buf *out)
{
	const struct otp *otp = &record->otp;

	TRY(buf_append_format(out, "sekisho-otp 1\nkind %s\nhash %s\ndigits %u\n",
	    otp->kind == OTP_TIME ? "totp" : "hotp", hash_name(otp->hash), otp->digits));
	if (otp->kind == OTP_TIME)
		TRY(buf_append_format(out, "period %u\n", otp->period_s));
	TRY(buf_append_text(out, "secret "));
	TRY(base32_append(out, slice_over(otp->secret, otp->secret_len)));
	TRY(buf_append_format(out, "\nmark %llu\nbudget %u %llu\n", (unsigned long long)otp->mark, record->budget,
	    (unsigned long long)record->budget_at_s));
	for (unsigned i = 0; i < record->recovery_count; i++) {
		TRY(buf_append_text(out, "recovery "));
		TRY(text_append_hex(out, SLICE_OF(record->recovery[i].salt)));
		TRY(buf_append_text(out, " "));
		TRY(text_append_hex(out, SLICE_OF(record->recovery[i].digest)));
		TRY(buf_append_text(out, "\n"));
	}
	return ERR_OK;
}

/* ----------------------------------------------------------------------- try */

/* What is left now: a clock that went back gives nothing and takes nothing. */
static uint32_t budget_now(const struct otp_record *record, uint64_t now_s)
{
	uint64_t gained = now_s > record->budget_at_s ? (now_s - record->budget_at_s) / OTP_BUDGET_EACH_S : 0;

	return gained >= OTP_BUDGET_FULL - record->budget ? OTP_BUDGET_FULL : record->budget + (uint32_t)gained;
}

bool otp_record_has_budget(const struct otp_record *record, uint64_t now_s)
{
	return budget_now(record, now_s) > 0;
}

/* What people type in between, and letters of either case. */
static struct slice normalize(struct slice code, struct span room)
{
	size_t len = 0;

	for (size_t i = 0; i < code.len && len < room.len; i++) {
		uint8_t c = code.ptr[i];

		if (c == ' ' || c == '-' || c == '\t')
			continue;
		room.ptr[len++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
	}
	return slice_over(room.ptr, len);
}

static enum err recovery_digest(struct slice code, struct slice salt, struct digest *digest)
{
	const struct slice parts[] = {salt, code};

	return hash_parts(HASH_SHA256, parts, COUNT_OF(parts), digest);
}

/* The position of the recovery code, or recovery_count. All are compared, whichever it is. */
static enum err find_recovery(const struct otp_record *record, struct slice code, unsigned *found)
{
	*found = record->recovery_count;
	for (unsigned i = 0; i < record->recovery_count; i++) {
		struct digest digest;

		TRY(recovery_digest(code, SLICE_OF(record->recovery[i].salt), &digest));
		if (equal_in_constant_time(digest_view(&digest), SLICE_OF(record->recovery[i].digest)))
			*found = i;
	}
	return ERR_OK;
}

static void use_up(struct otp_record *record, unsigned position)
{
	record->recovery[position] = record->recovery[--record->recovery_count];
	explicit_bzero(&record->recovery[record->recovery_count], sizeof(record->recovery[0]));
}

static enum err match(struct otp_record *record, struct slice code, uint64_t now_s, enum verdict *verdict,
    bool *is_recovery)
{
	unsigned position = 0;

	TRY(otp_check(&record->otp, code, now_s, verdict, &record->otp.mark));
	TRY(find_recovery(record, code, &position));
	if (*verdict == PERMIT || position == record->recovery_count || code.len != OTP_RECOVERY_CODE_LEN)
		return ERR_OK;
	use_up(record, position);
	*is_recovery = true;
	*verdict = PERMIT;
	return ERR_OK;
}

enum err otp_record_try(struct otp_record *record, struct slice code, uint64_t now_s, enum verdict *verdict,
    bool *is_recovery)
{
	uint8_t room[64] = {0};
	uint32_t budget = budget_now(record, now_s);
	enum verdict matched = DENY;
	enum err err = ERR_OK;

	*verdict = DENY;
	*is_recovery = false;
	if (budget > 0) {
		record->budget = budget - 1;
		/* What was gained in part of the time to the next one is kept. */
		record->budget_at_s = budget == OTP_BUDGET_FULL
					  ? now_s
					  : record->budget_at_s + (now_s - record->budget_at_s) / OTP_BUDGET_EACH_S *
							OTP_BUDGET_EACH_S;
		err = match(record, normalize(code, (struct span){room, sizeof(room)}), now_s, &matched, is_recovery);
	}
	explicit_bzero(room, sizeof(room));
	TRY(err);
	if (matched == PERMIT)
		record->budget = OTP_BUDGET_FULL;
	*verdict = matched;
	return ERR_OK;
}

enum err otp_record_add_recovery(struct otp_record *record, struct slice code, struct slice salt)
{
	struct otp_recovery *recovery = &record->recovery[record->recovery_count];
	uint8_t room[64];
	struct digest digest;

	if (record->recovery_count == OTP_RECOVERY_LIMIT || salt.len != sizeof(recovery->salt))
		return ERR_LIMIT;
	TRY(recovery_digest(normalize(code, (struct span){room, sizeof(room)}), salt, &digest));
	memcpy(recovery->salt, salt.ptr, salt.len);
	memcpy(recovery->digest, digest.bytes, sizeof(recovery->digest));
	record->recovery_count++;
	explicit_bzero(room, sizeof(room));
	return ERR_OK;
}

/* --------------------------------------------------------------------- names */

/* Letters, digits and a few others stand for themselves, everything else as %XX: no name is a path. */
static enum err append_safe(const char *user, char *name, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-@+";
	size_t len = 0;

	for (const char *c = user; *c != 0; c++) {
		bool is_plain = strchr(plain, *c) != NULL || (*c == '.' && c != user);
		int written = snprintf(name + len, size - len, is_plain ? "%c" : "%%%02X",
		    is_plain ? *c : (unsigned char)*c);

		if (written < 0 || (size_t)written >= size - len)
			return ERR_TOO_LONG;
		len += (size_t)written;
	}
	return len > 0 ? ERR_OK : ERR_MALFORMED;
}

enum err otp_file_name(const char *user, char name[static OTP_FILE_NAME_SIZE])
{
	return append_safe(user, name, OTP_FILE_NAME_SIZE);
}

/* No record's name begins with a dot. */
enum err otp_lock_name(const char *user, char name[static OTP_FILE_NAME_SIZE])
{
	memcpy(name, ".lock.", 7);
	return append_safe(user, name + 6, OTP_FILE_NAME_SIZE - 6);
}
