/* What the files of this folder share of one connection. Nothing outside includes it. */
#pragma once

#include "sshd/crypto/exchange.h"
#include "sshd/transport/inbox.h"
#include "sshd/transport/negotiate.h"
#include "sshd/transport/outbox.h"
#include "sshd/transport/phase.h"
#include "sshd/transport/rekey.h"
#include "sshd/transport/transport.h"
#include "sshd/transport/version.h"
#include "sshd/wire/messages_kex.h"

/* One key exchange; wiped when it ends. */
struct exchange {
	struct buf I_C, I_S;
	struct kexinit client, server; /* their slices point into I_C and I_S */
	struct gex_request request;
	struct buf p, g;
	struct buf Q_C;
	struct kex_keys keys;
	struct transcript transcript;
	struct packet_keys next_open; /* in force after their NEWKEYS */
	bool is_guess_wrong;
	uint64_t in_flight_bytes; /* what the opener had seen when our KEXINIT left */
};

struct transport {
	struct transport_settings settings; /* slices point into settings_bytes */
	uint8_t *settings_bytes;
	uint8_t V_C_bytes[VERSION_LINE_LIMIT];
	struct slice V_C;

	enum phase phase;
	uint64_t phase_since_ms;
	struct exchange exchange;
	struct transport_algorithms algorithms;
	struct transport_mismatch mismatch;
	struct digest session_id; /* len 0: not known yet */
	bool is_negotiated;
	unsigned
	    exchange_count; /* how many are complete in both directions; stays at the maximum */
	bool is_strict;
	bool peer_wants_ext_info;
	bool peer_takes_ext_info_in_auth;
	bool is_authenticated;
	bool is_peer_told; /* of it, by USERAUTH_SUCCESS */
	bool is_rekey_wanted;
	const char *version_error; /* what to say instead of DISCONNECT */

	struct inbox in;
	struct outbox out;

	uint64_t now_ms, active_ms;
	uint64_t keyed_ms; /* when the present keys were made */
};

/* The one place that changes the phase; the step must be in the table of phase.c. */
void transport_move(struct transport *t, enum phase next);
