/* copy-data: from one open file to another without passing the client. */
#include <errno.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/sftp/session.h"

#define COPY_PIECE (1u << 20)
#define COPY_ROOM  65536u

struct copy {
	struct sftp_handle *from, *to;
	uint64_t from_offset, to_offset;
	uint64_t left;   /* UINT64_MAX: up to the end of the file */
	bool has_range;  /* copy_file_range works here, so far */
};

/* For file systems that cannot copy themselves. */
static ssize_t copy_through_us(struct copy *copy, size_t len)
{
	uint8_t bytes[COPY_ROOM];
	ssize_t got = pread(copy->from->fd, bytes, len < COPY_ROOM ? len : COPY_ROOM, (off_t)copy->from_offset);

	if (got <= 0)
		return got;
	return copy->to->appends ? write(copy->to->fd, bytes, (size_t)got)
				 : pwrite(copy->to->fd, bytes, (size_t)got, (off_t)copy->to_offset);
}

static ssize_t copy_piece(struct copy *copy)
{
	size_t len = copy->left < COPY_PIECE ? (size_t)copy->left : COPY_PIECE;
	off_t from = (off_t)copy->from_offset, to = (off_t)copy->to_offset;
	ssize_t n;

	if (copy->has_range) {
		n = copy_file_range(copy->from->fd, &from, copy->to->fd, &to, len, 0);
		/* Nothing may also mean a file without a size, as in /proc: reading tells. */
		if (n > 0)
			return n;
		copy->has_range = false;
	}
	return copy_through_us(copy, len);
}

static enum sftp_status copy_run(struct copy *copy, struct sftp_reply *reply)
{
	while (copy->left > 0) {
		ssize_t n = copy_piece(copy);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sftp_failed(reply);
		/* OpenSSH takes a file that ends before the length asked for as copied, too. */
		if (n == 0)
			return SSH_FX_OK;
		copy->from_offset += (uint64_t)n;
		copy->to_offset += (uint64_t)n;
		copy->from->bytes_read += (uint64_t)n;
		copy->to->bytes_written += (uint64_t)n;
		if (copy->left != UINT64_MAX)
			copy->left -= (uint64_t)n;
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
	struct copy copy = {
	    .from = sftp_session_handle(session, request->handle, SFTP_HANDLE_FILE),
	    .to = sftp_session_handle(session, request->target_handle, SFTP_HANDLE_FILE),
	    .from_offset = request->offset,
	    .to_offset = request->target_offset,
	    .left = request->length > 0 ? request->length : UINT64_MAX,
	};

	if (copy.from == NULL || copy.to == NULL || is_one_file(copy.from, copy.to))
		return SSH_FX_FAILURE;
	copy.has_range = !copy.to->appends;
	SFTP_LOG(session, SFTP_PATHS, T("REQUEST", "copy-data"), T("PATH", copy.from->path),
	    T("TARGET", copy.to->path));
	return copy_run(&copy, reply);
}
