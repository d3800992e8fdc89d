/* Public keys and signatures as blobs (RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f). */
#pragma once

#include "sshd/base/buf.h"
#include "sshd/crypto/hash.h"

#define KEY_BLOB_LIMIT       16384u
#define SIGNATURE_BLOB_LIMIT 16384u
#define KEY_TYPE_LIMIT       64u

enum key_kind { KEY_NONE, KEY_ED25519, KEY_ECDSA, KEY_RSA, KEY_SK_ED25519, KEY_SK_ECDSA };

/* A plain (not certified) public key; all slices point into the blob it was parsed from. */
struct key_blob {
	struct slice blob;
	struct slice type; /* "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "sk-..." */
	enum key_kind kind;
	struct slice point;       /* ed25519: 32 bytes; ecdsa: uncompressed point */
	struct slice curve;       /* ecdsa: "nistp256" and so on */
	struct slice e, n;        /* rsa: magnitudes */
	struct slice application; /* sk keys */
};

/*
 * Parses the shape only; no arithmetic, no library, fit for untrusted bytes.
 * ERR_UNSUPPORTED: a type we do not know (certificates are certificate.h's).
 * ERR_KEY: RSA below 1024 or above 16384 bits or with an exponent past 32 bits, a point of wrong
 * length.
 */
enum err key_blob_parse(struct slice blob, struct key_blob *out);

/*
 * The part of key_blob_parse behind the name, for what has it elsewhere too (certificates): the
 * fields of a plain key of `type`, read from `r`. Sets all of `out` but its blob.
 */
struct reader;
enum err key_fields_read(struct reader *r, struct slice type, struct key_blob *out);

/* Bits as `ssh-keygen -l` shows them: 256, 384, 521, or the modulus length. */
unsigned key_blob_bits(const struct key_blob *key);

/* The name people see: ED25519, ECDSA, RSA, ED25519-SK, ECDSA-SK. */
const char *key_blob_type_name(const struct key_blob *key);

/* "SHA256:base64 without padding" or "MD5:aa:bb:...", appended. */
enum err key_fingerprint(struct slice blob, enum hash_kind kind, struct buf *out);
