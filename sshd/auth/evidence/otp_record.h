/*
 * What is kept of a user's second factor: one file per user in the directory of records, owned
 * by root and readable by nobody else. A record is changed under the lock beside it and by
 * replacing the file, so that the old or the new one is there, never a part.
 *
 *     sekisho-otp 1
 *     kind totp            (or hotp)
 *     hash sha1            (sha256, sha512)
 *     digits 6
 *     period 30            (totp)
 *     secret BASE32
 *     mark 58423412        (otp.h)
 *     budget 10 1750000000 (tries left, and when that was so)
 *     recovery SALT DIGEST (hex; one line for each code that is left)
 */
#pragma once

#include "sshd/auth/evidence/otp.h"
#include "sshd/base/buf.h"

#define OTP_RECORD_LIMIT       8192u
#define OTP_RECOVERY_LIMIT     16u
#define OTP_RECOVERY_SALT_LEN  16u
#define OTP_RECOVERY_CODE_LEN  16u /* characters, without the hyphens that people like */
#define OTP_FILE_NAME_SIZE     800u

/* So many tries at once, then one in so many seconds. */
#define OTP_BUDGET_FULL   10u
#define OTP_BUDGET_EACH_S 30u

struct otp_recovery {
	uint8_t salt[OTP_RECOVERY_SALT_LEN];
	uint8_t digest[32];
};

struct otp_record {
	struct otp otp;
	uint32_t budget;     /* tries left at budget_at_s */
	uint64_t budget_at_s;
	struct otp_recovery recovery[OTP_RECOVERY_LIMIT];
	unsigned recovery_count;
};

void otp_record_wipe(struct otp_record *record); /* for AUTO */

/* ERR_MALFORMED: not a record. ERR_RANGE: values that otp.h does not take. ERR_LIMIT. */
enum err otp_record_parse(struct slice text, struct otp_record *record);
enum err otp_record_encode(const struct otp_record *record, struct buf *out);

/*
 * A try: takes one from the budget, compares the code with those of now and with the recovery
 * codes, and uses up the one it is. Blanks and hyphens in the code do not count.
 *
 * record    changed in any case: it must be kept before the answer is given
 * verdict   PERMIT: the code was good
 * recovery  whether it was a recovery code
 * ERR_CRYPTO
 */
enum err otp_record_try(struct otp_record *record, struct slice code, uint64_t now_s, enum verdict *verdict,
    bool *is_recovery);

/* Whether a try is left now. */
bool otp_record_has_budget(const struct otp_record *record, uint64_t now_s);

/* Adds a recovery code, of which only a salted digest is kept. `salt` is random. ERR_LIMIT, ERR_CRYPTO. */
enum err otp_record_add_recovery(struct otp_record *record, struct slice code, struct slice salt);

/* The name of a user's record, and of its lock, within the directory. ERR_TOO_LONG. */
enum err otp_file_name(const char *user, char name[static OTP_FILE_NAME_SIZE]);
enum err otp_lock_name(const char *user, char name[static OTP_FILE_NAME_SIZE]);

/* RFC 4648 section 6; decoding takes either case, padding or none, and blanks between. ERR_MALFORMED. */
enum err base32_append(struct buf *out, struct slice bytes);
enum err base32_parse(struct slice text, struct buf *out);
