/* Fuzz seeds that unit tests use as vectors too. Tests only: it allocates and never frees. */
#pragma once

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "sshd/base/file.h"

#define SEED_BYTES_LIMIT (1u << 20)

/* The content of tests/seeds/FOLDER/NAME. */
static inline struct slice seed(const char *folder, const char *name)
{
	const char *seeds = getenv("SEEDS");
	struct buf content = buf_empty(SEED_BYTES_LIMIT);
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", seeds ? seeds : "tests/seeds", folder, name);
	ck_assert_msg(file_read_at(AT_FDCWD, path, &content) == ERR_OK, "cannot read %s", path);
	return buf_view(&content);
}
