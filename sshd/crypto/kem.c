#include "sshd/crypto/kem.h"

#include "sshd/crypto/mlkem768.h"
#include "sshd/crypto/sntrup761.h"

const struct kem kem_mlkem768 = {
    .seed_len = MLKEM768_SEED_LEN,
    .coins_len = MLKEM768_COINS_LEN,
    .public_len = MLKEM768_PUBLIC_LEN,
    .private_len = MLKEM768_PRIVATE_LEN,
    .ciphertext_len = MLKEM768_CIPHERTEXT_LEN,
    .shared_len = MLKEM768_SHARED_LEN,
    .generate = mlkem768_generate,
    .encapsulate = mlkem768_encapsulate,
    .decapsulate = mlkem768_decapsulate,
};

const struct kem kem_sntrup761 = {
    .seed_len = SNTRUP761_SEED_LEN,
    .coins_len = SNTRUP761_COINS_LEN,
    .public_len = SNTRUP761_PUBLIC_LEN,
    .private_len = SNTRUP761_PRIVATE_LEN,
    .ciphertext_len = SNTRUP761_CIPHERTEXT_LEN,
    .shared_len = SNTRUP761_SHARED_LEN,
    .generate = sntrup761_generate,
    .encapsulate = sntrup761_encapsulate,
    .decapsulate = sntrup761_decapsulate,
};
