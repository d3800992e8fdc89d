/* Numbers and durations in text, and peer text made safe to show. */
#pragma once

#include "sshd/base/buf.h"

/* Decimal digits only, no sign, no blanks. ERR_MALFORMED, ERR_RANGE (above max). */
enum err text_parse_u64(struct slice text, uint64_t max, uint64_t *value);

/* Octal digits only. */
enum err text_parse_octal(struct slice text, uint64_t max, uint64_t *value);

/* Lower-case hex of `bytes`, appended. */
enum err text_append_hex(struct buf *out, struct slice bytes);

/* Base64 of RFC 4648 section 4; decoding takes padded or unpadded text, nothing else. */
enum err text_append_base64(struct buf *out, struct slice bytes, bool is_padded);
enum err text_parse_base64(struct slice text, struct buf *out);

/*
 * Appends text that came from outside so that a log line or terminal shows it and nothing
 * else happens: printable ASCII as it is, the backslash doubled, other bytes as \NNN (octal). At most `limit`
 * bytes of input, then "...".
 */
enum err text_append_escaped(struct buf *out, struct slice text, size_t limit);

/* True for well-formed UTF-8 without surrogates, overlong forms or zero bytes. */
bool text_is_utf8(struct slice text);

/* ASCII without regard to case, independent of the locale. */
bool text_equal_ignoring_case(struct slice a, struct slice b);

/*
 * The whole text against one pattern: "*" stands for any bytes, "?" for one. Takes at most
 * len(text) * len(pattern) steps.
 */
bool text_matches_pattern(struct slice text, struct slice pattern);
