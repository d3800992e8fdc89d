/* The host, or a tree of files, as lint asks for it. */
#pragma once

#include "config/lint.h"

struct host {
	const char *root; /* of a tree; NULL: this host */
};

/* `host` must live as long as the answer is used. */
struct lint_world world_of(struct host *host);
