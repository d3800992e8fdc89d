/* Private key files: "OPENSSH PRIVATE KEY", PKCS#1, SEC1 and PKCS#8 PEM; without passphrase. */
#pragma once

#include "sshd/base/secret.h"
#include "sshd/crypto/signature.h"

#define KEY_FILE_LIMIT 65536u

/*
 * For a process that holds host keys, before it makes the first one: from then on the private
 * numbers lie on locked, guarded pages of their own, kept out of core dumps. A lock that the
 * limits forbid is not an error. ERR_CRYPTO: there is no such memory.
 */
enum err private_key_protect(void);

/*
 * Makes a key from the text of a private key file.
 *
 * ERR_ENCRYPTED: it is protected by a passphrase. ERR_KEY: a type or size we do not use (RSA
 * 2048 to 8192 bits, ECDSA on the three NIST curves, Ed25519). ERR_MALFORMED.
 */
enum err private_key_parse(struct slice text, struct private_key **out);

/* A public key file's single line "type base64 comment": appends the decoded blob. */
enum err public_key_line_parse(struct slice line, struct buf *blob);

/*
 * Looks for the plain key `blob` in a list of such lines; empty lines and those that begin with
 * '#' do not count, and of a certificate its key is meant.
 *
 * is_listed   set on success only
 * ERR_MALFORMED: it is not there, but there is a line that could not be read. ERR_NO_MEMORY.
 */
enum err public_key_list_search(struct slice text, struct slice blob, bool *is_listed);

/* Makes a new Ed25519, ECDSA or RSA key and appends its text as an OpenSSH private key file. */
enum err private_key_generate(enum key_kind kind, unsigned bits, struct slice comment,
    struct buf *text);
