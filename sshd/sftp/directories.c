/* Requests about directories. */
#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/sftp/attributes.h"
#include "sshd/sftp/listing.h"
#include "sshd/sftp/long_name.h"

/* One NAME: what every implementation takes (draft section 3), and a moment's work. */
#define BATCH_BYTES 32768u
#define BATCH_MS    10
#define ENTRY_ROOM                                                                                 \
	(2 * (4 + NAME_MAX + 1) + LONG_NAME_ROOM + 2 * SFTP_NAME_LIMIT + SFTP_ATTRIBUTES_ROOM)
#define CLOCK_STRIDE 16u /* entries between two looks at the clock */

_Static_assert(BATCH_BYTES > 2 * ENTRY_ROOM, "an entry always fits an empty batch");

enum sftp_status handle_opendir(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(fd_release) int fd = -1;
	uint8_t name[SFTP_HANDLE_NAME_LEN];
	struct sftp_handle *handle;

	SFTP_LOG(session, SFTP_OPENDIR, F("PATH", request->path));
	if (!sftp_handles_have_room(&session->handles)) {
		errno = EMFILE;
		return sftp_failed(reply);
	}
	if (sftp_path_open(&session->paths, request->path, O_RDONLY | O_DIRECTORY, 0, &fd) !=
	    ERR_OK)
		return sftp_failed(reply);
	if (sftp_handles_add(
	        &session->handles, SFTP_HANDLE_DIRECTORY, fd, request->path, &handle) != ERR_OK)
		return SSH_FX_FAILURE;
	(void)TAKE_FD(fd);
	return reply_handle(reply, sftp_handle_name(&session->handles, handle, name))
	           ? SSH_FX_OK
	           : SSH_FX_FAILURE;
}

static bool is_batch_full(const struct writer *w, uint32_t count, uint64_t deadline_ms)
{
	if (w->room.len - w->len < ENTRY_ROOM)
		return true;
	return count > 0 && count % CLOCK_STRIDE == 0 && sftp_now_ms() >= deadline_ms;
}

/* False: it went away since the directory was read, so it is not listed. */
static bool write_entry(
    struct sftp_session *session, struct writer *w, int dir, const char *name, time_t now)
{
	/* What is above a jail's root is nobody's business in it. */
	bool is_hidden = session->paths.jail >= 0 && strcmp(name, "..") == 0;
	struct sftp_attributes attributes;
	struct stat st;

	if (fstatat(dir, is_hidden ? "." : name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	attributes = sftp_attributes_of(&st);
	write_text(w, name);
	long_name_write(w, slice_text(name), &st, &session->names, now);
	sftp_attributes_write(w, &attributes);
	return true;
}

/* As many entries as fit one reply. ERR_NOT_FOUND: the end, and there were none. */
static enum err write_batch(
    struct sftp_session *session, struct sftp_handle *handle, struct writer *w, uint32_t *count)
{
	uint64_t deadline_ms = sftp_now_ms() + BATCH_MS;
	time_t now = time(NULL);

	while (!is_batch_full(w, *count, deadline_ms)) {
		const char *name;
		enum err err = sftp_listing_peek(handle->listing, handle->fd, &name);

		if (err != ERR_OK)
			return *count > 0 ? ERR_OK : err;
		if (write_entry(session, w, handle->fd, name, now))
			(*count)++;
		sftp_listing_advance(handle->listing);
	}
	return ERR_OK;
}

enum sftp_status handle_readdir(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_DIRECTORY);
	struct span count_field;
	uint32_t count = 0;
	enum err err;

	if (handle == NULL)
		return SSH_FX_FAILURE;
	if (handle->listing == NULL && sftp_listing_new(&handle->listing) != ERR_OK)
		return SSH_FX_FAILURE;
	if (!reply_begin(reply, SSH_FXP_NAME, BATCH_BYTES))
		return SSH_FX_FAILURE;
	count_field = write_room(&reply->w, 4);
	err = write_batch(session, handle, &reply->w, &count);
	if (err == ERR_NOT_FOUND)
		return SSH_FX_EOF;
	if (err != ERR_OK)
		return sftp_failed(reply);
	{
		struct writer count_writer = writer_into(count_field);

		write_u32(&count_writer, count);
	}
	return reply_end(reply) ? SSH_FX_OK : SSH_FX_FAILURE;
}

enum sftp_status handle_mkdir(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};
	mode_t mode = sftp_mode_for_new(session, &request->attributes, true);
	struct sftp_number octal = sftp_octal(mode);

	SFTP_LOG(session, SFTP_MKDIR, F("PATH", request->path), T("MODE", octal.text));
	if (sftp_place_of_name(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	return sftp_result(reply, mkdirat(place.dir, place.name, mode));
}

enum sftp_status handle_rmdir(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	AUTO(sftp_place_release) struct sftp_place place = {.owned = -1};

	SFTP_LOG(session, SFTP_PATH, T("REQUEST", "rmdir"), F("PATH", request->path));
	if (sftp_place_of_name(&session->paths, request->path, &place) != ERR_OK)
		return sftp_failed(reply);
	return sftp_result(reply, unlinkat(place.dir, place.name, AT_REMOVEDIR));
}
