/* An sshd-user: started, told who to become, ended. */
#pragma once

#include <sys/types.h>

#include "privsep/ipc/channel.h"
#include "privsep/monitor/account.h"
#include "sshd/base/loop.h"

struct monitor;

struct user_process {
	struct ipc_channel channel;
	enum user_state state;
	struct loop_source source; /* of the channel; `ready` is its owner's */
	int process;               /* pidfd; -1: there is none */
};

#define USER_PROCESS_NONE ((struct user_process){.channel.fd = -1, .process = -1})

struct user_start {
	enum user_role role;
	const struct account *account; /* with its groups loaded */
	const char *chroot;            /* NULL: none */
	struct slice environment;
	struct slice auth_info;        /* for SSH_USER_AUTH; empty: not told */
	bool reads_environment, minds_nologin;
	void (*ready)(struct loop_source *source, uint32_t events);
};

/*
 * Starts the program and sends it USER_SETUP; it answers USER_READY or USER_FAILED.
 * ERR_SYSTEM, ERR_NO_MEMORY.
 */
enum err user_process_start(struct monitor *m, const struct user_start *start,
    struct user_process *process);

/* Closes its channel, which makes it end; one in the look-up role is killed. Idempotent. */
void user_process_end(struct monitor *m, struct user_process *process, bool kills);
