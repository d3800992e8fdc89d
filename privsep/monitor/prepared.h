/* What the template makes ready once, before it forks: every connection reads it, none changes it. */
#pragma once

#include "config/resolve.h"
#include "privsep/ipc/handover.h"
#include "privsep/monitor/account.h"
#include "privsep/monitor/host_keys.h"
#include "privsep/monitor/kexinit.h"

struct prepared {
	struct handover handover;
	struct config *config;
	struct conf *conf; /* what holds before a user is known */
	struct nobody nobody;
	struct host_keys host_keys;
	struct buf host_keys_for_net; /* the same, cut down to HostKeyAlgorithms */
	struct kexinit_lists lists;   /* slices into the five below */
	struct buf kex, host_key_algorithms, ciphers, macs, compression;
	struct buf server_sig_algs;
	int user_program; /* O_PATH */
};

/*
 * Reads the handover (slices of it stay in use for ever) and makes everything of it that no
 * connection changes.
 *
 * ERR_CONFIG: the configuration is not valid, which the listener should have found. ERR_NO_COMMON:
 * no algorithm is left in one of the lists. ERR_NO_MEMORY, ERR_LIMIT and the errors of parsing.
 */
enum err prepared_init(struct prepared *prepared, struct slice handover);

/*
 * The lists alone, from prepared->conf and prepared->handover. For prepared_init and tests.
 */
enum err prepared_init_lists(struct prepared *prepared);

/* LogLevel of these settings, -d and -q, for what this process logs from now on. */
void prepared_use_log_level(const struct prepared *prepared, const struct conf *conf);
