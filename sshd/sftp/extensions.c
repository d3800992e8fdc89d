/* What OpenSSH added to the draft, as its PROTOCOL document lays it out. */
#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

#define STATVFS_RDONLY 1u
#define STATVFS_NOSUID 2u

static enum sftp_status reply_statvfs(struct sftp_reply *reply, const struct statvfs *st)
{
	const uint64_t fields[] = {
	    st->f_bsize,
	    st->f_frsize,
	    st->f_blocks,
	    st->f_bfree,
	    st->f_bavail,
	    st->f_files,
	    st->f_ffree,
	    st->f_favail,
	    st->f_fsid,
	    (st->f_flag & ST_RDONLY ? STATVFS_RDONLY : 0) |
	        (st->f_flag & ST_NOSUID ? STATVFS_NOSUID : 0),
	    st->f_namemax,
	};

	if (!reply_begin(reply, SSH_FXP_EXTENDED_REPLY, sizeof(fields)))
		return SSH_FX_FAILURE;
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		write_u64(&reply->w, fields[i]);
	return reply_end(reply) ? SSH_FX_OK : SSH_FX_FAILURE;
}

enum sftp_status handle_statvfs(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};
	struct statvfs st;

	if (sftp_place_of(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	if ((place.flags & AT_EMPTY_PATH ? fstatvfs(place.dir, &st) : statvfs(place.name, &st)) !=
	    0)
		return sftp_failed(reply);
	return reply_statvfs(reply, &st);
}

enum sftp_status handle_fstatvfs(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_UNUSED);
	struct statvfs st;

	if (handle == NULL)
		return SSH_FX_FAILURE;
	if (fstatvfs(handle->fd, &st) != 0)
		return sftp_failed(reply);
	return reply_statvfs(reply, &st);
}

enum sftp_status handle_fsync(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_FILE);

	if (handle == NULL)
		return SSH_FX_NO_SUCH_FILE;
	SFTP_LOG(session, SFTP_PATH, T("REQUEST", "fsync"), T("PATH", handle->path));
	return sftp_result(reply, fsync(handle->fd));
}

enum sftp_status handle_limits(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	(void)request;
	if (!reply_begin(reply, SSH_FXP_EXTENDED_REPLY, 4 * sizeof(uint64_t)))
		return SSH_FX_FAILURE;
	write_u64(&reply->w, SFTP_PACKET_LIMIT);
	write_u64(&reply->w, SFTP_READ_LIMIT);
	write_u64(&reply->w, SFTP_READ_LIMIT); /* a WRITE holds as much */
	write_u64(&reply->w, session->handles.limit);
	return reply_end(reply) ? SSH_FX_OK : SSH_FX_FAILURE;
}

static enum err find_home(const struct sftp_session *session, struct slice user, struct buf *home)
{
	struct sftp_names *names = session->names.names;

	/* A home lies outside the jail, or under another name inside it. */
	if (names == NULL || session->paths.jail >= 0)
		return ERR_NOT_FOUND;
	return names->find_home(names, user, home);
}

enum sftp_status handle_home_directory(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(buf_wipe) struct buf home = buf_empty(SFTP_PATH_LIMIT);
	bool is_own = slice_is(request->path, session->options->user);

	if (session->paths.jail >= 0 && is_own)
		return reply_name(reply, slice_text(session->paths.start)) ? SSH_FX_OK
		                                                           : SSH_FX_FAILURE;
	if (find_home(session, request->path, &home) != ERR_OK)
		return SSH_FX_FAILURE;
	return reply_name(reply, buf_view(&home)) ? SSH_FX_OK : SSH_FX_FAILURE;
}

/* "~/x" is x where relative paths begin, "~user/x" is x in that user's home. */
static enum err expand_tilde(
    const struct sftp_session *session, struct slice path, struct buf *expanded)
{
	size_t len = 1;

	if (path.len == 0 || path.ptr[0] != '~')
		return buf_append(expanded, path);
	while (len < path.len && path.ptr[len] != '/')
		len++;
	if (len == 1) {
		TRY(buf_append_text(expanded, "."));
	} else {
		TRY(find_home(session, slice_over(path.ptr + 1, len - 1), expanded));
	}
	return buf_append(expanded, slice_after(path, len));
}

enum sftp_status handle_expand_path(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(buf_wipe) struct buf expanded = buf_empty(SFTP_PATH_LIMIT);
	char resolved[SFTP_PATH_ROOM];
	enum err err = expand_tilde(session, request->path, &expanded);

	if (err == ERR_NOT_FOUND) {
		reply->detail = "No such user";
		return SSH_FX_NO_SUCH_FILE;
	}
	if (err != ERR_OK)
		return SSH_FX_FAILURE;
	if (sftp_path_resolve(&session->paths, buf_view(&expanded), resolved) != ERR_OK)
		return sftp_failed(reply);
	return reply_name(reply, slice_text(resolved)) ? SSH_FX_OK : SSH_FX_FAILURE;
}

/* An unknown id has an empty name. */
static void write_names(
    struct sftp_session *session, struct writer *w, enum sftp_name_kind kind, struct slice ids)
{
	struct reader r = reader_over(ids);
	size_t position = write_string_begin(w);

	while (r.left.len >= 4 && w->err == ERR_OK) {
		const char *name = sftp_name_find(&session->names, kind, read_u32(&r));

		write_text(w, name ? name : "");
	}
	write_string_end(w, position);
}

enum sftp_status handle_users_groups(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	if (!reply_begin(reply, SSH_FXP_EXTENDED_REPLY, SFTP_READ_LIMIT))
		return SSH_FX_FAILURE;
	write_names(session, &reply->w, SFTP_USER_NAME, request->uids);
	write_names(session, &reply->w, SFTP_GROUP_NAME, request->gids);
	return reply_end(reply) ? SSH_FX_OK : SSH_FX_FAILURE;
}
