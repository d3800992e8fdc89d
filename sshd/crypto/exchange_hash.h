/*
 * The exchange hash H, with the letters of RFC 4253 section 8, RFC 4419 section 3, RFC 5656
 * section 4. It stands here because net, monitor and signer each compute their own.
 */
#pragma once

#include "sshd/crypto/algorithms.h"

struct transcript {
	struct slice V_C, V_S; /* identification strings without CR LF */
	struct slice I_C, I_S; /* payloads of the KEXINIT messages, message number included */
	struct slice K_S;      /* the host key blob */
	struct {
		bool is_old;          /* the request named only n (message 30) */
		uint32_t min, n, max; /* as asked for */
		struct slice p, g;    /* magnitudes */
	} group;                      /* KEX_FLOW_GROUP only */
	struct slice Q_C, Q_S;        /* strings for ECDH, magnitudes of e and f for the DH flows */
	struct slice K;               /* as in exchange.h */
};

#define TRANSCRIPT_LIMIT (512u * 1024)

/* H = HASH(V_C || V_S || I_C || ...). ERR_CRYPTO, ERR_NO_MEMORY, ERR_LIMIT. */
enum err exchange_hash(const struct kex_algorithm *algorithm, const struct transcript *transcript,
    struct digest *H);
