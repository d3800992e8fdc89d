/*
 * The SSH File Transfer Protocol, version 3: packets, attributes and the fields of each request
 * (draft-ietf-secsh-filexfer-02), and the extensions that OpenSSH added to it.
 */
#pragma once

#include "sshd/wire/reader.h"
#include "sshd/wire/writer.h"

#define SFTP_VERSION          3u
#define SFTP_PACKET_LIMIT     262144u /* a packet without its length field */
#define SFTP_READ_LIMIT       261120u /* bytes in one DATA or WRITE */
#define SFTP_PATH_LIMIT       4095u   /* PATH_MAX without the zero byte */
#define SFTP_HANDLE_LIMIT     256u    /* section 6.2 */
#define SFTP_EXTENSION_LIMIT  255u
#define SFTP_USER_NAME_LIMIT  255u
#define SFTP_HASH_NAMES_LIMIT 1024u

/* Section 3. */
enum {
	SSH_FXP_INIT = 1,
	SSH_FXP_VERSION = 2,
	SSH_FXP_EXTENDED = 200,
	SSH_FXP_STATUS = 101,
	SSH_FXP_HANDLE = 102,
	SSH_FXP_DATA = 103,
	SSH_FXP_NAME = 104,
	SSH_FXP_ATTRS = 105,
	SSH_FXP_EXTENDED_REPLY = 201,
};

/* Section 7. */
enum sftp_status {
	SSH_FX_OK = 0,
	SSH_FX_EOF = 1,
	SSH_FX_NO_SUCH_FILE = 2,
	SSH_FX_PERMISSION_DENIED = 3,
	SSH_FX_FAILURE = 4,
	SSH_FX_BAD_MESSAGE = 5,
	SSH_FX_NO_CONNECTION = 6,
	SSH_FX_CONNECTION_LOST = 7,
	SSH_FX_OP_UNSUPPORTED = 8,
};

/* Section 6.3: the flags of OPEN. */
enum {
	SSH_FXF_READ = 0x01,
	SSH_FXF_WRITE = 0x02,
	SSH_FXF_APPEND = 0x04,
	SSH_FXF_CREAT = 0x08,
	SSH_FXF_TRUNC = 0x10,
	SSH_FXF_EXCL = 0x20,
};

/* Section 5: which attributes are present. */
enum {
	SSH_FILEXFER_ATTR_SIZE = 0x01,
	SSH_FILEXFER_ATTR_UIDGID = 0x02,
	SSH_FILEXFER_ATTR_PERMISSIONS = 0x04,
	SSH_FILEXFER_ATTR_ACMODTIME = 0x08,
};
#define SSH_FILEXFER_ATTR_EXTENDED 0x80000000u

struct sftp_attributes {
	uint32_t flags; /* the fields without their flag are zero */
	uint64_t size;
	uint32_t uid, gid;
	uint32_t permissions; /* st_mode, type bits included */
	uint32_t atime, mtime;
};

/* The most bytes that sftp_attributes_write writes. */
#define SFTP_ATTRIBUTES_ROOM 32u

/*
 * The fields of any request; those that its message does not have are zero. Slices point into
 * the packet.
 */
struct sftp_request {
	uint32_t id;
	struct slice path;   /* without zero bytes; not terminated */
	struct slice target; /* the second path of the messages that have two */
	struct slice handle;
	struct slice target_handle;
	uint64_t offset;
	uint64_t target_offset;
	uint64_t length;
	uint32_t flags; /* SSH_FXF_ */
	uint32_t block_size;
	struct sftp_attributes attributes;
	struct slice data;
	struct slice uids, gids; /* u32 after u32 */
	struct slice hash_names;
};

/*
 * Takes the first packet off `bytes`: its content, without the length field. `bytes` then
 * begins behind it.
 *
 * ERR_AGAIN: it is not whole yet. ERR_TOO_LONG: its length is above SFTP_PACKET_LIMIT.
 * ERR_TRUNCATED: it is empty, so it has no type. The last two end a connection.
 */
enum err sftp_packet_next(struct slice *bytes, struct slice *packet);

/* How many bytes the packet at the front lacks; 0: whole, or its length is not known yet. */
size_t sftp_packet_missing(struct slice bytes);

/*
 * Section 5. Extended attributes are skipped; unknown flags are ignored, as they have no
 * length by which they could be skipped.
 */
struct sftp_attributes sftp_attributes_read(struct reader *r);
void sftp_attributes_write(struct writer *w, const struct sftp_attributes *attributes);

/*
 * The fields of a request from what follows its id. One function for each sequence of fields;
 * requests that look alike share theirs. Bytes left over are no error to them: later drafts
 * ask servers to ignore them, and clients send some. Errors stick to the reader: the usual
 * ones, ERR_MALFORMED for a path with a zero byte in it, an id list that is no multiple of four.
 */
typedef void sftp_parser(struct reader *r, struct sftp_request *request);
sftp_parser sftp_parse_nothing;           /* limits@openssh.com */
sftp_parser sftp_parse_path;              /* STAT, OPENDIR, REALPATH, ... */
sftp_parser sftp_parse_path_attributes;   /* SETSTAT, MKDIR, lsetstat@openssh.com */
sftp_parser sftp_parse_paths;             /* RENAME, SYMLINK, hardlink@openssh.com, ... */
sftp_parser sftp_parse_handle;            /* CLOSE, FSTAT, READDIR, ... */
sftp_parser sftp_parse_handle_attributes; /* FSETSTAT */
sftp_parser sftp_parse_open;
sftp_parser sftp_parse_read;
sftp_parser sftp_parse_write;
sftp_parser sftp_parse_copy;        /* copy-data */
sftp_parser sftp_parse_user;        /* home-directory; the name is in path */
sftp_parser sftp_parse_ids;         /* users-groups-by-id@openssh.com */
sftp_parser sftp_parse_hash_handle; /* check-file-handle */
sftp_parser sftp_parse_hash_path;   /* check-file-name */

/* The protocol's words for a status, which people get to see. */
const char *sftp_status_text(enum sftp_status status);
