/* Requests about two names: renames and links. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

/* A call on an old and a new name: 0, or -1 with errno. */
typedef int between(const struct sftp_place *old, const struct sftp_place *new);

static void log_paths(
    const struct sftp_session *session, const char *name, const struct sftp_request *request)
{
	SFTP_LOG(session, SFTP_PATHS, T("REQUEST", name), F("PATH", request->path),
	    F("TARGET", request->target));
}

static enum sftp_status call_between(struct sftp_session *session,
    const struct sftp_request *request, struct sftp_reply *reply, between *call)
{
	AUTO(sftp_place_release) struct sftp_place old = {.owned = -1};
	AUTO(sftp_place_release) struct sftp_place new = {.owned = -1};

	if (sftp_place_of_name(&session->paths, request->path, &old) != ERR_OK ||
	    sftp_place_of_name(&session->paths, request->target, &new) != ERR_OK)
		return sftp_failed(reply);
	return sftp_result(reply, call(&old, &new));
}

/*
 * For file systems that cannot rename without replacing: a link refuses what exists; where there
 * are no links either, or for directories, only a look ahead is left.
 */
static int rename_in_steps(const struct sftp_place *old, const struct sftp_place *new)
{
	struct stat st;

	if (fstatat(old->dir, old->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	if (S_ISREG(st.st_mode)) {
		if (linkat(old->dir, old->name, new->dir, new->name, 0) == 0)
			return unlinkat(old->dir, old->name, 0);
		if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EPERM && errno != EMLINK)
			return -1;
	}
	if (fstatat(new->dir, new->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(old->dir, old->name, new->dir, new->name);
}

/* Draft section 6.5: "It is an error if there already exists a file with the name". */
static int rename_keeping(const struct sftp_place *old, const struct sftp_place *new)
{
	if (renameat2(old->dir, old->name, new->dir, new->name, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EINVAL || errno == ENOSYS ? rename_in_steps(old, new) : -1;
}

static int rename_replacing(const struct sftp_place *old, const struct sftp_place *new)
{
	return renameat(old->dir, old->name, new->dir, new->name);
}

static int link_hard(const struct sftp_place *old, const struct sftp_place *new)
{
	return linkat(old->dir, old->name, new->dir, new->name, 0);
}

enum sftp_status handle_rename(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	log_paths(session, "rename", request);
	return call_between(session, request, reply, rename_keeping);
}

enum sftp_status handle_posix_rename(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	log_paths(session, "posix-rename", request);
	return call_between(session, request, reply, rename_replacing);
}

enum sftp_status handle_hardlink(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	log_paths(session, "hardlink", request);
	return call_between(session, request, reply, link_hard);
}

/* The draft has linkpath before targetpath; OpenSSH has them the other way round, and so all
 * clients. */
enum sftp_status handle_symlink(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};
	char target[SFTP_PATH_ROOM];

	log_paths(session, "symlink", request);
	memcpy(target, request->path.ptr, request->path.len);
	target[request->path.len] = 0;
	if (sftp_place_of_name(&session->paths, request->target, &place) != ERR_OK)
		return sftp_failed(reply);
	return sftp_result(reply, symlinkat(target, place.dir, place.name));
}

enum sftp_status handle_readlink(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	char target[SFTP_PATH_ROOM];

	if (sftp_path_read_link(&session->paths, request->path, target) != ERR_OK)
		return sftp_failed(reply);
	return reply_name(reply, slice_text(target)) ? SSH_FX_OK : SSH_FX_FAILURE;
}

enum sftp_status handle_realpath(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	char resolved[SFTP_PATH_ROOM];

	if (sftp_path_resolve(&session->paths, request->path, resolved) != ERR_OK)
		return sftp_failed(reply);
	return reply_name(reply, slice_text(resolved)) ? SSH_FX_OK : SSH_FX_FAILURE;
}
