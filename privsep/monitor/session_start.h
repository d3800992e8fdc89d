/* What the user's process and the programs of sessions are started with. */
#pragma once

#include "privsep/monitor/sessions.h"

#define CHROOT_PATH_LIMIT 4096u
#define GREETING_LIMIT    9216u

/* ChrootDirectory with its tokens replaced; nothing where there is none. */
enum err chroot_path(struct monitor *m, struct buf *out);

/* Keeps of ~/.ssh/environment what PermitUserEnvironment lets through. */
enum err user_environment_take(struct monitor *m, struct slice file);

/*
 * NAME=value, each ended by a zero byte; of several values of a name the last one counts.
 * ERR_LIMIT, ERR_NO_MEMORY.
 */
enum err session_environment(struct monitor *m, const struct session *session, struct buf *out);

/* What a login shell on a terminal is preceded by: what PAM said, and the last login. */
enum err session_greeting(struct monitor *m, const struct session *session, struct buf *out);
