/*
 * What the signature of a publickey request covers (RFC 4252 section 7; PROTOCOL of OpenSSH for
 * the host-bound form), put together from the monitor's own facts and nothing the peer said.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct signed_request {
	struct slice session_id; /* H of the first exchange */
	struct slice user;       /* as fixed for the connection */
	struct slice algorithm;  /* name of the row */
	struct slice key_blob;
	bool is_hostbound;       /* publickey-hostbound-v00@openssh.com */
	struct slice host_key;   /* the blob that signed the first exchange; for that form only */
};

#define SIGNED_REQUEST_LIMIT (40u * 1024)

/*
 * Lays the request out into `room` (SIGNED_REQUEST_LIMIT bytes are always enough for fields
 * within the limits of the message table).
 *
 * data   what to verify the signature over; set on success only, lies in room
 * ERR_LIMIT: room is too small. ERR_RANGE: a fact is missing, so nothing can be right.
 */
enum err signed_request_build(const struct signed_request *request, struct span room,
    struct slice *data);
