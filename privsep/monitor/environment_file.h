/* ~/.ssh/environment: lines of NAME=value. Pure. */
#pragma once

#include "sshd/base/slice.h"

/*
 * Takes lines off `rest` up to the next assignment; false: there is none. Empty lines, comments
 * and lines that are no assignment are passed over, as are those with a zero byte. The value is
 * the rest of the line as it stands.
 */
bool environment_file_next(struct slice *rest, struct slice *name, struct slice *value);
