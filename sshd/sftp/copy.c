/* copy-data: from one open file to another without passing the client. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

#define COPY_PIECE (4u << 20)
#define COPY_ROOM  65536u

struct copy {
	struct sftp_job job; /* its handles: from, to */
	uint64_t from_offset, to_offset;
	uint64_t left;  /* UINT64_MAX: up to the end of the file */
	bool has_range; /* copy_file_range works here, so far */
};

static void copy_release(struct sftp_job *job)
{
	free(CONTAINER_OF(job, struct copy, job));
}

/* For file systems that cannot copy themselves. */
static ssize_t copy_through_us(const struct copy *copy, const struct sftp_handle *from,
    const struct sftp_handle *to, size_t len)
{
	uint8_t bytes[COPY_ROOM];
	ssize_t got =
	    pread(from->fd, bytes, len < COPY_ROOM ? len : COPY_ROOM, (off_t)copy->from_offset);

	if (got <= 0)
		return got;
	return to->appends ? write(to->fd, bytes, (size_t)got)
	                   : pwrite(to->fd, bytes, (size_t)got, (off_t)copy->to_offset);
}

static ssize_t copy_piece(
    struct copy *copy, const struct sftp_handle *from, const struct sftp_handle *to)
{
	size_t len = copy->left < COPY_PIECE ? (size_t)copy->left : COPY_PIECE;
	off_t from_offset = (off_t)copy->from_offset, to_offset = (off_t)copy->to_offset;
	ssize_t n;

	if (copy->has_range) {
		n = copy_file_range(from->fd, &from_offset, to->fd, &to_offset, len, 0);
		/* Nothing may also mean a file without a size, as in /proc: reading tells. */
		if (n > 0)
			return n;
		copy->has_range = false;
	}
	return copy_through_us(copy, from, to, len);
}

static enum sftp_status copy_step(struct sftp_session *session, struct sftp_job *job,
    uint64_t deadline_ms, struct sftp_reply *reply)
{
	struct copy *copy = CONTAINER_OF(job, struct copy, job);
	struct sftp_handle *from = &session->handles.slots[job->handles[0]];
	struct sftp_handle *to = &session->handles.slots[job->handles[1]];

	while (copy->left > 0) {
		ssize_t n = copy_piece(copy, from, to);

		if (n < 0 && errno != EINTR)
			return sftp_failed(reply);
		/* OpenSSH takes a file that ends before the length asked for as copied, too. */
		if (n == 0)
			return SSH_FX_OK;
		if (n > 0) {
			copy->from_offset += (uint64_t)n;
			copy->to_offset += (uint64_t)n;
			from->bytes_read += (uint64_t)n;
			to->bytes_written += (uint64_t)n;
			if (copy->left != UINT64_MAX)
				copy->left -= (uint64_t)n;
		}
		if (sftp_now_ms() >= deadline_ms)
			return SFTP_LATER;
	}
	return SSH_FX_OK;
}

/* A file copied to itself would grow for ever, or be overwritten before it is read. */
static bool is_one_file(const struct sftp_handle *a, const struct sftp_handle *b)
{
	struct stat first, second;

	if (fstat(a->fd, &first) != 0 || fstat(b->fd, &second) != 0)
		return true;
	return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

enum sftp_status handle_copy_data(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	struct sftp_handle *from = sftp_session_handle(session, request->handle, SFTP_HANDLE_FILE);
	struct sftp_handle *to =
	    sftp_session_handle(session, request->target_handle, SFTP_HANDLE_FILE);
	struct copy *copy;

	if (from == NULL || to == NULL || is_one_file(from, to))
		return SSH_FX_FAILURE;
	SFTP_LOG(session, SFTP_PATHS, T("REQUEST", "copy-data"), T("PATH", from->path),
	    T("TARGET", to->path));
	copy = malloc(sizeof(*copy));
	if (copy == NULL)
		return SSH_FX_FAILURE;
	*copy = (struct copy){
	    .job = {.step = copy_step,
	        .release = copy_release,
	        .handles = {(uint32_t)(from - session->handles.slots),
	            (uint32_t)(to - session->handles.slots)}},
	    .from_offset = request->offset,
	    .to_offset = request->target_offset,
	    .left = request->length > 0 ? request->length : UINT64_MAX,
	    .has_range = !to->appends,
	};
	return sftp_job_begin(session, &copy->job, reply);
}
