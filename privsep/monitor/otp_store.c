#include "privsep/monitor/otp_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sshd/auth/evidence/otp_record.h"
#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/base/file.h"

/* The account that runs this, which is root but for one who serves himself. */
static bool is_ours_alone(int fd, mode_t forbidden)
{
	struct stat facts;

	return fstat(fd, &facts) == 0 && facts.st_uid == geteuid() && (facts.st_mode & forbidden) == 0;
}

static enum err open_directory(const char *path, int *out)
{
	AUTO(fd_release) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	if (!is_ours_alone(fd, S_IWGRP | S_IWOTH))
		return ERR_MODE;
	*out = TAKE_FD(fd);
	return ERR_OK;
}

/* Held until it is closed; others wait their turn, which is short. */
static enum err lock(int directory, const char *user, int *out)
{
	char name[OTP_FILE_NAME_SIZE];
	AUTO(fd_release) int fd = -1;

	TRY(otp_lock_name(user, name));
	fd = openat(directory, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_SYSTEM;
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return ERR_SYSTEM;
	*out = TAKE_FD(fd);
	return ERR_OK;
}

static enum err read_record(int directory, const char *name, struct otp_record *record)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(OTP_RECORD_LIMIT);
	AUTO(fd_release) int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	if (!is_ours_alone(fd, S_IRWXG | S_IRWXO))
		return ERR_MODE;
	TRY(file_read(fd, &text));
	return otp_record_parse(buf_view(&text), record);
}

static enum err keep_record(int directory, const char *name, const struct otp_record *record)
{
	AUTO(buf_wipe) struct buf text = buf_empty_secret(OTP_RECORD_LIMIT);

	TRY(otp_record_encode(record, &text));
	return file_replace(directory, name, buf_view(&text), 0600);
}

static enum err check(int directory, const char *user, struct slice code, uint64_t now_s,
    struct otp_answer *answer)
{
	AUTO(otp_record_wipe) struct otp_record record = {0};
	AUTO(fd_release) int held = -1;
	char name[OTP_FILE_NAME_SIZE];
	enum verdict verdict = DENY;

	TRY(otp_file_name(user, name));
	/* Without a record there is nothing to lock, and nothing to be made for any name that is tried. */
	if (faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM;
	TRY(lock(directory, user, &held));
	TRY(read_record(directory, name, &record));
	answer->has_record = true;
	answer->is_exhausted = !otp_record_has_budget(&record, now_s);
	if (answer->is_exhausted)
		return ERR_OK;
	TRY(otp_record_try(&record, code, now_s, &verdict, &answer->is_recovery));
	TRY(keep_record(directory, name, &record));
	answer->recovery_left = record.recovery_count;
	answer->verdict = verdict;
	return ERR_OK;
}

enum err otp_store_check(const char *directory, const char *user, struct slice code, uint64_t now_s,
    struct otp_answer *answer)
{
	AUTO(fd_release) int fd = -1;

	*answer = (struct otp_answer){.verdict = DENY};
	TRY(open_directory(directory, &fd));
	return check(fd, user, code, now_s, answer);
}
