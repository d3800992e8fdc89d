/*
 * A public key or certificate that was offered: what it is, what speaks for it, and what that
 * leaves it. answer_publickey.c asks; key_sources.c and key_certificate.c look.
 */
#pragma once

#include "privsep/monitor/monitor.h"
#include "sshd/auth/evidence/authorized_keys.h"
#include "sshd/crypto/certificate.h"
#include "sshd/crypto/signature.h"

/* What all that speaks for a key leaves it: always the narrower. */
struct key_grant {
	struct restrictions restrictions;
	bool is_begun;      /* something spoke for it */
	bool waives_touch;  /* all of it does without a touch of the security key */
	bool wants_pin;     /* any of it wants its user verified */
};

struct offered_key {
	struct slice algorithm, blob; /* as offered */
	const struct signature_algorithm *row;   /* of the algorithm */
	const struct signature_algorithm *plain; /* what the signature itself is made with */
	bool is_certificate;
	struct certificate certificate;
	struct buf key_blob; /* the key as a plain blob, of a certificate too */
	struct key_blob key; /* parsed from there */
	struct buf info;     /* for the log: "ED25519 SHA256:..." */
	struct key_grant grant;
};

void offered_key_wipe(struct offered_key *offered); /* for AUTO */

/* Adds what one more source says. DENY: it contradicts another. ERR_NO_MEMORY, ERR_LIMIT. */
enum err key_grant_narrow(struct key_grant *grant, const struct key_options *by, enum verdict *verdict);

/* ------------------------------------------------------------ key_sources.c */

/*
 * Does a file of the user's, the administrator's authority or AuthorizedKeysCommand speak for
 * the key? A source that cannot be asked does not speak. ERR_CLOSED: the connection ends.
 */
enum err key_sources_ask(struct monitor *m, struct offered_key *offered, enum verdict *verdict);

/* Is it in none of RevokedKeys? A list that cannot be read or relied on revokes every key. */
enum verdict key_is_not_revoked(struct monitor *m, const struct offered_key *offered);

/* For from= of keys and source-address of certificates. */
bool source_is_among(const struct monitor *m, struct slice patterns);
extern const struct local_zone local_zone;

/* -------------------------------------------------------- key_certificate.c */

/* A file by its name as a user's: read in his name, with StrictModes. DENY: not to be used. */
enum err key_file_get(struct monitor *m, const char *path, struct slice *content, enum verdict *verdict);

/*
 * A certificate whose authority a line of the user's keys names (`options` are that line's):
 * does it hold, for this user?
 */
enum err certificate_by_line(struct monitor *m, struct offered_key *offered, const struct key_options *options,
    enum verdict *verdict);

/* The same by TrustedUserCAKeys and the principals that are authorized for this account. */
enum err certificate_by_authority(struct monitor *m, struct offered_key *offered, enum verdict *verdict);
