/*
 * OpenSSH certificates (PROTOCOL.certkeys, draft-ietf-sshm-cert): a public key with names, times
 * and options, signed by an authority. Parsing says what it claims, certificate_verify whether
 * its authority said so; whether that authority is trusted, and what the options mean for a
 * login, others decide.
 */
#pragma once

#include "sshd/crypto/key_blob.h"

#define CERTIFICATE_PRINCIPALS_LIMIT 256u

enum certificate_kind { CERTIFICATE_OF_USER = 1, CERTIFICATE_OF_HOST = 2 };

/* All slices point into the blob it was parsed from. */
struct certificate {
	struct slice blob;
	struct slice type;   /* "ssh-ed25519-cert-v01@openssh.com" and so on */
	struct key_blob key; /* the certified key; its blob is empty, see certificate_plain_key */
	struct slice key_fields;
	uint64_t serial; /* 0: the authority does not number them */
	enum certificate_kind kind;
	struct slice key_id;
	struct slice principals;                 /* for certificate_principal_next */
	uint64_t valid_after_s, valid_before_s;  /* since 1970; not valid at valid_before_s any more */
	struct slice critical_options, extensions;
	struct slice authority;     /* the plain key blob of who signed it */
	struct slice signed_part;   /* what the signature covers */
	struct slice signature;
};

/*
 * Parses the shape only; no arithmetic, no library, fit for untrusted bytes.
 * ERR_UNSUPPORTED: not a certificate of a type we know. ERR_KEY: its key or that of its authority
 * is not acceptable. ERR_LIMIT: more than CERTIFICATE_PRINCIPALS_LIMIT names.
 */
enum err certificate_parse(struct slice blob, struct certificate *out);

/* Appends the certified key as a plain blob: what signatures are verified with and lists name. */
enum err certificate_plain_key(const struct certificate *certificate, struct buf *out);

/* Takes the first name off a list of principals. False at its end. */
bool certificate_principal_next(struct slice *principals, struct slice *name);

/*
 * Whether it names this principal, letter by letter. No names are nobody's names, and names with
 * a comma are not taken for anyone's, for lists of names are written with commas elsewhere.
 */
bool certificate_names(const struct certificate *certificate, struct slice principal);

/* Why a certificate does not count; valid is the only one that is not zero by accident. */
enum [[nodiscard]] certificate_answer {
	CERTIFICATE_UNCHECKED = 0,
	CERTIFICATE_WRONG_KIND, /* of a host where one of a user is needed, or the reverse */
	CERTIFICATE_NOT_YET_VALID,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_WRONG_ALGORITHM, /* signed in a way that the list does not contain */
	CERTIFICATE_WRONG_SIGNATURE,
	CERTIFICATE_VALID = 0x2d96b4c3,
};

/* A sentence fragment for logs: "certificate has expired". */
const char *certificate_answer_text(enum certificate_answer answer);

/*
 * Checks kind, time and signature. Trust in the authority is checked by the caller, and first.
 *
 * algorithms   name-list of what authorities may sign with (CASignatureAlgorithms)
 * answer       set on success only
 * ERR_CRYPTO, ERR_NO_MEMORY.
 */
enum err certificate_verify(const struct certificate *certificate, enum certificate_kind kind,
    uint64_t now_s, struct slice algorithms, enum certificate_answer *answer);

/* What critical options and extensions say, those of user certificates. */
struct certificate_options {
	bool has_command, has_source_address;
	struct slice command;        /* force-command */
	struct slice source_address; /* comma-separated addresses and CIDR blocks */
	bool verify_required;
	bool no_touch_required;
	bool permit_x11_forwarding, permit_agent_forwarding, permit_port_forwarding;
	bool permit_pty, permit_user_rc;
};

/*
 * ERR_UNSUPPORTED: a critical option that we do not know, so nobody may log in with it.
 * ERR_MALFORMED and the reader's errors: an option is not as it has to be, or there twice.
 */
enum err certificate_options_parse(const struct certificate *certificate,
    struct certificate_options *out);
