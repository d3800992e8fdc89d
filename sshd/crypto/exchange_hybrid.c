/* The hybrid methods are not built yet: without functions they are ERR_UNSUPPORTED. */
#include "sshd/crypto/exchange_ops.h"

const struct kex_ops kex_mlkem768x25519 = {0};
const struct kex_ops kex_mlkem768nistp256 = {0};
const struct kex_ops kex_sntrup761x25519 = {0};
