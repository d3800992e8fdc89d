/* The user's own files that a login reads and writes, in the user's name and behind any chroot. */
#pragma once

#include "sshd/base/buf.h"

#define ENVIRONMENT_FILE_LIMIT 32768u
#define AUTH_INFO_PATH_SIZE    40u

/*
 * Appends ~/.ssh/environment. One that is not there, not a regular file, or larger than
 * ENVIRONMENT_FILE_LIMIT adds nothing. ERR_NO_MEMORY.
 */
enum err environment_file_read(const char *home, struct buf *out);

/* ~/.hushlogin: its owner wants to be told nothing. */
bool login_is_hushed(const char *home);

/* Shows a text file on standard output, as far as it can be read. */
void text_file_show(const char *path);

/*
 * What SSH_USER_AUTH names: a new file of the user's alone, removed by auth_info_remove.
 * `path` is empty when it cannot be written; that is no reason to refuse a login.
 */
void auth_info_write(struct slice text, char path[static AUTH_INFO_PATH_SIZE]);
void auth_info_remove(char path[static AUTH_INFO_PATH_SIZE]);
