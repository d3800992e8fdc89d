/* What the signer signs: an exchange hash or a host key proof, both laid out here. */
#pragma once

#include "privsep/ipc/messages.h"
#include "privsep/signer/signer_keys.h"

/*
 * The signature over H of the exchange that `ask` describes, appended.
 *
 * ERR_RANGE: no such key. ERR_UNSUPPORTED: no such method or algorithm. ERR_MALFORMED: values
 * that do not fit the method. ERR_KEY: the key does not sign so. ERR_CRYPTO, ERR_NO_MEMORY.
 */
enum err sign_exchange(const struct signer_keys *keys, const struct msg_signer_exchange *ask,
    struct buf *signature);

/* The same over the proof of hostkeys-prove-00@openssh.com for one key. */
enum err sign_proof(const struct signer_keys *keys, const struct msg_signer_proof *ask,
    struct buf *signature);
