#include "privsep/monitor/shadow.h"

#include <crypt.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <time.h>

#include "sshd/base/auto.h"
#include "sshd/base/buf.h"
#include "sshd/base/compare.h"

#define RECORD_SIZE     8192u
#define HASH_TEXT_LIMIT 512u
#define SECONDS_PER_DAY 86400

/* For accounts without a hash, when not even root has one: what shadow-utils makes by default. */
#define USUAL_SETTING "$y$j9T$abcdefghijklmnopqrstuv$"

enum shadow_age shadow_age_of(long last_change, long max, long inactive, long today)
{
	/* 0 is how administrators say "at the next login". */
	if (last_change == 0)
		return SHADOW_MUST_CHANGE;
	if (last_change < 0 || max < 0 || today <= last_change + max)
		return SHADOW_FRESH;
	if (inactive >= 0 && today > last_change + max + inactive)
		return SHADOW_TOO_OLD;
	return SHADOW_MUST_CHANGE;
}

struct record {
	char text[RECORD_SIZE];
	char hash[HASH_TEXT_LIMIT];
	enum shadow_age age;
	bool is_found;
};

/* A hash in passwd itself is honoured where there is no shadow entry. */
static void read_record(const char *name, struct record *record)
{
	struct spwd shadow, *found = NULL;
	struct passwd passwd, *plain = NULL;
	const char *hash = NULL;

	record->is_found = false;
	record->age = SHADOW_FRESH;
	if (getspnam_r(name, &shadow, record->text, sizeof(record->text), &found) == 0 && found != NULL) {
		hash = found->sp_pwdp;
		record->age = shadow_age_of(found->sp_lstchg, found->sp_max, found->sp_inact,
		    (long)(time(NULL) / SECONDS_PER_DAY));
	} else if (getpwnam_r(name, &passwd, record->text, sizeof(record->text), &plain) == 0 && plain != NULL) {
		hash = plain->pw_passwd;
	}
	if (hash == NULL || strlen(hash) >= sizeof(record->hash))
		return;
	memcpy(record->hash, hash, strlen(hash) + 1);
	record->is_found = true;
}

static void record_wipe(struct record **record)
{
	if (*record != NULL)
		explicit_bzero(*record, sizeof(**record));
	free(*record);
}

/* Nothing hashes to what does not begin like a hash: "!", "*", "x" and an empty one. */
static bool is_hash(const char *text)
{
	return strlen(text) >= 13 && text[0] != '!' && text[0] != '*';
}

static const char *setting_for_nobody(struct record *spare)
{
	read_record("root", spare);
	return spare->is_found && is_hash(spare->hash) ? spare->hash : USUAL_SETTING;
}

static void free_crypt_data(struct crypt_data **data)
{
	if (*data != NULL)
		explicit_bzero(*data, sizeof(**data));
	free(*data);
}

/* The password's hash under a setting, and whether it is the setting's own. */
static enum err hashes_to(const char *password, const char *setting, bool *is_same)
{
	AUTO(free_crypt_data) struct crypt_data *data = calloc(1, sizeof(*data));
	const char *hashed;

	*is_same = false;
	if (data == NULL)
		return ERR_NO_MEMORY;
	hashed = crypt_r(password, setting, data);
	if (hashed != NULL && hashed[0] != '*')
		*is_same = equal_in_constant_time(slice_text(hashed), slice_text(setting));
	return ERR_OK;
}

enum err shadow_check(const struct account *account, struct slice password, bool permits_empty,
    struct shadow_answer *answer)
{
	AUTO(record_wipe) struct record *record = calloc(1, sizeof(*record));
	AUTO(record_wipe) struct record *spare = calloc(1, sizeof(*spare));
	AUTO(buf_wipe) struct buf secret = buf_empty_secret(password.len + 1);
	struct shadow_answer weighed = {.verdict = DENY};
	const char *text = NULL, *setting;
	bool is_usable, is_same = false;

	if (record == NULL || spare == NULL)
		return ERR_NO_MEMORY;
	if (account->exists)
		read_record(account->name, record);
	is_usable = record->is_found && is_hash(record->hash);
	setting = is_usable ? record->hash : setting_for_nobody(spare);
	TRY(buf_append(&secret, password));
	/* A zero byte ends what crypt sees: nobody's password has one. */
	if (buf_c_string(&secret, &text) == ERR_OK)
		TRY(hashes_to(text, setting, &is_same));
	if (is_usable && is_same && (password.len > 0 || permits_empty))
		weighed.verdict = PERMIT;
	if (record->is_found && record->hash[0] == 0 && password.len == 0 && permits_empty)
		weighed.verdict = PERMIT;
	weighed.age = record->age;
	*answer = weighed;
	return ERR_OK;
}
