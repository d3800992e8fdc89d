/*
 * check-file-handle and check-file-name: hashes of a file or of its blocks
 * (draft-ietf-secsh-filexfer-extensions-00, section 3), and "check-file" as Paramiko asks for it.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sshd/base/auto.h"
#include "sshd/base/fd.h"
#include "sshd/sftp/session.h"
#include "sshd/sftp/sha2.h"
#include "sshd/wire/name_list.h"

#define READ_ROOM      65536u
#define SMALLEST_BLOCK 256u   /* the draft's */
#define DIGESTS_LIMIT  65536u /* bytes of digests in one reply: a thousand blocks and more */

struct check {
	struct sftp_job job;
	int fd; /* of a handle, or our own */
	bool owns_fd;
	bool is_tagged; /* the reply begins with "check-file", as Paramiko's does */
	uint64_t offset;
	uint64_t left;       /* UINT64_MAX: up to the end of the file */
	uint64_t block_size; /* UINT64_MAX: all of it is one block */
	uint64_t block_left;
	struct sha2 sha2;
	struct buf digests;
};

static void check_release(struct sftp_job *job)
{
	struct check *check = CONTAINER_OF(job, struct check, job);

	if (check->owns_fd)
		fd_close(check->fd);
	buf_wipe(&check->digests);
	free(check);
}

static enum err block_end(struct check *check)
{
	uint8_t digest[SHA2_DIGEST_LIMIT];

	TRY(buf_append(&check->digests, sha2_end(&check->sha2, digest)));
	check->sha2 = sha2_begin(check->sha2.kind);
	check->block_left = check->block_size;
	return ERR_OK;
}

static enum sftp_status reply_digests(struct check *check, struct sftp_reply *reply)
{
	const char *name = check->sha2.kind->name;

	/* What is in an unfinished block; and where there was nothing at all, its hash. */
	if (check->block_left < check->block_size || buf_len(&check->digests) == 0)
		if (block_end(check) != ERR_OK)
			return SSH_FX_FAILURE;
	if (!reply_begin(reply, SSH_FXP_EXTENDED_REPLY, 64 + buf_len(&check->digests)))
		return SSH_FX_FAILURE;
	if (check->is_tagged)
		write_text(&reply->w, "check-file");
	write_text(&reply->w, name);
	write_bytes(&reply->w, buf_view(&check->digests));
	return reply_end(reply) ? SSH_FX_OK : SSH_FX_FAILURE;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static enum sftp_status check_step(struct sftp_session *session, struct sftp_job *job,
    uint64_t deadline_ms, struct sftp_reply *reply)
{
	struct check *check = CONTAINER_OF(job, struct check, job);
	uint8_t bytes[READ_ROOM];

	(void)session;
	while (check->left > 0) {
		size_t len = (size_t)least(least(sizeof(bytes), check->left), check->block_left);
		ssize_t n = pread(check->fd, bytes, len, (off_t)check->offset);

		if (n < 0 && errno != EINTR)
			return sftp_failed(reply);
		if (n == 0)
			break;
		if (n > 0) {
			sha2_add(&check->sha2, slice_over(bytes, (size_t)n));
			check->offset += (uint64_t)n;
			check->block_left -= (uint64_t)n;
			if (check->left != UINT64_MAX)
				check->left -= (uint64_t)n;
		}
		if (check->block_left == 0 && block_end(check) != ERR_OK)
			return SSH_FX_FAILURE;
		if (sftp_now_ms() >= deadline_ms)
			return SFTP_LATER;
	}
	return reply_digests(check, reply);
}

/* The client's first hash that we have. */
static const struct sha2_kind *kind_of(struct slice names)
{
	const struct sha2_kind *kind = NULL;
	struct slice name;

	while (kind == NULL && name_list_next(&names, &name))
		kind = sha2_named(name);
	return kind;
}

/* Only regular files: others have no end, or wait for their data. */
static bool is_checkable(int fd, uint64_t offset)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && offset <= (uint64_t)st.st_size;
}

/* Begins to check `fd`, which is the job's from now on when it belongs to no handle. */
static enum sftp_status begin(struct sftp_session *session, const struct sftp_request *request,
    int fd, uint32_t slot, bool is_tagged, struct sftp_reply *reply)
{
	const struct sha2_kind *kind = kind_of(request->hash_names);
	bool is_whole = request->block_size == 0;
	struct check *check = NULL;

	if (kind != NULL && (is_whole || request->block_size >= SMALLEST_BLOCK) &&
	    is_checkable(fd, request->offset))
		check = malloc(sizeof(*check));
	if (check == NULL) {
		if (slot == SFTP_NO_HANDLE)
			fd_close(fd);
		return kind == NULL ? SSH_FX_OP_UNSUPPORTED : SSH_FX_FAILURE;
	}
	*check = (struct check){
	    .job = {.step = check_step,
	        .release = check_release,
	        .handles = {slot, SFTP_NO_HANDLE}},
	    .fd = fd,
	    .owns_fd = slot == SFTP_NO_HANDLE,
	    .is_tagged = is_tagged,
	    .offset = request->offset,
	    .left = request->length > 0 ? request->length : UINT64_MAX,
	    .block_size = is_whole ? UINT64_MAX : request->block_size,
	    .block_left = is_whole ? UINT64_MAX : request->block_size,
	    .sha2 = sha2_begin(kind),
	    .digests = buf_empty(DIGESTS_LIMIT),
	};
	return sftp_job_begin(session, &check->job, reply);
}

static enum sftp_status check_handle(struct sftp_session *session,
    const struct sftp_request *request, bool is_tagged, struct sftp_reply *reply)
{
	struct sftp_handle *handle =
	    sftp_session_handle(session, request->handle, SFTP_HANDLE_FILE);

	if (handle == NULL)
		return SSH_FX_FAILURE;
	return begin(session, request, handle->fd, (uint32_t)(handle - session->handles.slots),
	    is_tagged, reply);
}

enum sftp_status handle_check_handle(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	return check_handle(session, request, false, reply);
}

enum sftp_status handle_check_tagged(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	return check_handle(session, request, true, reply);
}

enum sftp_status handle_check_path(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply)
{
	int fd;

	SFTP_LOG(session, SFTP_PATH, T("REQUEST", "check-file"), F("PATH", request->path));
	if (sftp_path_open(&session->paths, request->path, O_RDONLY, 0, &fd) != ERR_OK)
		return sftp_failed(reply);
	return begin(session, request, fd, SFTP_NO_HANDLE, false, reply);
}
