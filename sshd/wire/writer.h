/*
 * Bounded writing with a sticky error (RFC 4251 section 5), into bytes that the caller owns:
 * an outgoing packet, a datagram, a stack array. After the first failure nothing is written.
 */
#pragma once

#include "sshd/base/err.h"
#include "sshd/base/slice.h"

struct writer {
	struct span room; /* all of it */
	size_t len;       /* how much is written */
	enum err err;
};

struct writer writer_into(struct span room);

void write_byte(struct writer *w, uint8_t value);
void write_boolean(struct writer *w, bool value);
void write_u32(struct writer *w, uint32_t value);
void write_u64(struct writer *w, uint64_t value);
void write_bytes(struct writer *w, struct slice bytes);
void write_string(struct writer *w, struct slice bytes);
void write_text(struct writer *w, const char *text); /* as a string */

/*
 * For a string whose length is known later: the position of its length field, to be handed
 * to write_string_end when its content is written.
 */
size_t write_string_begin(struct writer *w);
void write_string_end(struct writer *w, size_t position);

/* `len` bytes to be filled by the caller; an empty span after a failure. */
struct span write_room(struct writer *w, size_t len);

/* ERR_LIMIT: the room was too small. `written` is set on success only and may be NULL. */
enum err writer_finish(const struct writer *w, struct slice *written);

/* What is written so far; empty after a failure. */
struct slice writer_view(const struct writer *w);
