/* What this host gives: each layer is tried in a child process that is thrown away. */
#pragma once

#include <sys/types.h>

#include "privsep/sandbox/sandbox.h"

struct probe {
	uid_t uid; /* of sshd-net, when is_root */
	gid_t gid;
	bool is_root;           /* the personality: may change the uid */
	const char *empty_root; /* NULL: none */
};

/* The layers that work here. A required one that is not in the answer is fatal for the caller. */
uint32_t probe_layers(const struct probe *probe);
