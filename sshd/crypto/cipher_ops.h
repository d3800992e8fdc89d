/* What one kind of cipher does; the rows of algorithms.def name these. Inside this room only. */
#pragma once

#include "sshd/crypto/cipher.h"

/* The beginning of every cipher's own state. */
struct cipher {
	const struct cipher_algorithm *algorithm;
	enum cipher_direction direction;
};

/* Functions that a kind has no use for are NULL. */
struct cipher_ops {
	size_t state_size;
	/* Fills the zeroed rest of the state. What it made until an error, `stop` unmakes. */
	enum err (*start)(struct cipher *cipher, struct slice key, struct slice iv);
	void (*stop)(struct cipher *cipher);
	/* As the functions of cipher.h; packets are 4 bytes at least. */
	enum err (*seal)(struct cipher *, uint32_t sequence_number, struct span packet, uint8_t *tag);
	enum err (*open_length)(struct cipher *, uint32_t sequence_number,
	    const uint8_t first[static 4], uint32_t *packet_length);
	enum err (*open)(struct cipher *, uint32_t sequence_number, struct span packet,
	    const uint8_t *tag);
	enum err (*apply)(struct cipher *, struct span bytes);
};

extern const struct cipher_ops cipher_chacha20poly1305, cipher_aes_gcm, cipher_aes_ctr;
