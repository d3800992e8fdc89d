#include "sshd/wire/messages_sftp.h"

#include "sshd/base/auto.h"

enum err sftp_packet_next(struct slice *bytes, struct slice *packet)
{
	struct reader r = reader_over(*bytes);
	uint32_t len = read_u32(&r);

	if (r.err != ERR_OK)
		return ERR_AGAIN;
	if (len > SFTP_PACKET_LIMIT)
		return ERR_TOO_LONG;
	if (len == 0)
		return ERR_TRUNCATED;
	if (r.left.len < len)
		return ERR_AGAIN;
	*packet = read_bytes(&r, len);
	*bytes = r.left;
	return ERR_OK;
}

size_t sftp_packet_missing(struct slice bytes)
{
	struct reader r = reader_over(bytes);
	uint32_t len = read_u32(&r);

	if (r.err != ERR_OK || len > SFTP_PACKET_LIMIT || len <= r.left.len)
		return 0;
	return len - r.left.len;
}

static void skip_extended(struct reader *r)
{
	uint32_t count = read_u32(r);

	/* Each pair takes eight bytes at least, so the packet ends the loop long before the count.
	 */
	for (uint32_t i = 0; i < count && r->err == ERR_OK; i++) {
		read_string(r, SFTP_PACKET_LIMIT);
		read_string(r, SFTP_PACKET_LIMIT);
	}
}

struct sftp_attributes sftp_attributes_read(struct reader *r)
{
	struct sftp_attributes a = {.flags = read_u32(r)};

	if (a.flags & SSH_FILEXFER_ATTR_SIZE)
		a.size = read_u64(r);
	if (a.flags & SSH_FILEXFER_ATTR_UIDGID) {
		a.uid = read_u32(r);
		a.gid = read_u32(r);
	}
	if (a.flags & SSH_FILEXFER_ATTR_PERMISSIONS)
		a.permissions = read_u32(r);
	if (a.flags & SSH_FILEXFER_ATTR_ACMODTIME) {
		a.atime = read_u32(r);
		a.mtime = read_u32(r);
	}
	if (a.flags & SSH_FILEXFER_ATTR_EXTENDED)
		skip_extended(r);
	return a;
}

void sftp_attributes_write(struct writer *w, const struct sftp_attributes *a)
{
	write_u32(w, a->flags & ~SSH_FILEXFER_ATTR_EXTENDED);
	if (a->flags & SSH_FILEXFER_ATTR_SIZE)
		write_u64(w, a->size);
	if (a->flags & SSH_FILEXFER_ATTR_UIDGID) {
		write_u32(w, a->uid);
		write_u32(w, a->gid);
	}
	if (a->flags & SSH_FILEXFER_ATTR_PERMISSIONS)
		write_u32(w, a->permissions);
	if (a->flags & SSH_FILEXFER_ATTR_ACMODTIME) {
		write_u32(w, a->atime);
		write_u32(w, a->mtime);
	}
}

/* Some clients send C strings with their end: one zero byte there is dropped, elsewhere refused. */
static struct slice read_text(struct reader *r, size_t limit)
{
	struct slice text = read_string(r, limit + 1);

	if (text.len > 0 && text.ptr[text.len - 1] == 0)
		text.len--;
	if (text.len > limit)
		reader_fail(r, ERR_TOO_LONG);
	if (text.len > 0 && memchr(text.ptr, 0, text.len) != NULL)
		reader_fail(r, ERR_MALFORMED);
	return text;
}

void sftp_parse_nothing(struct reader *r, struct sftp_request *request)
{
	(void)r;
	(void)request;
}

void sftp_parse_path(struct reader *r, struct sftp_request *request)
{
	request->path = read_text(r, SFTP_PATH_LIMIT);
}

void sftp_parse_path_attributes(struct reader *r, struct sftp_request *request)
{
	request->path = read_text(r, SFTP_PATH_LIMIT);
	request->attributes = sftp_attributes_read(r);
}

void sftp_parse_paths(struct reader *r, struct sftp_request *request)
{
	request->path = read_text(r, SFTP_PATH_LIMIT);
	request->target = read_text(r, SFTP_PATH_LIMIT);
}

void sftp_parse_handle(struct reader *r, struct sftp_request *request)
{
	request->handle = read_string(r, SFTP_HANDLE_LIMIT);
}

void sftp_parse_handle_attributes(struct reader *r, struct sftp_request *request)
{
	request->handle = read_string(r, SFTP_HANDLE_LIMIT);
	request->attributes = sftp_attributes_read(r);
}

void sftp_parse_open(struct reader *r, struct sftp_request *request)
{
	request->path = read_text(r, SFTP_PATH_LIMIT);
	request->flags = read_u32(r);
	request->attributes = sftp_attributes_read(r);
}

void sftp_parse_read(struct reader *r, struct sftp_request *request)
{
	request->handle = read_string(r, SFTP_HANDLE_LIMIT);
	request->offset = read_u64(r);
	request->length = read_u32(r);
}

void sftp_parse_write(struct reader *r, struct sftp_request *request)
{
	request->handle = read_string(r, SFTP_HANDLE_LIMIT);
	request->offset = read_u64(r);
	request->data = read_string(r, SFTP_PACKET_LIMIT);
}

void sftp_parse_copy(struct reader *r, struct sftp_request *request)
{
	request->handle = read_string(r, SFTP_HANDLE_LIMIT);
	request->offset = read_u64(r);
	request->length = read_u64(r);
	request->target_handle = read_string(r, SFTP_HANDLE_LIMIT);
	request->target_offset = read_u64(r);
}

void sftp_parse_user(struct reader *r, struct sftp_request *request)
{
	request->path = read_text(r, SFTP_USER_NAME_LIMIT);
}

void sftp_parse_ids(struct reader *r, struct sftp_request *request)
{
	request->uids = read_string(r, SFTP_PACKET_LIMIT);
	request->gids = read_string(r, SFTP_PACKET_LIMIT);
	if (request->uids.len % 4 != 0 || request->gids.len % 4 != 0)
		reader_fail(r, ERR_MALFORMED);
}

static void parse_hash_rest(struct reader *r, struct sftp_request *request)
{
	request->hash_names = read_string(r, SFTP_HASH_NAMES_LIMIT);
	request->offset = read_u64(r);
	request->length = read_u64(r);
	request->block_size = read_u32(r);
}

void sftp_parse_hash_handle(struct reader *r, struct sftp_request *request)
{
	request->handle = read_string(r, SFTP_HANDLE_LIMIT);
	parse_hash_rest(r, request);
}

void sftp_parse_hash_path(struct reader *r, struct sftp_request *request)
{
	request->path = read_text(r, SFTP_PATH_LIMIT);
	parse_hash_rest(r, request);
}

const char *sftp_status_text(enum sftp_status status)
{
	static const char *const texts[] = {
	    [SSH_FX_OK] = "Success",
	    [SSH_FX_EOF] = "End of file",
	    [SSH_FX_NO_SUCH_FILE] = "No such file",
	    [SSH_FX_PERMISSION_DENIED] = "Permission denied",
	    [SSH_FX_FAILURE] = "Failure",
	    [SSH_FX_BAD_MESSAGE] = "Bad message",
	    [SSH_FX_NO_CONNECTION] = "No connection",
	    [SSH_FX_CONNECTION_LOST] = "Connection lost",
	    [SSH_FX_OP_UNSUPPORTED] = "Operation unsupported",
	};

	return (size_t)status < COUNT_OF(texts) ? texts[status] : "Unknown error";
}
