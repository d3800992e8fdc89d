/*
 * What a monitor template gets from the listener, in a sealed memfd: the configuration as it
 * was read once, and facts about this host and this start. Written and read by programs of one
 * installation, yet parsed like anything from outside.
 */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/base/inheritance.h"

#define HANDOVER_LIMIT     (66u << 20) /* bytes, encoded */
#define HANDOVER_V_S_LIMIT 255u

/* Where monitors and what they start log to. */
enum handover_log {
	HANDOVER_LOG_SYSTEM, /* journald or syslog, which the reader connects to */
	HANDOVER_LOG_STDERR, /* descriptor 2, lines end with CR LF: -e, -d */
	HANDOVER_LOG_FILE,   /* descriptor 2, lines end with LF: -E */
	HANDOVER_LOG_COUNT,
};

struct handover {
	struct slice snapshot;  /* config/snapshot.h */
	struct slice host_keys; /* of SIGNER_KEYS: for each a string of algorithms and one of the blob */
	struct slice V_S;       /* our identification string without CR LF */
	bool is_root;           /* the personality: false serves only the calling user */
	bool is_debugging;      /* -d: one connection, everything in the foreground */
	uint32_t layers;        /* that every sshd-net must report (sandbox.h) */
	uint32_t net_uid, net_gid; /* where is_root; see also NetUidRange */
	enum handover_log log;
	uint8_t log_level_floor; /* -d, -dd, -ddd: enum log_level at least; 0: the configuration's */
	bool is_quiet;           /* -q: nothing is logged */
	uint32_t utmp_host_len;  /* -u: longer host names are recorded as addresses; 0: always */
	struct inheritance inheritance;
};

/* Appends it to `out`. ERR_LIMIT. */
enum err handover_encode(const struct handover *handover, struct buf *out);

/*
 * Slices point into `bytes`.
 *
 * ERR_TRUNCATED, ERR_TOO_LONG, ERR_TRAILING, ERR_MALFORMED.
 */
enum err handover_parse(struct slice bytes, struct handover *handover);
