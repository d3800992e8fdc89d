/* Verifying and making signatures (RFC 4252 section 7, RFC 5656, 8332 and 8709, PROTOCOL.u2f). */
#pragma once

#include "sshd/crypto/algorithms.h"
#include "sshd/crypto/key_blob.h"

/* What a security key said about its user, beside the signature itself. */
struct signature_facts {
	bool user_present, user_verified; /* flags of the authenticator; false for other keys */
	uint32_t counter;
};

/*
 * Verifies `signature` (a whole blob: name and signature) over `data` by the plain key in
 * `key_blob` with exactly this algorithm.
 *
 * facts   filled on success only; may be NULL
 * ERR_SIGNATURE: does not verify, or is of another algorithm. ERR_KEY: the key's type does not
 * fit the algorithm, or RSA outside 1024..16384 bits. ERR_CRYPTO: the library failed.
 */
enum err signature_verify(const struct signature_algorithm *algorithm, struct slice key_blob,
    struct slice signature, struct slice data, struct signature_facts *facts);

/*
 * The same for clients that name an RSA signature after its key, "ssh-rsa", although they made it
 * as the algorithm says (OpenSSH 7.0 to 7.7, and agents of that time). It is the hash of the
 * algorithm that verifies, so SHA-1 stays refused.
 */
enum err signature_verify_named_after_key(const struct signature_algorithm *algorithm,
    struct slice key_blob, struct slice signature, struct slice data,
    struct signature_facts *facts);

struct private_key; /* key_file.h makes them */

void private_key_free(struct private_key *key);
void private_key_release(struct private_key **key); /* for AUTO */

/* The public blob; lives as long as the key. */
struct slice private_key_blob(const struct private_key *key);

/* Appends the whole signature blob. ERR_KEY: the algorithm does not fit. */
enum err private_key_sign(const struct private_key *key,
    const struct signature_algorithm *algorithm, struct slice data, struct buf *signature);
