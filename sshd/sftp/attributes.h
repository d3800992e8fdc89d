/* Attributes of files: what stat says as the wire has it, and what a client wants set. */
#pragma once

#include "sshd/sftp/session.h"

struct sftp_attributes sftp_attributes_of(const struct stat *st);

/* The mode to make a new file with when the client asks for these attributes. */
mode_t sftp_mode_for_new(const struct sftp_session *session,
    const struct sftp_attributes *attributes, bool is_directory);

/*
 * Sets mode, times and owner of what is at `place`, in this order: a new owner may take bits of
 * the mode away, as the kernel wants it. All are tried, whatever fails. 0, or the last errno.
 */
int sftp_attributes_set(const struct sftp_session *session, const struct sftp_place *place,
    const struct sftp_attributes *attributes);

/* What of it is set, to the log. */
void sftp_attributes_log(const struct sftp_session *session, struct slice path,
    const struct sftp_attributes *attributes);
