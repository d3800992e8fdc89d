/* Authentication: the account, what has been earned, what is being answered. */
#pragma once

#include "config/policy.h"
#include "privsep/ipc/messages.h"
#include "privsep/monitor/account.h"
#include "privsep/monitor/conversation.h"
#include "privsep/monitor/peer.h"
#include "sshd/auth/evidence/attempts.h"
#include "sshd/auth/evidence/restrictions.h"
#include "sshd/base/loop.h"
#include "sshd/crypto/hash.h"

#define USED_KEYS_LIMIT FACTORS_LIMIT
#define METHODS_LIMIT   512u
#define AUTH_INFO_LIMIT 16384u

struct auth {
	struct account account;
	const struct conf *conf; /* for this user and address; before USER the daemon's own */
	struct conf *own_conf;   /* the same, once it is ours to free */
	struct group_names groups;
	char host[HOST_NAME_SIZE]; /* the peer's name, where UseDNS found one */
	struct match_facts match;
	struct policy_facts facts;
	bool is_valid;           /* the account exists and may log in; else all is done in vain */
	struct required required;
	struct attempts attempts;
	struct restrictions restrictions;
	bool is_command_configured; /* ForceCommand set it, not a key */

	struct digest used_keys[USED_KEYS_LIMIT]; /* for "publickey,publickey": two different ones */
	unsigned used_key_count;

	struct pam_stack *pam; /* NULL until it is needed */
	struct conversation conversation;
	bool must_change;      /* all is earned, but the password has expired: PAM is to change it */
	bool must_run_passwd;  /* the same without PAM: the session is for that alone */
	struct buf info;       /* what was earned, a line each: ExposeAuthInfo */
	struct buf greeting;   /* what PAM said when the session was opened */
	struct buf environment; /* what PAM wants the login to have */

	struct { /* a refusal that waits for its moment */
		struct loop_timer due;
		bool is_last; /* too many tries: the connection ends instead */
	} refusal;
};
