/* What this host gives us: the self-test at start, and the accounts of the sandboxes. */
#pragma once

#include <sys/types.h>

#include "sshd/base/err.h"

struct host_account {
	uid_t uid;
	gid_t gid;
};

struct host {
	bool is_root;    /* the personality: false serves only the calling user */
	uint32_t layers; /* of sandbox.h */
	struct host_account net, signer;
	const char *empty_root; /* NULL: none */
	int network_fd;         /* the shared empty network namespace, -1: none */
};

/*
 * Tries every layer and logs one line for what is missing.
 *
 * ERR_SANDBOX: a required layer is missing (logged).
 */
enum err host_test(struct host *host);
