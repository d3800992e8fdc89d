/*
 * The messages 30 to 34 as the key exchange methods use them: RFC 4253 section 8, RFC 4419
 * section 5, RFC 5656 section 4 (and the hybrids, which have its shape). Payloads begin with
 * their message number; parsed slices point into them. ERR_UNEXPECTED: another number.
 */
#pragma once

#include "sshd/wire/messages_transport.h"

#define KEX_PUBLIC_LIMIT    4096u  /* the longest public value of any ECDH or hybrid method */
#define KEX_MPINT_LIMIT     1024u  /* of e, f, p and g: 8192 bits */
#define KEX_HOST_KEY_LIMIT  16384u /* certificates included */
#define KEX_SIGNATURE_LIMIT 16384u

/* 30: Q_C as a string, or e as an mpint (its magnitude). */
enum err kex_init_parse(struct slice payload, uint8_t number, bool is_mpint, struct slice *Q_C);
void kex_init_encode(struct writer *w, uint8_t number, bool is_mpint, struct slice Q_C);

/* 31, or 33 for group exchange. */
struct kex_reply {
	struct slice K_S, Q_S, signature;
};

enum err kex_reply_parse(
    struct slice payload, uint8_t number, bool is_mpint, struct kex_reply *out);
void kex_reply_encode(
    struct writer *w, uint8_t number, bool is_mpint, const struct kex_reply *reply);

/* What kex_reply_encode needs at most. */
static inline size_t kex_reply_room(const struct kex_reply *reply)
{
	return 1 + 3 * 4 + 1 + reply->K_S.len + reply->Q_S.len + reply->signature.len;
}

/* 34, or in its old form, which names only n, 30. */
struct gex_request {
	bool is_old;
	uint32_t min, n, max;
};

enum err gex_request_parse(struct slice payload, struct gex_request *out);
void gex_request_encode(struct writer *w, const struct gex_request *request);

struct gex_group {
	struct slice p, g; /* magnitudes */
};

enum err gex_group_parse(struct slice payload, struct gex_group *out);
void gex_group_encode(struct writer *w, const struct gex_group *group);
