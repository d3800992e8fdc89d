/*
 * RevokedKeys: a key revocation list (PROTOCOL.krl) or a text with one public key on each line.
 * Nothing is built from the list; each question reads it once, from the bytes in memory.
 */
#pragma once

#include "sshd/crypto/certificate.h"

#define REVOCATION_LIST_LIMIT (64u * 1024 * 1024) /* bytes of a file */

/* Revoked is what stays when nobody answered. */
enum [[nodiscard]] revocation { REVOKED = 0, NOT_REVOKED = 0x71c52e8b };

/*
 * Is this key revoked, by itself, as the certificate it came in, or because the authority of
 * that certificate is?
 *
 * key           the plain blob, of a certificate too
 * certificate   NULL: there is none
 * answer        set on success only
 * ERR_MALFORMED, ERR_UNSUPPORTED and the reader's errors: the list cannot be relied on, so no
 * key may be accepted. ERR_CRYPTO, ERR_NO_MEMORY: as well.
 */
enum err revocation_check(struct slice list, struct slice key,
    const struct certificate *certificate, enum revocation *answer);

/* The same errors, for who wants to know beforehand. */
enum err revocation_list_check(struct slice list);
