/*
 * The monitor between scripted neighbours: a real sshd-monitor template and sshd-signer, a
 * listener and a net that are this test, and an sshd-user that is real or scripted.
 */
#pragma once

#include <sys/types.h>

#include "privsep/ipc/channel.h"
#include "sshd/base/buf.h"
#include "sshd/crypto/algorithms.h"
#include "sshd/crypto/key_file.h"

#define RIG_V_S "SSH-2.0-OpenSSH_10.5 Sekisho-test"
#define RIG_V_C "SSH-2.0-test"

struct rig {
	char dir[64];
	struct ipc_channel control; /* the template's */
	struct ipc_channel signer;
	pid_t template, signer_process;
	struct buf host_keys;
	const char *user_program;   /* NULL: the real one */
	const char *options[4];     /* lines of -o, beside those the rig needs */
};

/* Its directory alone, for what must be there before the start. */
void rig_make_dir(struct rig *rig);
/* Starts signer and template with these lines of sshd_config behind the usual ones. */
void rig_start(struct rig *rig, const char *conf);
/* Ends everything, and checks that nothing of ours is left. */
void rig_stop(struct rig *rig);

/* What the monitors and the template wrote so far; the caller frees it. */
char *rig_log(const struct rig *rig);
/* Waits until the log has this text. */
void rig_expect_log(const struct rig *rig, const char *text);
/* ... so many times. */
void rig_expect_logs(const struct rig *rig, const char *text, unsigned count);
bool rig_has_logged(const struct rig *rig, const char *text);
void rig_write(const struct rig *rig, const char *name, struct slice content);

/* One connection, seen from net. */
struct net {
	struct rig *rig;
	struct ipc_channel channel, status;
	struct ipc_message message; /* the last one received */
	int client;                 /* the client's end of the connection */
	int monitor;                /* pidfd */
	pid_t process;              /* stands for the net process: sleeps until it is killed */
	struct buf I_S;
	struct digest session_id;
};

void net_open(struct rig *rig, struct net *net);
/* Waits for the monitor's end, and checks that it took net's process with it. */
void net_expect_end(struct net *net);
void net_close(struct net *net);
enum connection_outcome net_outcome(struct net *net);

/* Sends whatever; the monitor judges. */
#define NET_SAY(net, TYPE, name, ...)                                                              \
	ck_assert_int_eq(ERR_OK,                                                                   \
	    IPC_SEND(&(net)->channel, STATE_UNKNOWN, MSG_##TYPE, name,                             \
		&((struct msg_##name){__VA_ARGS__}), rig_scratch()))
/* The next message must be this one. */
#define NET_HEAR(net, TYPE, name, out)                                                             \
	do {                                                                                       \
		net_receive((net), MSG_##TYPE);                                                    \
		ck_assert_int_eq(msg_##name##_parse((net)->message.body, (out)), ERR_OK);          \
	} while (0)

struct span rig_scratch(void);
void net_receive(struct net *net, unsigned type);

/* Up to a session identifier, with curve25519-sha256 and an Ed25519 host key. */
void net_ready(struct net *net);
void net_sign(struct net *net);
void net_exchange(struct net *net);

/* A signature for publickey as a client makes it. */
void client_sign(const struct net *net, const struct private_key *key, const char *user,
    const char *algorithm, bool is_hostbound, struct buf *signature);
/* The same for a certificate, or any other blob and algorithm; made with the key's own algorithm. */
void client_sign_blob(const struct net *net, const struct private_key *key, const char *user,
    const char *algorithm, struct slice blob, const char *plain, struct buf *signature);
struct private_key *client_key(enum key_kind kind);
void rig_authorize(const struct rig *rig, const char *name, const char *options,
    const struct private_key *key);
const char *rig_user(void);
/* A program of the build tree, by its path there. Valid until the next call. */
const char *program_path(const char *name);

/* Messages of a login. */
void net_user(struct net *net, const char *user);
void net_keysig(struct net *net, const struct private_key *key, const char *user, bool is_hostbound);
/* The next message is a RESULT with this outcome and these methods. */
void net_expect_result(struct net *net, enum attempt_outcome outcome, const char *methods);
/* All the way to OPEN with this key. */
void net_login(struct rig *rig, struct net *net, const struct private_key *key);
uint64_t now_ms(void);
