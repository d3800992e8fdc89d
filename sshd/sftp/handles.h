/* What the client has open: the table behind the handle strings of draft section 6.2. */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

/* The most handles of a session, however many descriptors the process may have: each has a path and
 * may have a listing in memory. */
#define SFTP_HANDLE_COUNT_LIMIT 4096u
/* Descriptors kept free of handles: standard ones, log, jail, a copy's or listing's moment. */
#define SFTP_DESCRIPTORS_KEPT 16u

enum sftp_handle_kind { SFTP_HANDLE_UNUSED, SFTP_HANDLE_FILE, SFTP_HANDLE_DIRECTORY };

struct sftp_listing;

struct sftp_handle {
	enum sftp_handle_kind kind;
	uint32_t generation; /* which use of the slot: an earlier one's name is no longer good */
	uint32_t next_unused;
	int fd;
	bool appends; /* opened with SSH_FXF_APPEND: offsets of writes do not count */
	bool is_writable;
	bool is_busy; /* a job works with it */
	char *path;   /* as the client spelled it, for the log */
	uint64_t bytes_read, bytes_written;
	struct sftp_listing *listing; /* of a directory whose reading has begun */
};

struct sftp_handles {
	struct sftp_handle *slots;
	uint32_t count; /* slots that were ever used */
	uint32_t capacity;
	uint32_t open_count;
	uint32_t writable_count;
	uint32_t limit;
	uint32_t first_unused; /* a chain through next_unused; UINT32_MAX ends it */
};

/* At most `limit` at a time. Allocates nothing yet. */
struct sftp_handles sftp_handles_empty(uint32_t limit);

/* How many handles a process with so many descriptors may have open: never 0. */
uint32_t sftp_handles_limit_for(uint64_t descriptor_limit);

bool sftp_handles_have_room(const struct sftp_handles *handles);

/*
 * Adds a handle; `fd` is its from now on. The pointer is valid until the next add.
 *
 * ERR_LIMIT: there are as many as may be. ERR_NO_MEMORY. The caller keeps `fd` then.
 */
enum err sftp_handles_add(struct sftp_handles *handles, enum sftp_handle_kind kind, int fd,
    struct slice path, struct sftp_handle **added);

/* The handle that the client names, of this kind (SFTP_HANDLE_UNUSED: of any); NULL: none. */
struct sftp_handle *sftp_handles_find(
    const struct sftp_handles *handles, struct slice name, enum sftp_handle_kind kind);

#define SFTP_HANDLE_NAME_LEN 8u
/* The string that stands for it on the wire, written into `name`. */
struct slice sftp_handle_name(const struct sftp_handles *handles, const struct sftp_handle *handle,
    uint8_t name[SFTP_HANDLE_NAME_LEN]);

/* Its file may be written to by it: counted in writable_count. */
void sftp_handles_make_writable(struct sftp_handles *handles, struct sftp_handle *handle);

/* Takes it off the table. Closing the descriptor and freeing the listing is the caller's. */
void sftp_handles_remove(struct sftp_handles *handles, struct sftp_handle *handle);

/* The next open one behind `previous` (NULL: the first), NULL at the end. */
struct sftp_handle *sftp_handles_next(
    const struct sftp_handles *handles, struct sftp_handle *previous);

/* Frees the table; its handles are closed already. */
void sftp_handles_wipe(struct sftp_handles *handles);
