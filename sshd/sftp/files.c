/* Requests about files and names. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/sftp/attributes.h"

/* The flags of OPEN by name, for the log. */
static const struct {
	uint32_t flag;
	int open_flag;
	const char *name;
} open_flags[] = {
    {SSH_FXF_READ, 0, "READ"},
    {SSH_FXF_WRITE, 0, "WRITE"},
    {SSH_FXF_APPEND, O_APPEND, "APPEND"},
    {SSH_FXF_CREAT, O_CREAT, "CREATE"},
    {SSH_FXF_TRUNC, O_TRUNC, "TRUNCATE"},
    {SSH_FXF_EXCL, O_EXCL, "EXCL"},
};

static int flags_of(uint32_t wire)
{
	int flags = O_RDONLY;

	if (wire & SSH_FXF_WRITE)
		flags = wire & SSH_FXF_READ ? O_RDWR : O_WRONLY;
	for (size_t i = 0; i < COUNT_OF(open_flags); i++)
		if (wire & open_flags[i].flag)
			flags |= open_flags[i].open_flag;
	return flags;
}

static void log_open(
    const struct sftp_session *session, const struct sftp_request *request, mode_t mode)
{
	char names[64] = "";
	size_t len = 0;
	struct sftp_number octal = sftp_octal(mode);

	if (!sftp_logs(session, EVENT_SFTP_OPEN))
		return;
	for (size_t i = 0; i < COUNT_OF(open_flags); i++)
		if (request->flags & open_flags[i].flag)
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
			    len ? "," : "", open_flags[i].name);
	SFTP_LOG(
	    session, SFTP_OPEN, F("PATH", request->path), T("FLAGS", names), T("MODE", octal.text));
}

enum sftp_status handle_open(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(fd_release) int fd = -1;
	int flags = flags_of(request->flags);
	mode_t mode = sftp_mode_for_new(session, &request->attributes, false);
	uint8_t name[SFTP_HANDLE_NAME_LEN];
	struct sftp_handle *handle;

	if (session->options->is_read_only &&
	    ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0)) {
		SFTP_LOG(session, SFTP_REFUSED, T("REQUEST", "open"));
		return SSH_FX_PERMISSION_DENIED;
	}
	log_open(session, request, mode);
	/* Before the open, so that a refused one creates and truncates nothing. */
	if (!sftp_handles_have_room(&session->handles)) {
		errno = EMFILE;
		return sftp_failed(reply);
	}
	if (sftp_path_open(&session->paths, request->path, flags, mode, &fd) != ERR_OK)
		return sftp_failed(reply);
	if (sftp_handles_add(&session->handles, SFTP_HANDLE_FILE, fd, request->path, &handle) !=
	    ERR_OK)
		return SSH_FX_FAILURE;
	(void)TAKE_FD(fd);
	handle->appends = flags & O_APPEND;
	if ((flags & O_ACCMODE) != O_RDONLY)
		sftp_handles_make_writable(&session->handles, handle);
	return reply_handle(reply, sftp_handle_name(&session->handles, handle, name))
	           ? SSH_FX_OK
	           : SSH_FX_FAILURE;
}

enum sftp_status handle_close(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_UNUSED);

	if (handle == NULL)
		return SSH_FX_NO_SUCH_FILE;
	return sftp_session_close(session, handle, EVENT_SFTP_CLOSE) == ERR_OK ? SSH_FX_OK
	                                                                       : sftp_failed(reply);
}

/*
 * What is passed by reference shows what is written to the file later, so it must not be a write of
 * the same client, who may have sent it right behind: requests happen in their order. The first
 * bytes of a file are copied always, since most files end there.
 */
static bool may_relay(const struct sftp_session *session, uint64_t offset)
{
	return offset > 0 && session->handles.writable_count == 0;
}

static enum sftp_status read_by_copy(
    struct sftp_handle *handle, uint64_t offset, size_t len, struct sftp_reply *reply)
{
	struct span room = reply_data_begin(reply, len);
	ssize_t got = 0;

	if (room.len != len)
		return SSH_FX_FAILURE;
	if (len > 0)
		got = pread(handle->fd, room.ptr, len, (off_t)offset);
	if (got < 0)
		return sftp_failed(reply);
	if (got == 0 && len > 0)
		return SSH_FX_EOF;
	handle->bytes_read += (uint64_t)got;
	return reply_data_end(reply, (size_t)got) ? SSH_FX_OK : SSH_FX_FAILURE;
}

enum sftp_status handle_read(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_FILE);
	size_t len = request->length < SFTP_READ_LIMIT ? (size_t)request->length : SFTP_READ_LIMIT;
	enum err err = ERR_UNSUPPORTED;
	size_t taken = 0;

	if (handle == NULL)
		return SSH_FX_FAILURE;
	if (may_relay(session, request->offset))
		err = relay_take(&session->relay, handle->fd, request->offset, len, &taken);
	if (err == ERR_UNSUPPORTED)
		return read_by_copy(handle, request->offset, len, reply);
	if (err != ERR_OK)
		return sftp_failed(reply);
	if (taken == 0)
		return SSH_FX_EOF;
	if (!reply_data_elsewhere(reply, taken)) {
		relay_wipe(&session->relay);
		return SSH_FX_FAILURE;
	}
	handle->bytes_read += taken;
	return SSH_FX_OK;
}

/* All of it, from where it lies in the packet. 0 or -1 with errno. */
static int write_whole(struct sftp_handle *handle, struct slice data, uint64_t offset)
{
	while (data.len > 0) {
		ssize_t n = handle->appends ? write(handle->fd, data.ptr, data.len)
		                            : pwrite(handle->fd, data.ptr, data.len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		handle->bytes_written += (uint64_t)n;
		offset += (uint64_t)n;
		data = slice_after(data, (size_t)n);
	}
	return 0;
}

enum sftp_status handle_write(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_FILE);

	if (handle == NULL)
		return SSH_FX_FAILURE;
	return sftp_result(reply, write_whole(handle, request->data, request->offset));
}

static enum sftp_status stat_place(struct sftp_reply *reply, const struct sftp_place *place)
{
	struct stat st;
	struct sftp_attributes attributes;

	if (fstatat(place->dir, place->name, &st, place->flags) != 0)
		return sftp_failed(reply);
	attributes = sftp_attributes_of(&st);
	return reply_attributes(reply, &attributes) ? SSH_FX_OK : SSH_FX_FAILURE;
}

enum sftp_status handle_stat(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};

	if (sftp_place_of(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	return stat_place(reply, &place);
}

enum sftp_status handle_lstat(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};

	if (sftp_place_of_name(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	return stat_place(reply, &place);
}

enum sftp_status handle_fstat(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_UNUSED);
	struct sftp_place place;

	if (handle == NULL)
		return SSH_FX_FAILURE;
	sftp_place_of_fd(handle->fd, &place);
	return stat_place(reply, &place);
}

static int truncate_path(const struct sftp_paths *paths, struct slice path, uint64_t size)
{
	AUTO(fd_release) int fd = -1;

	if (sftp_path_open(paths, path, O_WRONLY, 0, &fd) != ERR_OK)
		return -1;
	return ftruncate(fd, (off_t)size);
}

enum sftp_status handle_setstat(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};
	const struct sftp_attributes *attributes = &request->attributes;
	int size_error = 0, error;

	sftp_attributes_log(session, request->path, attributes);
	if (sftp_place_of(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	if (attributes->flags & SSH_FILEXFER_ATTR_SIZE &&
	    truncate_path(&session->paths, request->path, attributes->size) != 0)
		size_error = errno;
	error = sftp_attributes_set(session, &place, attributes);
	errno = error ? error : size_error;
	return errno ? sftp_failed(reply) : SSH_FX_OK;
}

/* As SETSTAT, but of a link itself; a link has no size to be set. */
enum sftp_status handle_lsetstat(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};

	if (request->attributes.flags & SSH_FILEXFER_ATTR_SIZE)
		return SSH_FX_BAD_MESSAGE;
	sftp_attributes_log(session, request->path, &request->attributes);
	if (sftp_place_of_name(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	errno = sftp_attributes_set(session, &place, &request->attributes);
	return errno ? sftp_failed(reply) : SSH_FX_OK;
}

enum sftp_status handle_fsetstat(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_UNUSED);
	const struct sftp_attributes *attributes = &request->attributes;
	struct sftp_place place;
	int size_error = 0, error;

	if (handle == NULL)
		return SSH_FX_FAILURE;
	sftp_attributes_log(session, slice_text(handle->path), attributes);
	if (attributes->flags & SSH_FILEXFER_ATTR_SIZE &&
	    ftruncate(handle->fd, (off_t)attributes->size) != 0)
		size_error = errno;
	sftp_place_of_fd(handle->fd, &place);
	error = sftp_attributes_set(session, &place, attributes);
	errno = error ? error : size_error;
	return errno ? sftp_failed(reply) : SSH_FX_OK;
}

enum sftp_status handle_remove(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};

	SFTP_LOG(session, SFTP_PATH, T("REQUEST", "remove"), F("PATH", request->path));
	if (sftp_place_of_name(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	return sftp_result(reply, unlinkat(place.dir, place.name, 0));
}
