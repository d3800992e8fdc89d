/* One user's process: what it was told at the start and what it needs to serve. */
#pragma once

#include <sys/types.h>

#include "privsep/ipc/channel.h"
#include "sshd/base/buf.h"
#include "sshd/base/log.h"
#include "sshd/base/loop.h"

/* The contents of USER_SETUP as C strings; they live as long as the process. */
struct user_setup {
	enum user_role role;
	bool switches_identity;
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	const char *name, *home, *shell, *chroot;
	const char *ssh_client, *ssh_connection;
	struct slice environment;
	bool reads_environment, minds_nologin;
	enum log_level log_level;
	struct slice auth_info; /* for the file that SSH_USER_AUTH names; empty: there is none */
};

struct user {
	struct user_setup setup;
	struct ipc_channel channel;
	int dev; /* of /dev, opened before the chroot */
	struct span datagram;
};

/* ERR_MALFORMED: a string with a zero byte, groups that are no list of u32. ERR_NO_MEMORY. */
enum err user_setup_take(const struct msg_user_setup *msg, struct user_setup *setup);

/*
 * Opens /dev, enters the chroot, takes the groups, gid and uid and proves it. On failure `what`
 * gets a sentence for the log, which names the obstacle.
 */
enum err user_become(struct user *user, struct buf *what);

/* The two roles; both return when the monitor closes the channel. */
enum err lookup_serve(struct user *user);
enum err programs_serve(struct user *user);
