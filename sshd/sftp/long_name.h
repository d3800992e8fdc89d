/* The line that `ls -l` would print: the longname of a NAME (draft section 7). */
#pragma once

#include <sys/stat.h>
#include <time.h>

#include "sshd/sftp/names.h"
#include "sshd/wire/writer.h"

/* Bytes of a line besides user, group and file name, at most. */
#define LONG_NAME_ROOM 96u

/*
 * Appends it as a string. `now` decides whether a date is shown with its time of day or with its
 * year. Users and groups without a name are shown as numbers.
 */
void long_name_write(struct writer *w, struct slice name, const struct stat *st,
    struct sftp_name_cache *names, time_t now);
