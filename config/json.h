/* Writing JSON (RFC 8259). The caller writes the commas and braces; these write the values. */
#pragma once

#include "sshd/base/buf.h"

/* A string in quotes. Bytes that are not UTF-8 become U+FFFD, one each. NULL: null. */
enum err json_append_text(struct buf *out, const char *text);
enum err json_append_string(struct buf *out, struct slice text);

/* "name":"text", with a comma in front unless `is_first`. */
enum err json_append_member(struct buf *out, bool is_first, const char *name, const char *text);
enum err json_append_number(struct buf *out, bool is_first, const char *name, uint64_t number);
enum err json_append_flag(struct buf *out, bool is_first, const char *name, bool value);
