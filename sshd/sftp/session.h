/* One client's session: what the handlers of requests share. */
#pragma once

#include "sshd/sftp/handles.h"
#include "sshd/sftp/jobs.h"
#include "sshd/sftp/names.h"
#include "sshd/sftp/options.h"
#include "sshd/sftp/paths.h"
#include "sshd/sftp/relay.h"
#include "sshd/sftp/server.h"

struct sftp_session {
	const struct sftp_options *options;
	struct sftp_paths paths;
	struct sftp_handles handles;
	struct sftp_name_cache names;
	struct relay relay;
	struct sftp_jobs jobs;
	mode_t mask; /* a umask that we apply: the kernel's would cut forced modes as well */
};

/* The handlers, one for each row of requests.def. */
extern const struct sftp_operations sftp_file_operations;

#define REQUEST(NAME, number, name, parser, handler, access)               sftp_handler handler;
#define EXTENSION(NAME, wire_name, version, name, parser, handler, access) sftp_handler handler;
#include "sshd/sftp/requests.def"
#undef REQUEST
#undef EXTENSION

/*
 * Begins a session: sets the umask, enters the jail and the start directory that the options
 * name. `options` is borrowed for its whole life.
 *
 * ERR_SYSTEM: the jail cannot be opened. A start directory that cannot be entered is logged.
 */
enum err sftp_session_init(struct sftp_session *session, const struct sftp_options *options);

/* Closes what the client left open, and logs it. */
void sftp_session_wipe(struct sftp_session *session);

/* The status for an errno value, as OpenSSH's clients expect it. */
enum sftp_status sftp_status_of(int error);

/* The status for errno, with its own text where the protocol only knows "Failure". */
enum sftp_status sftp_failed(struct sftp_reply *reply);

/* OK, or the status for errno: for calls that return 0 or -1. */
enum sftp_status sftp_result(struct sftp_reply *reply, int result);

/* The open handle that a request names, or NULL. */
struct sftp_handle *sftp_session_handle(
    struct sftp_session *session, struct slice name, enum sftp_handle_kind kind);

/* Closes one. ERR_SYSTEM: close failed (a quota, NFS); it is closed all the same. */
enum err sftp_session_close(
    struct sftp_session *session, struct sftp_handle *handle, enum event event);

/* SFTP_LOG(session, SFTP_MKDIR, F("PATH", path), ...) */
bool sftp_logs(const struct sftp_session *session, enum event event);
void sftp_log_event(const struct sftp_session *session, enum event event,
    const struct log_field *fields, size_t count);
#define SFTP_LOG(session, event, ...)                                                              \
	sftp_log_event(session, EVENT_##event, (const struct log_field[]){__VA_ARGS__},            \
	    COUNT_OF(((const struct log_field[]){__VA_ARGS__})))

/* A number as a field's text, in decimal or (modes) in octal. */
struct sftp_number {
	char text[24];
};
struct sftp_number sftp_decimal(uint64_t value);
struct sftp_number sftp_octal(uint64_t value);
