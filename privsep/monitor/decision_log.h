/*
 * What is said of a connection in the log, in OpenSSH's words where it has some: fail2ban and
 * its like read them. Fields carry what the peer said; none of it is ever a format.
 */
#pragma once

#include "config/policy.h"
#include "privsep/monitor/attempt.h"
#include "privsep/ipc/messages.h"
#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/base/log.h"

struct monitor;
struct session;

/* A rule of the configuration refused the account or the connection; the line is policy's. */
void log_refusal(const struct monitor *m, enum policy_reason reason, struct slice line);

/* "Accepted publickey for ..." and so on, at the level that OpenSSH gives it. */
void log_attempt(const struct monitor *m, const struct attempt *attempt);
/* A prompt of this device was sent. */
void log_postponed(const struct monitor *m, enum auth_device device);
void log_too_many_tries(const struct monitor *m);
void log_disconnecting(const struct monitor *m, const char *reason);

/* PAM's word for a refusal: of an attempt, of the account, of the session. */
void log_pam_failure(const struct monitor *m, const char *text);
void log_otp(const struct monitor *m, const char *what);
void log_account_refused(const struct monitor *m, const char *text);
void log_session_refused(const struct monitor *m, const char *text);

void log_key_found(const struct monitor *m, const char *path, unsigned line, struct slice info);
void log_key_remark(const struct monitor *m, const char *path, unsigned line, enum key_remark remark,
    struct slice detail);
struct offered_key;
/* `line` 0: by the authorities in the file at `path`, else at that line of it. */
void log_certificate_found(const struct monitor *m, const struct offered_key *offered, const char *path,
    unsigned line);
void log_certificate_refused(const struct monitor *m, const struct offered_key *offered, const char *why);
/* `err` ERR_OK: it is in the list; else the list itself is no good. */
void log_revoked(const struct monitor *m, const struct offered_key *offered, const char *path, enum err err);
void log_command_failed(const struct monitor *m, const char *line, enum err err);
void log_modes_refused(const struct monitor *m, struct slice obstacle);
void log_lookup_failed(const struct monitor *m, const char *path, enum err err);

void log_deadline(const struct monitor *m);
void log_net_event(struct monitor *m, const struct msg_net_event *event);
void log_bye(struct monitor *m, const struct msg_net_bye *bye);
void log_broken(const struct monitor *m, enum err err, const char *what);

void log_session_starting(const struct monitor *m, const struct session *session, const char *kind);
void log_session_closed(const struct monitor *m, const struct session *session);
void log_user_process(const struct monitor *m, struct slice reason);
void log_sftp(const struct monitor *m, enum log_level level, struct slice text);
