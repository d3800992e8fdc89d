#include "sshd/sftp/attributes.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"

#define MODE_BITS       07777u
#define NEW_FILE_MODE   0666u
#define NEW_FOLDER_MODE 0777u

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6, the same on every architecture */
#endif

struct sftp_attributes sftp_attributes_of(const struct stat *st)
{
	return (struct sftp_attributes){
	    .flags = SSH_FILEXFER_ATTR_SIZE | SSH_FILEXFER_ATTR_UIDGID |
	             SSH_FILEXFER_ATTR_PERMISSIONS | SSH_FILEXFER_ATTR_ACMODTIME,
	    .size = (uint64_t)st->st_size,
	    .uid = st->st_uid,
	    .gid = st->st_gid,
	    .permissions = st->st_mode,
	    .atime = (uint32_t)st->st_atime,
	    .mtime = (uint32_t)st->st_mtime,
	};
}

mode_t sftp_mode_for_new(
    const struct sftp_session *session, const struct sftp_attributes *attributes, bool is_directory)
{
	const struct sftp_options *options = session->options;
	mode_t mode = is_directory ? NEW_FOLDER_MODE : NEW_FILE_MODE;

	if (is_directory && options->has_directory_mode)
		return options->directory_mode;
	if (!is_directory && options->has_file_mode)
		return options->file_mode;
	if (attributes->flags & SSH_FILEXFER_ATTR_PERMISSIONS)
		mode = attributes->permissions & MODE_BITS;
	return mode & ~session->mask;
}

/*
 * chmod of what a descriptor of O_PATH holds. fchmodat2 does it where the kernel has it; else
 * /proc, where there is one.
 */
static int chmod_held(int fd, mode_t mode)
{
	char path[32];

	if (fchmod(fd, mode) == 0)
		return 0;
	if (errno != EBADF)
		return -1;
	if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS && errno != EINVAL)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return chmod(path, mode);
}

static int chmod_place(const struct sftp_place *place, mode_t mode)
{
	if (place->flags & AT_EMPTY_PATH)
		return chmod_held(place->dir, mode);
	return fchmodat(place->dir, place->name, mode, place->flags);
}

/* With forced modes a client that asks for another gets the forced one. */
static mode_t mode_permitted(
    const struct sftp_options *options, const struct sftp_place *place, uint32_t asked)
{
	struct stat st;

	if (!options->has_file_mode && !options->has_directory_mode)
		return asked & MODE_BITS;
	if (fstatat(place->dir, place->name, &st, place->flags) != 0)
		return asked & MODE_BITS;
	if (S_ISREG(st.st_mode) && options->has_file_mode)
		return options->file_mode;
	if (S_ISDIR(st.st_mode) && options->has_directory_mode)
		return options->directory_mode;
	return asked & MODE_BITS;
}

int sftp_attributes_set(const struct sftp_session *session, const struct sftp_place *place,
    const struct sftp_attributes *a)
{
	const struct timespec times[2] = {{.tv_sec = a->atime}, {.tv_sec = a->mtime}};
	int error = 0;

	if (a->flags & SSH_FILEXFER_ATTR_PERMISSIONS &&
	    chmod_place(place, mode_permitted(session->options, place, a->permissions)) != 0)
		error = errno;
	if (a->flags & SSH_FILEXFER_ATTR_ACMODTIME &&
	    utimensat(place->dir, place->name, times, place->flags) != 0)
		error = errno;
	if (a->flags & SSH_FILEXFER_ATTR_UIDGID &&
	    fchownat(place->dir, place->name, a->uid, a->gid, place->flags) != 0)
		error = errno;
	return error;
}

static void log_set(const struct sftp_session *session, struct slice path, const char *what)
{
	SFTP_LOG(session, SFTP_SET, F("PATH", path), T("ATTRIBUTE", what));
}

void sftp_attributes_log(
    const struct sftp_session *session, struct slice path, const struct sftp_attributes *a)
{
	char text[64];
	time_t mtime = a->mtime;
	struct tm parts;

	if (!sftp_logs(session, EVENT_SFTP_SET))
		return;
	if (a->flags & SSH_FILEXFER_ATTR_SIZE) {
		snprintf(text, sizeof(text), "size %llu", (unsigned long long)a->size);
		log_set(session, path, text);
	}
	if (a->flags & SSH_FILEXFER_ATTR_PERMISSIONS) {
		snprintf(text, sizeof(text), "mode %04o", a->permissions & MODE_BITS);
		log_set(session, path, text);
	}
	if (a->flags & SSH_FILEXFER_ATTR_ACMODTIME && localtime_r(&mtime, &parts) != NULL) {
		strftime(text, sizeof(text), "modtime %Y%m%d-%H:%M:%S", &parts);
		log_set(session, path, text);
	}
	if (a->flags & SSH_FILEXFER_ATTR_UIDGID) {
		snprintf(text, sizeof(text), "owner %u group %u", a->uid, a->gid);
		log_set(session, path, text);
	}
}
