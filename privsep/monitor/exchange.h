/* Key exchange as the monitor sees it: cookies, signatures, the session identifier. */
#pragma once

#include "privsep/monitor/host_keys.h"
#include "privsep/monitor/pace.h"
#include "sshd/base/loop.h"
#include "sshd/crypto/algorithms.h"

#define REKEYS_LIMIT   (1u << 20)
#define REKEY_BURST    64u
#define REKEY_MS       16u /* one more, when the burst is used up: a fast link with RekeyLimit 1M needs it */
#define PROOFS_LIMIT   HOST_KEYS_LIMIT
#define QUESTIONS_LIMIT (PROOFS_LIMIT + 1)

/* What the signer was asked and has not answered yet; it answers in order. */
struct signer_question {
	bool is_proof;    /* else the signature of an exchange */
	uint32_t request; /* of a proof: net's number */
};

struct exchange {
	struct buf I_S;     /* the payload in force */
	bool has_cookie;    /* I_S has not been signed for yet */
	uint32_t rekeys;
	struct pace pace;
	struct loop_timer rekey_due;
	bool is_rekey_due;

	struct digest session_id;
	unsigned host_key;  /* the key that signed the first exchange */
	const struct signature_algorithm *signature; /* and how */

	bool has_group;     /* GROUP was answered for this cookie */
	struct {
		bool is_old;
		uint32_t min, n, max;
		struct buf p, g;
	} group;

	uint32_t proven;    /* bits of host keys */
	struct signer_question questions[QUESTIONS_LIMIT];
	unsigned question_count;
};
