/*
 * The dispatcher: requests in, replies out. It owns no descriptor and performs no request itself;
 * it knows which ones there are, whether they are permitted, and what a bad one is answered.
 */
#pragma once

#include "sshd/sftp/reply.h"

#define REQUEST(NAME, number, name, parser, handler, access)               SFTP_REQUEST_##NAME,
#define EXTENSION(NAME, wire_name, version, name, parser, handler, access) SFTP_REQUEST_##NAME,
enum sftp_request_kind {
#include "sshd/sftp/requests.def"
	SFTP_REQUEST_COUNT
};
#undef REQUEST
#undef EXTENSION

enum sftp_access { SFTP_CHANGES, SFTP_READS, SFTP_OPENS };

struct sftp_request_row {
	const char *name;      /* as -P, -p and -Q have it */
	uint8_t number;        /* SSH_FXP_EXTENDED for an extension */
	const char *extension; /* its name on the wire, or NULL */
	const char *version;   /* which it is announced with; NULL: it is not */
	sftp_parser *parse;
	enum sftp_access access;
};

extern const struct sftp_request_row sftp_request_rows[SFTP_REQUEST_COUNT];

/* A set of requests: bit `1 << kind`. */
#define SFTP_REQUEST_BIT(kind) (UINT64_C(1) << (kind))
#define SFTP_REQUESTS_ALL      (SFTP_REQUEST_BIT(SFTP_REQUEST_COUNT) - 1)

/* The row's set for a name of -P and -p; 0: no such request. */
uint64_t sftp_request_named(struct slice name);

/*
 * Performs one request. It either sends its reply and returns SSH_FX_OK, or sends nothing and
 * returns the status to be sent; SFTP_LATER when the reply will follow by itself.
 */
struct sftp_session;
typedef enum sftp_status sftp_handler(
    struct sftp_session *session, const struct sftp_request *request, struct sftp_reply *reply);

/* What requests are carried out by: the file system, or a test's pretence of one. */
struct sftp_operations {
	sftp_handler *perform[SFTP_REQUEST_COUNT];

	/* The request has to wait for work that goes on. May be NULL. */
	bool (*is_held)(struct sftp_session *session, enum sftp_request_kind kind,
	    const struct sftp_request *request);

	/* Told after each answer; `kind` is SFTP_REQUEST_COUNT for one unknown. May be NULL. */
	void (*answered)(struct sftp_session *session, enum sftp_request_kind kind,
	    enum sftp_status status, bool is_refused);
};

struct sftp_server {
	const struct sftp_operations *operations;
	struct sftp_session *session;
	uint64_t permitted; /* a set of requests */
	uint32_t version;   /* the client's; 0 before INIT */
	bool has_tail;      /* the last reply's end comes by another way and is still to come */
};

/* `permitted` is narrowed to what does not change files when `is_read_only`. */
struct sftp_server sftp_server_over(const struct sftp_operations *operations,
    struct sftp_session *session, uint64_t permitted, bool is_read_only);

/* What `out` must be able to hold: two of the largest replies, waiting to be written. */
#define SFTP_OUT_LIMIT 524288u
_Static_assert(2 * REPLY_ROOM <= SFTP_OUT_LIMIT, "one reply is built while another one is written");

/*
 * Takes whole packets off the front of `in` and appends the replies to `out`, until there is
 * no whole packet (ERR_AGAIN), or the next request is held, or `out` has `full` bytes or more, no
 * room for another, or ends in a packet whose rest comes by another way (ERR_LIMIT).
 *
 * Anything else ends the connection: ERR_TOO_LONG, ERR_TRUNCATED for a packet that cannot be
 * one, ERR_UNEXPECTED for a request before INIT, ERR_NO_MEMORY.
 */
enum err sftp_server_run(struct sftp_server *server, struct buf *in, struct buf *out, size_t full);
