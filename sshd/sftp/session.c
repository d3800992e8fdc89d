#include "sshd/sftp/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/sftp/listing.h"

bool sftp_logs(const struct sftp_session *session, enum event event)
{
	const struct sftp_log *log = session->options->log;

	return log != NULL && event_level(event) <= log->level;
}

void sftp_log_event(const struct sftp_session *session, enum event event,
    const struct log_field *fields, size_t count)
{
	struct sftp_log *log = session->options->log;

	if (sftp_logs(session, event))
		log->event(log, event, fields, count);
}

struct sftp_number sftp_decimal(uint64_t value)
{
	struct sftp_number number;

	snprintf(number.text, sizeof(number.text), "%" PRIu64, value);
	return number;
}

struct sftp_number sftp_octal(uint64_t value)
{
	struct sftp_number number;

	snprintf(number.text, sizeof(number.text), "0%" PRIo64, value);
	return number;
}

enum sftp_status sftp_status_of(int error)
{
	static const struct {
		int error;
		enum sftp_status status;
	} rows[] = {
	    {0, SSH_FX_OK},
	    {ENOENT, SSH_FX_NO_SUCH_FILE},
	    {ENOTDIR, SSH_FX_NO_SUCH_FILE},
	    {EBADF, SSH_FX_NO_SUCH_FILE},
	    {ELOOP, SSH_FX_NO_SUCH_FILE},
	    {EPERM, SSH_FX_PERMISSION_DENIED},
	    {EACCES, SSH_FX_PERMISSION_DENIED},
	    {EFAULT, SSH_FX_PERMISSION_DENIED},
	    {ENAMETOOLONG, SSH_FX_BAD_MESSAGE},
	    {EINVAL, SSH_FX_BAD_MESSAGE},
	    {ENOSYS, SSH_FX_OP_UNSUPPORTED},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].error == error)
			return rows[i].status;
	return SSH_FX_FAILURE;
}

enum sftp_status sftp_failed(struct sftp_reply *reply)
{
	enum sftp_status status = sftp_status_of(errno);

	/* Version 3 has no code for a full disk or a quota: let people read it at least. */
	if (status == SSH_FX_FAILURE)
		reply->detail = strerror(errno);
	return status;
}

enum sftp_status sftp_result(struct sftp_reply *reply, int result)
{
	return result == 0 ? SSH_FX_OK : sftp_failed(reply);
}

struct sftp_handle *sftp_session_handle(
    struct sftp_session *session, struct slice name, enum sftp_handle_kind kind)
{
	return sftp_handles_find(&session->handles, name, kind);
}

static void log_close(
    const struct sftp_session *session, const struct sftp_handle *handle, enum event event)
{
	struct sftp_number bytes_read = sftp_decimal(handle->bytes_read);
	struct sftp_number bytes_written = sftp_decimal(handle->bytes_written);
	const struct log_field fields[] = {
	    T("PATH", handle->path), T("READ", bytes_read.text), T("WRITTEN", bytes_written.text)};

	sftp_log_event(session, event, fields, COUNT_OF(fields));
}

enum err sftp_session_close(
    struct sftp_session *session, struct sftp_handle *handle, enum event event)
{
	int result;

	if (handle->kind == SFTP_HANDLE_DIRECTORY)
		SFTP_LOG(session, SFTP_CLOSEDIR, T("PATH", handle->path));
	else if (sftp_logs(session, event))
		log_close(session, handle, event);
	sftp_listing_free(handle->listing);
	result = close(handle->fd);
	sftp_handles_remove(&session->handles, handle);
	return result == 0 ? ERR_OK : ERR_SYSTEM;
}

static bool is_busy(const struct sftp_session *session, struct slice name)
{
	const struct sftp_handle *handle =
	    sftp_handles_find(&session->handles, name, SFTP_HANDLE_UNUSED);

	return handle != NULL && handle->is_busy;
}

static bool is_held(
    struct sftp_session *session, enum sftp_request_kind kind, const struct sftp_request *request)
{
	static const uint64_t jobs = SFTP_REQUEST_BIT(SFTP_REQUEST_COPY_DATA) |
	                             SFTP_REQUEST_BIT(SFTP_REQUEST_CHECK_FILE) |
	                             SFTP_REQUEST_BIT(SFTP_REQUEST_CHECK_FILE_HANDLE) |
	                             SFTP_REQUEST_BIT(SFTP_REQUEST_CHECK_FILE_NAME);

	if (session->jobs.count == 0)
		return false;
	if (session->jobs.count >= SFTP_JOB_LIMIT && jobs & SFTP_REQUEST_BIT(kind))
		return true;
	return is_busy(session, request->handle) || is_busy(session, request->target_handle);
}

static void answered(struct sftp_session *session, enum sftp_request_kind kind,
    enum sftp_status status, bool is_refused)
{
	if (is_refused)
		SFTP_LOG(session, SFTP_REFUSED, T("REQUEST", sftp_request_rows[kind].name));
	if (status != SSH_FX_OK && status != SSH_FX_EOF)
		SFTP_LOG(session, SFTP_STATUS, T("STATUS", sftp_status_text(status)));
}

#define REQUEST(NAME, number, name, parser, handler, access) [SFTP_REQUEST_##NAME] = handler,
#define EXTENSION(NAME, wire_name, version, name, parser, handler, access)                         \
	[SFTP_REQUEST_##NAME] = handler,
const struct sftp_operations sftp_file_operations = {
    .perform =
        {
#include "sshd/sftp/requests.def"
        },
    .is_held = is_held,
    .answered = answered,
};
#undef REQUEST
#undef EXTENSION

static uint32_t handle_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1;
	return sftp_handles_limit_for(limit.rlim_cur);
}

static enum err open_jail(struct sftp_session *session, const struct sftp_options *options)
{
	int fd = options->jail;

	if (fd < 0 && options->jail_path[0] == 0)
		return ERR_OK;
	if (fd < 0)
		fd = open(options->jail_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_SYSTEM;
	session->paths.jail = fd;
	memcpy(session->paths.start, "/", 2);
	return ERR_OK;
}

static enum err enter_start(struct sftp_session *session, const char *start)
{
	char resolved[SFTP_PATH_ROOM];
	int fd;

	if (start[0] == 0)
		return ERR_OK;
	if (session->paths.jail < 0)
		return chdir(start) == 0 ? ERR_OK : ERR_SYSTEM;
	TRY(sftp_path_resolve(&session->paths, slice_text(start), resolved));
	TRY(sftp_path_open(&session->paths, slice_text(resolved), O_PATH | O_DIRECTORY, 0, &fd));
	fd_close(fd);
	memcpy(session->paths.start, resolved, sizeof(resolved));
	return ERR_OK;
}

static void set_masks(struct sftp_session *session, const struct sftp_options *options)
{
	if (options->has_umask)
		umask(options->umask);
	if (options->has_file_mode || options->has_directory_mode)
		session->mask = umask(0);
}

enum err sftp_session_init(struct sftp_session *session, const struct sftp_options *options)
{
	*session = (struct sftp_session){
	    .options = options,
	    .paths = {.jail = -1},
	    .handles = sftp_handles_empty(handle_limit()),
	    .names = {.names = options->names},
	    .relay = relay_to(-1),
	};
	set_masks(session, options);
	TRY(open_jail(session, options));
	if (enter_start(session, options->start) != ERR_OK)
		SFTP_LOG(
		    session, SFTP_START, T("PATH", options->start), T("REASON", strerror(errno)));
	return ERR_OK;
}

void sftp_session_wipe(struct sftp_session *session)
{
	struct sftp_handle *handle;

	sftp_jobs_wipe(&session->jobs);
	while ((handle = sftp_handles_next(&session->handles, NULL)) != NULL)
		IGNORE(sftp_session_close(
		    session, handle, EVENT_SFTP_FORCED_CLOSE)); /* nobody is left to tell */
	sftp_handles_wipe(&session->handles);
	sftp_name_cache_wipe(&session->names);
	relay_wipe(&session->relay);
	if (session->options->jail < 0)
		fd_release(&session->paths.jail);
}
