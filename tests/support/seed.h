/* Fuzz seeds that unit tests use as vectors too. */
#pragma once

#include <fcntl.h>
#include <stdio.h>

#include "sshd/base/file.h"
#include "tests/support/keep.h"

#define SEED_BYTES_LIMIT (1u << 20)

/* The content of tests/seeds/FOLDER/NAME. */
static inline struct slice seed(const char *folder, const char *name)
{
	const char *seeds = getenv("SEEDS");
	struct buf content = buf_empty(SEED_BYTES_LIMIT);
	struct slice kept;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", seeds ? seeds : "tests/seeds", folder, name);
	ck_assert_msg(file_read_at(AT_FDCWD, path, &content) == ERR_OK, "cannot read %s", path);
	kept = slice_over(keep(buf_len(&content)), buf_len(&content));
	memcpy((void *)kept.ptr, buf_view(&content).ptr, kept.len);
	buf_wipe(&content);
	return kept;
}
