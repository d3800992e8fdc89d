/*
 * Payload compression, RFC 4253 section 6.2: one zlib stream for each direction and key
 * exchange, flushed at the end of every payload. Used as zlib@openssh.com, that is, after
 * authentication only.
 */
#pragma once

#include "sshd/transport/stream_buffer.h"

struct compressor;
struct decompressor;

/* ERR_NO_MEMORY. */
enum err compressor_new(struct compressor **out);
void compressor_free(struct compressor *compressor);

/* A payload never grows by more than this. */
#define COMPRESSION_GROWTH_LIMIT 256u

/* The slice is valid until the next call. ERR_LIMIT: longer than any packet. */
enum err compressor_apply(
    struct compressor *compressor, struct slice payload, struct slice *compressed);

enum err decompressor_new(struct decompressor **out);
void decompressor_free(struct decompressor *decompressor);

/*
 * The payload is valid until the next call. ERR_COMPRESSION: no such stream, an empty payload,
 * or one of more than a packet can hold (a few bytes may unfold to a thousand times as many).
 */
enum err decompressor_apply(
    struct decompressor *decompressor, struct slice compressed, struct slice *payload);
